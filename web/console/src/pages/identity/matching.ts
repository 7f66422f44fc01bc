/** Whether anybody is compared at all. */
import type { IdentitySpec } from "../../api/identity.ts";

export function isMatching(spec: Partial<IdentitySpec> | undefined): boolean {
  return Boolean(spec?.probabilistic?.records || spec?.probabilistic?.visitors);
}
