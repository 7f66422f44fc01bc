/** The page an event happened on: campaign, click ids and other things told by its address. */

export interface PageInfo {
  url: string;
  path: string;
  title: string;
  referrer: string;
  search: string;
  campaign?: Record<string, string>;
}

const CLICK_IDS = "[a-z]+clid|msclkid|[gw]braid|li_fat_id";
const OWN = "kith_id|kith_debug";

export function campaignOf(search: string): Record<string, string> | undefined {
  const found: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(search)) {
    // Segment calls `utm_campaign` the name of the campaign.
    if (name.startsWith("utm_") && value) found[name.slice(4).replace("campaign", "name")] = value;
  }
  return Object.keys(found).length ? found : undefined;
}

export function cleanUrl(url: string, marketing: boolean): string {
  const names = marketing ? OWN : `${OWN}|${CLICK_IDS}`;
  return url
    .replace(new RegExp(`([?&])(?:(?:${names})(?:=[^&#]*)?(?:&|(?=#|$)))+`, "g"), "$1")
    .replace(/[?&](?=#|$)/, "");
}
