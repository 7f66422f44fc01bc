//! What the server derives from an event: browser, device, language, place, referrer, campaign.
//!
//! Deriving is a pure function of [`Facts`], a classified [`Device`] and a given [`Geo`], and
//! its rules carry a [`VERSION`], so that the same event always derives the same members.
//! Classifying a user agent is the one slow part: callers may keep [`Device`]s by user agent.

mod campaign;
mod device;
mod language;
mod referrer;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use device::{Device, Hints};

/// Version of the rules below; raised whenever the same facts would derive something else.
pub const VERSION: u8 = 1;

/// Longest derived text, in characters; longer ones are cut.
const TEXT_MAX_CHARS: usize = 200;

/// Derived members; empty text means unknown. `version` names the rules that derived them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Enrichment {
    /// Version of the enrichment rules; 0 when nothing was derived.
    pub version: u8,
    /// Such as `Chrome`, `Safari`, `LINE`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub browser: String,
    /// Such as `131.0.0.0`, or the major number alone where the client tells no more.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub browser_version: String,
    /// `Windows`, `macOS`, `iOS`, `Android`, `Linux`, `ChromeOS` or as the client names it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// Such as `17.2`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub os_version: String,
    /// `desktop`, `mobile`, `tablet`, `tv` or `console`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub device_type: String,
    /// A crawler, a monitor or a headless browser.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// Language alone, lower case: `zh`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
    /// Language, script and region in their usual case: `zh-Hant-TW`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub locale: String,
    /// ISO 3166 code from the address, never the address itself: `TW`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub country: String,
    /// First subdivision, in English.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// City, in English.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub city: String,
    /// Host the visitor came from, without `www.`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub referrer_host: String,
    /// `search`, `social`, `mail`, `ai`, `internal`, `direct` or `other`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub referrer_type: String,
    /// The campaign named by the client or by the page's address.
    #[serde(skip_serializing_if = "Campaign::is_empty")]
    pub campaign: Campaign,
}

/// A campaign in the words of `utm_*`; empty text means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Campaign {
    /// `utm_source`, or the network a click id belongs to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// `utm_medium`, or `cpc` for the click id of an advertisement.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub medium: String,
    /// `utm_campaign`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// `utm_term`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub term: String,
    /// `utm_content`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub content: String,
}

impl Campaign {
    /// True when nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Campaign::default()
    }
}

/// What an event says about its circumstances; every member may be empty.
#[derive(Clone, Debug, Default)]
pub struct Facts<'a> {
    /// The browser's or app's user agent, not that of a server-side library.
    pub user_agent: Cow<'a, str>,
    /// Client hints of the browser.
    pub hints: Hints<'a>,
    /// `context.device.type` of an app.
    pub device_type: Cow<'a, str>,
    /// `context.device.model` of an app.
    pub device_model: Cow<'a, str>,
    /// `context.os.name` of an app.
    pub os: Cow<'a, str>,
    /// `context.os.version` of an app.
    pub os_version: Cow<'a, str>,
    /// Such as `en-US` or `zh_TW`.
    pub locale: Cow<'a, str>,
    /// Address of the page.
    pub page_url: Cow<'a, str>,
    /// Query of the page's address, with or without the question mark.
    pub page_search: Cow<'a, str>,
    /// Address the visitor came from.
    pub referrer: Cow<'a, str>,
    /// The network address the event came from, as text; used for geo look-up, never kept.
    pub ip: Cow<'a, str>,
    /// `context.campaign`.
    pub campaign: CampaignFacts<'a>,
}

/// `context.campaign` as sent.
#[derive(Clone, Debug, Default)]
pub struct CampaignFacts<'a> {
    /// `source`.
    pub source: Cow<'a, str>,
    /// `medium`.
    pub medium: Cow<'a, str>,
    /// `name`, else `campaign`.
    pub name: Cow<'a, str>,
    /// `term`.
    pub term: Cow<'a, str>,
    /// `content`.
    pub content: Cow<'a, str>,
}

/// Coarse place of a network address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Geo {
    /// ISO 3166 code.
    pub country: String,
    /// First subdivision, in English.
    pub region: String,
    /// City, in English.
    pub city: String,
}

/// Derives everything, from nothing but its arguments.
pub fn derive(facts: &Facts<'_>, device: &Device, geo: &Geo) -> Enrichment {
    let locale = language::locale(&facts.locale);
    let referrer = referrer::classify(&facts.referrer, &facts.page_url);
    let app_os = device::os_name(&facts.os);
    Enrichment {
        version: VERSION,
        browser: device.browser.clone(),
        browser_version: device.browser_version.clone(),
        os: if app_os.is_empty() {
            device.os.clone()
        } else {
            cut(app_os)
        },
        os_version: if app_os.is_empty() || facts.os_version.is_empty() {
            device.os_version.clone()
        } else {
            cut(&facts.os_version)
        },
        device_type: device::app_type(facts)
            .unwrap_or(device.device_type.as_str())
            .to_owned(),
        bot: device.bot,
        language: locale.split('-').next().unwrap_or_default().to_owned(),
        locale,
        country: geo.country.clone(),
        region: geo.region.clone(),
        city: geo.city.clone(),
        referrer_host: cut(&referrer.host),
        referrer_type: referrer.kind.to_owned(),
        campaign: campaign::read(facts),
    }
}

/// The first [`TEXT_MAX_CHARS`] characters.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT_MAX_CHARS) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
