//! Campaigns: what the client names, else what the page's address says.

use percent_encoding::percent_decode_str;

use super::{Campaign, Facts, cut};

/// Click ids that networks add to addresses: parameter, network, medium.
const CLICK_IDS: [(&str, &str, &str); 10] = [
    ("gclid", "google", "cpc"),
    ("gbraid", "google", "cpc"),
    ("wbraid", "google", "cpc"),
    ("dclid", "google", "display"),
    ("msclkid", "bing", "cpc"),
    ("ttclid", "tiktok", "cpc"),
    ("twclid", "twitter", "cpc"),
    ("li_fat_id", "linkedin", "cpc"),
    ("fbclid", "facebook", "social"),
    ("igshid", "instagram", "social"),
];

/// `context.campaign` first, then `utm_*` of the page's address, then click ids.
pub(super) fn read(facts: &Facts<'_>) -> Campaign {
    let named = &facts.campaign;
    let mut campaign = Campaign {
        source: cut(&named.source),
        medium: cut(&named.medium),
        name: cut(&named.name),
        term: cut(&named.term),
        content: cut(&named.content),
    };
    let query = query(facts);
    if query.is_empty() {
        return campaign;
    }
    let mut clicked = None;
    for (key, value) in query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .take(200)
    {
        let member = match key {
            "utm_source" => &mut campaign.source,
            "utm_medium" => &mut campaign.medium,
            "utm_campaign" => &mut campaign.name,
            "utm_term" => &mut campaign.term,
            "utm_content" => &mut campaign.content,
            _ => {
                let click = CLICK_IDS
                    .iter()
                    .find(|(id, ..)| *id == key && !value.is_empty());
                clicked = clicked.or(click);
                continue;
            }
        };
        if member.is_empty() {
            *member = decode(value);
        }
    }
    if let (Some((_, source, medium)), true) = (clicked, campaign.source.is_empty()) {
        campaign.source = (*source).to_owned();
        if campaign.medium.is_empty() {
            campaign.medium = (*medium).to_owned();
        }
    }
    campaign
}

fn query<'a>(facts: &'a Facts<'_>) -> &'a str {
    let search = facts.page_search.trim_start_matches('?');
    if !search.is_empty() {
        return search;
    }
    let address = facts.page_url.split('#').next().unwrap_or_default();
    address.split_once('?').map_or("", |(_, query)| query)
}

fn decode(value: &str) -> String {
    let spaced = value.replace('+', " ");
    cut(percent_decode_str(&spaced).decode_utf8_lossy().trim())
}
