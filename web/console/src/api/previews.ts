/** Links that show a change on the real page. */
import { client, taken } from "./client.ts";
import type { components } from "./schema.d.ts";

export type PreviewLinkRequest = components["schemas"]["PreviewLinkRequest"];
export type PreviewLink = components["schemas"]["PreviewLink"];

export const createPreviewLink = (body: PreviewLinkRequest): Promise<PreviewLink> =>
  taken(client.POST("/api/v1/preview-links", { body }));
