/** Carrying the visitor's id to the site's other domains, on listed links and for two minutes. */
import { LINK_AGE_MAX_MS } from "./limits.ts";

/** `example.com` also stands for its subdomains, never for `notexample.com`. */
export function listed(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}

export function decorate(href: string, anonymousId: string, now: number): string {
  const [address = "", fragment] = href.split("#");
  const bare = address.replace(/([?&])kith_id=[^&]*&?/, "$1").replace(/[?&]$/, "");
  const sign = bare.includes("?") ? "&" : "?";
  const link = `${bare}${sign}kith_id=${anonymousId}.${now.toString(36)}`;
  return fragment === undefined ? link : `${link}#${fragment}`;
}

/** The id a decorated link brought, if it is fresh, well formed and comes from a listed site. */
export function arrived(
  search: string,
  referrerHost: string,
  domains: readonly string[],
  now: number,
): string | null {
  const [id = "", at = ""] = (new URLSearchParams(search).get("kith_id") || "").split(".");
  const age = now - parseInt(at, 36);
  const fresh = age >= -LINK_AGE_MAX_MS && age <= LINK_AGE_MAX_MS;
  return fresh && /^[\da-f-]{36}$/.test(id) && listed(referrerHost, domains) ? id : null;
}
