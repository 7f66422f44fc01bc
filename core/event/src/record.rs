//! The closed list of records, and their stored form.

use kith_base::members::{Members, content, text};
use kith_base::{Json, Timestamp, limits};
use serde::{Deserialize, Serialize};

use crate::{CouponsAdded, Event, GrantAsked, Identifier, Kind, ProbableLinks, Verdict};

/// Place of a record in the log: 0, 1, 2, … without gaps.
pub type Position = u64;

/// Stored bytes begin with this; a change that older code cannot read gets the next number.
const VERSION: u8 = 1;

/// Everything that may enter the log.
#[expect(clippy::large_enum_variant, reason = "nearly every record is an event")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Record {
    /// Something a person did.
    Event(Event),
    /// Input that could not become an event, kept so that it can be tried again.
    Refused(Refused),
    /// A refused input became an event after all.
    Redriven(Redriven),
    /// A definition got a new revision.
    Definition(DefinitionChange),
    /// Several definitions got new revisions at once: they are compiled together.
    Definitions(Vec<DefinitionChange>),
    /// Catalog items were written or deleted.
    Catalog(CatalogChange),
    /// A decision was taken.
    Decision(DecisionTaken),
    /// Somebody is to get an offer that has limits.
    Grant(GrantAsked),
    /// An offer got coupon codes.
    Coupons(CouponsAdded),
    /// People were put on a list, or taken off it.
    List(ListChange),
    /// The past of these series is folded. Written by the runtime when it is.
    CaughtUp(Vec<u64>),
    /// The past of these series, cancelled before its end, is folded up to these positions.
    /// Written by the runtime, so that replay stops at the same place.
    Reached(Vec<(u64, Position)>),
    /// An operator says who is one person, or who is not.
    Verdict(Verdict),
    /// What matching found probable, and what it found so no longer.
    Probable(ProbableLinks),
    /// Somebody cancels a computation, or lets it go on.
    Job(JobChange),
    /// Changes of membership were sent to a webhook, or could not be.
    Deliveries(Deliveries),
    /// Dead letters of a webhook are to be sent again.
    Resend(Resend),
    /// What is known of people left as a file.
    Export(Export),
    /// Time passed: due timers fire up to this instant. Written by the runtime, so that replay
    /// sees the same clock.
    Tick(Timestamp),
}

/// Input that was not accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// Source of the write key.
    pub source: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Which kind the path named, for a new try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Machine-readable reason.
    pub code: String,
    /// The reason in words, with the fix.
    pub message: String,
    /// The member at fault; empty when the whole text is.
    #[serde(default)]
    pub field: String,
    /// The bytes as text, cut at the limit, invalid UTF-8 replaced.
    pub raw: String,
}

/// A refused input that was accepted on a later try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redriven {
    /// Where the refusal stands in the log.
    pub refused: Position,
    /// When it was tried again.
    pub at: Timestamp,
    /// The event it became.
    pub message_id: String,
    /// Who tried it again; empty in records of versions that did not keep it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The text it was corrected to; absent when it was tried as it came. What came stays with
    /// the refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// A new revision of a definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefinitionChange {
    /// Such as `placement`.
    pub kind: String,
    /// Id within the kind.
    pub id: String,
    /// For people.
    pub name: String,
    /// True when this revision takes the definition out of use.
    pub archived: bool,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// The document.
    pub spec: Json,
}

/// People put on the list that an audience is, or taken off it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListChange {
    /// Id of the audience.
    pub audience: String,
    /// When.
    pub at: Timestamp,
    /// Put on.
    #[serde(default)]
    pub add: Vec<Identifier>,
    /// Taken off.
    #[serde(default)]
    pub remove: Vec<Identifier>,
}

/// Computing an audience or a feature is cancelled, or goes on where it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobChange {
    /// Kind of the definition: `audience` or `feature`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// True when it stops, false when it goes on.
    pub cancelled: bool,
    /// When.
    pub at: Timestamp,
    /// Who wants it.
    pub by: String,
}

/// Names a change of membership: the record that caused it, and which of the record's.
pub type ChangePlace = (Position, u32);

/// What became of sending changes of membership to a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deliveries {
    /// Id of the webhook.
    pub webhook: String,
    /// When.
    pub at: Timestamp,
    /// Changes before this place were tried, or do not concern the webhook.
    pub through: ChangePlace,
    /// One each of the changes that were tried.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// Changes that were not sent, for want of consent.
    #[serde(default)]
    pub withheld: u64,
    /// The endpoint answered that it wants no more: nothing is sent until the webhook is changed.
    #[serde(default)]
    pub gone: bool,
}

/// One try of one delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The change that was sent.
    pub change: ChangePlace,
    /// What came of it.
    pub outcome: Outcome,
    /// Status that the endpoint answered; `None` when it did not answer.
    #[serde(default)]
    pub status: Option<u16>,
    /// What the endpoint answered, or why it could not be reached.
    #[serde(default)]
    pub detail: String,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub took_ms: u32,
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The endpoint took it.
    Delivered,
    /// It is tried again at this instant.
    Retry(Timestamp),
    /// It was the last try: a dead letter.
    Dead,
}

/// Dead letters that somebody wants to be sent again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Resend {
    /// Id of the webhook.
    pub webhook: String,
    /// When.
    pub at: Timestamp,
    /// Who wants it.
    pub by: String,
    /// Which.
    pub changes: Vec<ChangePlace>,
}

/// A file that somebody took out; told when it is begun and again when it is finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// The instant it was begun, in milliseconds with 13 digits, and random letters.
    pub export_id: String,
    /// When it was begun.
    pub at: Timestamp,
    /// Who took it.
    pub by: String,
    /// Whose: id of an audience; empty for everybody.
    #[serde(default)]
    pub audience: String,
    /// Such as `csv`, `parquet` or `google`.
    pub format: String,
    /// When it was finished; `None` when it was just begun.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// Whether everything was written.
    #[serde(default)]
    pub complete: bool,
    /// Rows written.
    #[serde(default)]
    pub rows: u64,
    /// Persons left out, by reason.
    #[serde(default)]
    pub withheld: std::collections::BTreeMap<String, u64>,
}

/// Catalog items written (`item` holds the whole item) or deleted (`item` is absent).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CatalogChange {
    /// When.
    pub at: Timestamp,
    /// Item id and the new item.
    pub items: Vec<(String, Option<Json>)>,
}

/// One decision, with everything needed to take it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionTaken {
    /// Id of the decision (a UUID).
    pub decision_id: String,
    /// Placement that was filled.
    pub placement: String,
    /// Identifiers the caller gave.
    pub identifiers: Vec<Identifier>,
    /// When it was taken.
    pub at: Timestamp,
    /// The record as the API shows it, byte for byte.
    pub record: Json,
    /// Inputs of the decision that the API record does not show, for replay.
    #[serde(default)]
    pub inputs: Json,
}

/// Stored bytes that are not a record.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No bytes, or a version this program does not know.
    #[error("stored record has version {0:?}, this program reads up to {VERSION}")]
    Version(Option<u8>),
    /// Known version, wrong content.
    #[error("stored record cannot be read: {0}")]
    Content(#[from] rmp_serde::decode::Error),
}

impl Record {
    /// Records that write many definitions, in order. All those of one record are in force at
    /// once, and compiled once.
    pub fn definitions(changes: Vec<DefinitionChange>) -> Vec<Self> {
        let mut left = changes.into_iter().peekable();
        let mut records = Vec::new();
        while left.peek().is_some() {
            let some = left.by_ref().take(limits::DEFINITIONS_PER_RECORD_MAX);
            records.push(Record::Definitions(some.collect()));
        }
        records
    }

    /// The stored form.
    pub fn encode(&self) -> Vec<u8> {
        let body = match self {
            Record::Decision(taken) => taken.record.as_str().len() + taken.inputs.as_str().len(),
            _ => 0,
        };
        let mut bytes = Vec::with_capacity(1_024 + body);
        bytes.push(VERSION);
        rmp_serde::encode::write_named(&mut bytes, self)
            .expect("writing a record to memory cannot fail: every member has a MessagePack form");
        bytes
    }

    /// Reads the stored form of this and every earlier version.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        match bytes.split_first() {
            Some((&VERSION, content)) => Ok(rmp_serde::from_slice(content)?),
            other => Err(DecodeError::Version(other.map(|(version, _)| *version))),
        }
    }

    /// Kind and name of a stored event, read from its first members; `None` for every other
    /// record, and for what cannot be read.
    pub fn event_label(bytes: &[u8]) -> Option<(Kind, &str)> {
        let stored = bytes.strip_prefix(&[VERSION])?;
        let (record, event) = Members::of(stored).ok()?.next()?.ok()?;
        if content(record) != Ok(b"event") {
            return None;
        }
        let mut kind = None;
        for member in Members::of(event).ok()? {
            let (name, value) = member.ok()?;
            match content(name).ok()? {
                b"kind" => kind = rmp_serde::from_slice(value).ok(),
                b"name" => return Some((kind?, text(value).ok()?)),
                b"source" | b"message_id" => {}
                _ => return Some((kind?, "")),
            }
        }
        Some((kind?, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: Kind, name: &str) -> Record {
        Record::Event(Event {
            source: "shop".to_owned(),
            message_id: "m1".to_owned(),
            kind,
            name: name.to_owned(),
            identifiers: vec![Identifier::new("user_id", "1")],
            received_at: Timestamp::ZERO,
            occurred_at: Timestamp::ZERO,
            original_at: None,
            properties: Json::empty(),
            traits: Json::empty(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: crate::Enrichment::default(),
        })
    }

    #[test]
    fn the_label_of_a_stored_event_is_read_alone() {
        let check = |record: Record, expect: Option<(Kind, &str)>| {
            assert_eq!(Record::event_label(&record.encode()), expect);
        };
        check(
            event(Kind::Track, "Product Viewed"),
            Some((Kind::Track, "Product Viewed")),
        );
        check(event(Kind::Identify, ""), Some((Kind::Identify, "")));
        check(Record::Tick(Timestamp::ZERO), None);
        check(Record::CaughtUp(vec![1]), None);
        let change = CatalogChange {
            at: Timestamp::ZERO,
            items: Vec::new(),
        };
        check(Record::Catalog(change), None);
    }

    #[test]
    fn many_definitions_fill_records_to_their_limit() {
        let change = |number: usize| DefinitionChange {
            kind: "offer".to_owned(),
            id: number.to_string(),
            name: String::new(),
            archived: false,
            author: String::new(),
            at: Timestamp::ZERO,
            spec: Json::empty(),
        };
        let most = limits::DEFINITIONS_PER_RECORD_MAX;
        for (count, sizes) in [(0, vec![]), (most, vec![most]), (most + 1, vec![most, 1])] {
            let records = Record::definitions((0..count).map(change).collect());
            let parts = records.iter().map(|record| match record {
                Record::Definitions(changes) => changes.clone(),
                other => panic!("{other:?}"),
            });
            let parts: Vec<Vec<DefinitionChange>> = parts.collect();
            assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), sizes);
            assert_eq!(parts.concat(), (0..count).map(change).collect::<Vec<_>>());
            for record in &records {
                assert_eq!(&Record::decode(&record.encode()).unwrap(), record);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_record_have_no_label() {
        let whole = event(Kind::Track, "Product Viewed").encode();
        for length in 0..whole.len().min(60) {
            Record::event_label(&whole[..length]);
        }
        assert_eq!(Record::event_label(b""), None);
        assert_eq!(Record::event_label(&[2, 0x81]), None);
    }
}
