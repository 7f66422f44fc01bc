//! One event as it came: the members we know, each as raw JSON, and the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::raw::{Key, Raw};

/// No member is typed here: one of the wrong type must not cost the event.
#[derive(Default)]
pub(super) struct Wire<'a> {
    pub(super) kind: Raw<'a>,
    pub(super) event: Raw<'a>,
    pub(super) name: Raw<'a>,
    pub(super) category: Raw<'a>,
    pub(super) user_id: Raw<'a>,
    pub(super) anonymous_id: Raw<'a>,
    pub(super) previous_id: Raw<'a>,
    pub(super) group_id: Raw<'a>,
    pub(super) message_id: Raw<'a>,
    pub(super) timestamp: Raw<'a>,
    pub(super) original_timestamp: Raw<'a>,
    pub(super) sent_at: Raw<'a>,
    pub(super) properties: Raw<'a>,
    pub(super) traits: Raw<'a>,
    pub(super) context: Raw<'a>,
    pub(super) integrations: Raw<'a>,
    pub(super) merge_properties: Raw<'a>,
    pub(super) write_key: Raw<'a>,
    pub(super) extra: Vec<(Cow<'a, str>, &'a RawValue)>,
}

impl Wire<'_> {
    /// True for an object that can hardly be anything but an event.
    pub(super) fn is_recognisable(&self) -> bool {
        (self.kind.is_some() || self.message_id.is_some())
            && (self.user_id.is_some() || self.anonymous_id.is_some())
    }

    /// True when nothing of an event is there.
    pub(super) fn is_blank(&self) -> bool {
        let members = [
            self.kind,
            self.event,
            self.user_id,
            self.anonymous_id,
            self.message_id,
        ];
        members.iter().all(Option::is_none)
    }
}

impl<'a> Deserialize<'a> for Wire<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(WireVisitor)
    }
}

struct WireVisitor;

impl<'a> Visitor<'a> for WireVisitor {
    type Value = Wire<'a>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an event object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Wire<'a>, A::Error> {
        let mut wire = Wire::default();
        while let Some(Key(key)) = map.next_key()? {
            let value: &'a RawValue = map.next_value()?;
            if value.get() == "null" {
                continue;
            }
            let member = match &*key {
                "type" => &mut wire.kind,
                "event" => &mut wire.event,
                "name" => &mut wire.name,
                "category" => &mut wire.category,
                "userId" => &mut wire.user_id,
                "anonymousId" => &mut wire.anonymous_id,
                "previousId" => &mut wire.previous_id,
                "groupId" => &mut wire.group_id,
                "messageId" => &mut wire.message_id,
                "timestamp" => &mut wire.timestamp,
                "originalTimestamp" => &mut wire.original_timestamp,
                "sentAt" => &mut wire.sent_at,
                "properties" => &mut wire.properties,
                "traits" => &mut wire.traits,
                "context" => &mut wire.context,
                "integrations" => &mut wire.integrations,
                "mergeProperties" => &mut wire.merge_properties,
                "writeKey" => &mut wire.write_key,
                _ => {
                    wire.extra.push((key, value));
                    continue;
                }
            };
            *member = Some(value);
        }
        Ok(wire)
    }
}
