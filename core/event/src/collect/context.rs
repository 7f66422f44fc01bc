//! What is read out of an event's `context`, in one pass.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::Client;
use super::raw::{self, Raw};
use crate::enrich::{CampaignFacts, Facts, Hints};

/// The members of a context that anything here needs.
#[derive(Default)]
pub(super) struct Context<'a> {
    pub(super) facts: Facts<'a>,
    pub(super) traits: Raw<'a>,
    pub(super) external_ids: Vec<&'a RawValue>,
    pub(super) has_ip: bool,
}

impl<'a> Context<'a> {
    pub(super) fn read(text: &'a str, client: &Client<'a>) -> Self {
        let mut context = Context::default();
        raw::each(text, &mut |key, value| context.member(&key, value));
        let facts = &mut context.facts;
        if facts.user_agent.is_empty() && client.is_browser() {
            facts.user_agent = client.user_agent.into();
            if facts.hints == Hints::default() {
                facts.hints = client.hints();
            }
        }
        if facts.locale.is_empty() && client.is_browser() {
            facts.locale = client.accept_language.into();
        }
        // A server's own address would place all its visitors where the server stands.
        let on_device = !facts.user_agent.is_empty() || !facts.device_type.is_empty();
        if facts.ip.is_empty() && on_device {
            facts.ip = client.ip.into();
        }
        context
    }

    fn member(&mut self, key: &str, value: &'a RawValue) {
        let facts = &mut self.facts;
        match key {
            "traits" => self.traits = raw::object(Some(value)),
            "externalIds" | "externalId" => self.external_ids.extend(raw::elements(Some(value))),
            "userAgent" => facts.user_agent = raw::text_or_empty(Some(value)),
            "userAgentData" => facts.hints = hints(value),
            "locale" => facts.locale = raw::text_or_empty(Some(value)),
            "page" => page(facts, value),
            "referrer" => referrer(facts, value),
            "campaign" => facts.campaign = campaign(value),
            "device" => device(facts, value),
            "os" => os(facts, value),
            "ip" => {
                self.has_ip = true;
                facts.ip = address(raw::text_or_empty(Some(value)));
            }
            _ => {}
        }
    }
}

/// `0.0.0.0` is what RudderStack's clients send to hide the address.
fn address(text: Cow<'_, str>) -> Cow<'_, str> {
    if text == "0.0.0.0" {
        Cow::Borrowed("")
    } else {
        text
    }
}

fn page<'a>(facts: &mut Facts<'a>, value: &'a RawValue) {
    raw::each(value.get(), &mut |key, value| {
        let member = match &*key {
            "url" => &mut facts.page_url,
            "search" => &mut facts.page_search,
            "referrer" => &mut facts.referrer,
            _ => return,
        };
        *member = raw::text_or_empty(Some(value));
    });
}

/// The referrer of apps: an object in the Segment spec, an address in practice.
fn referrer<'a>(facts: &mut Facts<'a>, value: &'a RawValue) {
    if facts.referrer.is_empty() {
        facts.referrer = raw::text_or_empty(Some(value));
    }
    raw::each(value.get(), &mut |key, value| {
        if key == "url" && facts.referrer.is_empty() {
            facts.referrer = raw::text_or_empty(Some(value));
        }
    });
}

fn campaign<'a>(value: &'a RawValue) -> CampaignFacts<'a> {
    let mut campaign = CampaignFacts::default();
    raw::each(value.get(), &mut |key, value| {
        let member = match &*key {
            "source" => &mut campaign.source,
            "medium" => &mut campaign.medium,
            "name" | "campaign" => &mut campaign.name,
            "term" => &mut campaign.term,
            "content" => &mut campaign.content,
            _ => return,
        };
        *member = raw::text_or_empty(Some(value));
    });
    campaign
}

fn device<'a>(facts: &mut Facts<'a>, value: &'a RawValue) {
    raw::each(value.get(), &mut |key, value| match &*key {
        "type" => facts.device_type = raw::text_or_empty(Some(value)),
        "model" => facts.device_model = raw::text_or_empty(Some(value)),
        _ => {}
    });
}

fn os<'a>(facts: &mut Facts<'a>, value: &'a RawValue) {
    raw::each(value.get(), &mut |key, value| match &*key {
        "name" => facts.os = raw::text_or_empty(Some(value)),
        "version" => facts.os_version = raw::text_or_empty(Some(value)),
        _ => {}
    });
}

fn hints(value: &RawValue) -> Hints<'_> {
    let mut hints = Hints::default();
    raw::each(value.get(), &mut |key, value| match &*key {
        "brands" => hints.brands = value.get().into(),
        "platform" => hints.platform = raw::text_or_empty(Some(value)),
        "mobile" => hints.mobile = value.get() == "true",
        _ => {}
    });
    hints
}
