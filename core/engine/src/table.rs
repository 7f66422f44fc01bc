//! The typed tables over a partition's key space.
//!
//! | prefix | key | row |
//! |---|---|---|
//! | `n` | leader, node | [`NodeRow`]: identifier, person, fold |
//! | `F` | node that leads nobody | its leader |
//! | `l` | node, node | [`LinkRow`], under the smaller node first |
//! | `M` | node, and the first of further rows | whom it is linked with: [`LinkHead`]s, packed |
//! | `L` | node, node | [`VerdictRow`], written from both ends |
//! | `K` | position, number | [`RegroupRow`]: merges and splits in order |
//! | `J` | node, node | [`ProbableRow`], written from both ends |
//! | `j` | falling confidence, node, node | index of probable links |
//! | `p` | person | [`PersonRow`]: nodes |
//! | `t` | node, time, position | what happened: [`Entry`] |
//! | `s` | digest of source, kind, message id | [`SeenRow`] |
//! | `i` | text, namespace, node | index of identifiers and names for search |
//! | `d` | kind, id, revision | [`DefinitionRow`], every revision |
//! | `D` | kind, id | [`DefinitionRow`], the current one |
//! | `c` | item id | the item as JSON text |
//! | `w` | word, item id | index of item words for search |
//! | `a` | item id | [`ItemHeat`] |
//! | `r` | descending heat, item id | index of items by heat |
//! | `v` | item id, item id viewed close to it | decayed number of times |
//! | `o` | decision id | position of the decision |
//! | `x` | position | [`RefusedRow`] |
//! | `h` | minute | events of the minute |
//! | `H` | hour | [`HourRow`] |
//! | `q` | due time, what | timers |
//! | `e` | person | [`MembershipRow`] |
//! | `g` | audience, person | since when the person is a member |
//! | `k` | audience, node | since when the node is on a list |
//! | `G` | audience, hour | members at the end of the hour |
//! | `u` | position, number | [`MembershipChange`]: entries and exits in order |
//! | `U` | position, number | [`TraitChange`]: changes of computed traits, among the same numbers |
//! | `z` | person | [`TraitsRow`]: values of computed traits that webhooks were told |
//! | `b` | audience | [`JobRow`]: members being found |
//! | `f` | series | [`SeriesRow`] |
//! | `A` | account | [`AccountRow`]: traits |
//! | `P` | account, person | index of persons by account |
//! | `N` | account, audience | how many of its persons are in it; without one, how many there are |
//! | `B` | series | [`SiteRow`]: all interest of the site |
//! | `B` | series, hash, key | the site's interest in one key of an affinity |
//! | `C` | item id, descending position | what an item was from a position on |
//! | `W` | webhook | [`WebhookRow`] |
//! | `y` | webhook, state, position, number | [`DeliveryRow`] |
//! | `Y` | webhook, instant, position, number | index of deliveries to be tried again |
//! | `X` | export id | what left as a file |
//! | `E` | position | an event that repeated an earlier one |
//! | `O` | offer | [`OfferRow`]: what of it is granted |
//! | `R` | node, offer, descending position | [`GrantRow`] |
//! | `T` | offer, number | a coupon code that was uploaded |
//! | `V` | offer, code | nothing: the code is taken |
//! | `m` | name | counters and marks |
//!
//! A row is one version byte and a MessagePack map with named members; numbers in keys are
//! big-endian, so that byte order is their order.

use kith_base::{DecayedSum, Digest, NodeId, PersonId, Timestamp, limits};
use kith_event::{Position, Says};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::state::{Error, Read};

mod account;
mod adjacency;
mod affinity;
mod audience;
mod grant;
mod node;
mod probable;
mod rows;
mod timer;
mod webhook;

pub(crate) use account::ACCOUNT_NUMBER;
pub use account::{
    AccountRow, AccountWalk, account, account_members, account_person, account_size,
    persons_of_account,
};
pub use adjacency::{LinkHead, Neighbour, neighbours, neighbours_of, put_neighbours};
pub(crate) use adjacency::{few_neighbours, neighbour, put_few_neighbours};
pub use affinity::{SiteRow, item_at, item_version, site, site_key};

pub use audience::{
    MEMBERSHIPS, audience_hour, audience_hours_of, audience_size, job, jobs, listed, listed_of,
    member, member_person, members_of, membership, membership_change, membership_changes, series,
    series_rows,
};
pub use grant::{GrantRow, OfferRow, coupon, coupon_known, grant, grants, grants_of, offer};
pub use node::{NODES, leader, leader_of, node, node_id, nodes_from, nodes_of, read_node};
pub(crate) use node::{decode_parts, read_node_parts};
pub use probable::{
    ProbableRow, probable, probable_ends, probable_rank, probable_ranks_end, probable_ranks_from,
    probables,
};
pub use rows::{
    DefinitionRow, Entry, HourRow, IdentityEvent, ItemHeat, JobRow, LinkRow, MembershipChange,
    MembershipRow, NodeRow, PersonRow, RefusedRow, RegroupRow, SeenRow, SeriesRow, SourceHour,
    VerdictRow,
};
pub(crate) use timer::{instant_number, timers_due_from};
pub use timer::{timer, timer_place, timers_due};
pub use webhook::{
    DeliveryRow, DeliveryState, Happening, ToldTrait, TraitChange, TraitsRow, WATCHED, WebhookRow,
    deliveries_of, delivery, export, place_of, retries_until, retry, told_traits, trait_change,
    watched, webhook,
};

const VERSION: u8 = 1;

/// The stored form of a row.
pub fn encode<T: Serialize>(row: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    encode_into(row, &mut bytes);
    bytes
}

/// The stored form of a row in place of what `bytes` held: for rows of very different sizes, a
/// buffer that is used again does not grow again.
pub fn encode_into<T: Serialize>(row: &T, bytes: &mut Vec<u8>) {
    bytes.clear();
    bytes.push(VERSION);
    rmp_serde::encode::write_named(bytes, row)
        .expect("writing a row to memory cannot fail: every member has a MessagePack form");
}

/// Reads a row of this and every earlier version.
pub fn decode<T: DeserializeOwned>(key: &[u8], bytes: &[u8]) -> Result<T, Error> {
    let content = of_version(key, bytes)?;
    rmp_serde::from_slice(content).map_err(|error| damaged(key, &error.to_string()))
}

/// What a row holds behind its version.
fn of_version<'a>(key: &[u8], bytes: &'a [u8]) -> Result<&'a [u8], Error> {
    match bytes.split_first() {
        Some((&VERSION, content)) => Ok(content),
        Some((version, _)) => {
            let newer = format!("version {version} is newer than this program");
            Err(damaged(key, &newer))
        }
        None => Err(damaged(key, "the row is empty")),
    }
}

fn damaged(key: &[u8], reason: &str) -> Error {
    Error::Damaged {
        key: key.escape_ascii().to_string(),
        reason: reason.to_owned(),
    }
}

/// Reads the row under a key.
pub fn read<T: DeserializeOwned>(state: &dyn Read, key: &[u8]) -> Result<Option<T>, Error> {
    state.get(key)?.map(|bytes| decode(key, &bytes)).transpose()
}

/// Reads a big-endian number; 0 when absent.
pub fn read_number(state: &dyn Read, key: &[u8]) -> Result<u64, Error> {
    Ok(state.get(key)?.map_or(0, |bytes| number(&bytes)))
}

/// A big-endian number from the first eight bytes; 0 when there are fewer.
pub fn number(bytes: &[u8]) -> u64 {
    bytes
        .get(..8)
        .and_then(|eight| eight.try_into().ok())
        .map_or(0, u64::from_be_bytes)
}

fn key(prefix: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.push(prefix);
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// The first key after every key that begins with `prefix`.
pub fn end_of(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            return end;
        }
    }
    vec![u8::MAX; 64]
}

/// Key of a link.
pub fn link(one: NodeId, other: NodeId) -> Vec<u8> {
    key(b'l', &[&one.min(other).0, &one.max(other).0])
}

/// Key of a verdict as seen from `from`.
pub fn verdict(from: NodeId, to: NodeId) -> Vec<u8> {
    key(b'L', &[&from.0, &to.0])
}

/// Prefix of all verdicts of a node.
pub fn verdicts_of(node: NodeId) -> Vec<u8> {
    key(b'L', &[&node.0])
}

/// What operators said of a node and others and did not take back, by the others' ids.
pub fn verdicts(state: &dyn Read, of: NodeId) -> Result<Vec<(NodeId, VerdictRow)>, Error> {
    let prefix = verdicts_of(of);
    let rows = state.range(&prefix, &end_of(&prefix), limits::VERDICTS_PER_NODE_MAX)?;
    let read = |(key, bytes): &(Vec<u8>, Vec<u8>)| {
        let row: VerdictRow = decode(key, bytes)?;
        let target = link_target(key).filter(|_| row.says != Says::Withdrawn);
        Ok(target.map(|target| (target, row)))
    };
    rows.iter()
        .filter_map(|row| read(row).transpose())
        .collect()
}

/// Key of a merge or split.
pub fn regrouping(position: Position, number: u32) -> Vec<u8> {
    key(b'K', &[&position.to_be_bytes(), &number.to_be_bytes()])
}

/// The far end of a link key.
pub fn link_target(link_key: &[u8]) -> Option<NodeId> {
    Some(NodeId(link_key.get(17..33)?.try_into().ok()?))
}

/// Key of a person.
pub fn person(id: PersonId) -> Vec<u8> {
    key(b'p', &[&id.0])
}

fn ordered(time: Timestamp) -> [u8; 8] {
    ((time.as_millis() as u64) ^ (1 << 63)).to_be_bytes()
}

/// Key of a timeline entry.
pub fn timeline(node: NodeId, at: Timestamp, position: Position) -> Vec<u8> {
    key(b't', &[&node.0, &ordered(at), &position.to_be_bytes()])
}

/// Prefix of a node's timeline.
pub fn timeline_of(node: NodeId) -> Vec<u8> {
    key(b't', &[&node.0])
}

/// Time and position of a timeline key.
pub fn timeline_place(timeline_key: &[u8]) -> Option<(Timestamp, Position)> {
    let time = number(timeline_key.get(17..25)?) ^ (1 << 63);
    Some((
        Timestamp::from_millis(time as i64),
        number(timeline_key.get(25..33)?),
    ))
}

/// Key of a message id that was seen.
pub fn seen(digest: Digest) -> Vec<u8> {
    key(b's', &[&digest.0])
}

/// Key of an event that repeated an earlier one.
pub fn repeat(position: Position) -> Vec<u8> {
    key(b'E', &[&position.to_be_bytes()])
}

/// The events from one position up to another that repeated an earlier one.
pub fn repeats(state: &dyn Read, from: Position, to: Position) -> Result<Vec<Position>, Error> {
    let most = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
    let rows = state.range(&repeat(from), &repeat(to), most)?;
    Ok(rows.iter().map(|(key, _)| number(&key[1..])).collect())
}

/// Key of a search entry: lower-case text, then what it is, then the node.
pub fn search(text: &str, namespace: &str, node: NodeId) -> Vec<u8> {
    let text: String = text.to_lowercase().chars().take(64).collect();
    key(
        b'i',
        &[text.as_bytes(), &[0], namespace.as_bytes(), &[0], &node.0],
    )
}

/// Prefix of all search entries that begin with `text`.
pub fn search_prefix(text: &str) -> Vec<u8> {
    let text: String = text.to_lowercase().chars().take(64).collect();
    key(b'i', &[text.as_bytes()])
}

/// Key of a definition's revision.
pub fn definition_revision(kind: &str, id: &str, revision: u64) -> Vec<u8> {
    key(
        b'd',
        &[
            kind.as_bytes(),
            &[0],
            id.as_bytes(),
            &[0],
            &revision.to_be_bytes(),
        ],
    )
}

/// Key of a definition's current revision.
pub fn definition(kind: &str, id: &str) -> Vec<u8> {
    key(b'D', &[kind.as_bytes(), &[0], id.as_bytes()])
}

/// Prefix of the current definitions of a kind.
pub fn definitions_of(kind: &str) -> Vec<u8> {
    key(b'D', &[kind.as_bytes(), &[0]])
}

/// Key of a catalog item.
pub fn item(item_id: &str) -> Vec<u8> {
    key(b'c', &[item_id.as_bytes()])
}

/// Key of a word of an item.
pub fn item_word(word: &str, item_id: &str) -> Vec<u8> {
    key(b'w', &[word.as_bytes(), &[0], item_id.as_bytes()])
}

/// Key of an item's heat.
pub fn heat(item_id: &str) -> Vec<u8> {
    key(b'a', &[item_id.as_bytes()])
}

/// Key in the index by heat: hottest first.
pub fn heat_rank(rank: u64, item_id: &str) -> Vec<u8> {
    key(b'r', &[&rank.to_be_bytes(), item_id.as_bytes()])
}

/// A number whose ascending order is descending rank.
pub fn rank_key(rank: f64) -> u64 {
    let bits = rank.to_bits();
    let ascending = if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    };
    !ascending
}

/// Key of a partner of an item. Neither id holds a zero byte.
pub fn also_viewed(item_id: &str, partner: &str) -> Vec<u8> {
    key(b'v', &[item_id.as_bytes(), &[0], partner.as_bytes()])
}

/// The partners of an item, by id.
pub fn partners(state: &dyn Read, item_id: &str) -> Result<Vec<(String, DecayedSum)>, Error> {
    let prefix = also_viewed(item_id, "");
    let most = limits::ALSO_VIEWED_PARTNERS_MAX + crate::working::SPARE;
    let rows = state.range(&prefix, &end_of(&prefix), most)?;
    rows.into_iter()
        .map(|(key, bytes)| {
            let partner = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
            Ok((partner, decode(&key, &bytes)?))
        })
        .collect()
}

/// Key of a decision.
pub fn decision(decision_id: &str) -> Vec<u8> {
    key(b'o', &[decision_id.as_bytes()])
}

/// Key of a refused input.
pub fn refused(position: Position) -> Vec<u8> {
    key(b'x', &[&position.to_be_bytes()])
}

/// Key of a minute's event count.
pub fn minute(minute: u64) -> Vec<u8> {
    key(b'h', &[&minute.to_be_bytes()])
}

/// Key of an hour's counts.
pub fn hour(hour: u64) -> Vec<u8> {
    key(b'H', &[&hour.to_be_bytes()])
}

/// Key of a counter or mark.
pub fn mark(name: &str) -> Vec<u8> {
    key(b'm', &[name.as_bytes()])
}

/// Position after the last record that was applied.
pub const APPLIED: &str = "applied";
/// Number of events applied.
pub const EVENTS: &str = "events";
/// Number of persons.
pub const PERSONS: &str = "persons";
/// Number of catalog items.
pub const ITEMS: &str = "items";
/// Number of refused inputs not yet accepted on a later try.
pub const REFUSED_OPEN: &str = "refused-open";
/// How often a series was begun.
pub const GENERATION: &str = "generation";
/// The partition's clock, in milliseconds.
pub const CLOCK: &str = "clock";
/// Fingerprint of the identity rules under which every event so far found its node; 0 when they
/// changed.
pub const RESOLVED_BY: &str = "resolved-by";
/// Rules by which every component was divided; 0 while some are divided by others.
pub const DIVIDED_BY: &str = "divided-by";
/// Id of the job that divides everybody anew after the identity rules changed; no id of an audience
/// holds a colon.
pub const DIVISION_JOB: &str = "identity:rules";
/// Where the sweep of old message ids goes on.
pub const SWEEP: &str = "sweep";
/// No timer is due before this instant, as a number in the order of instants.
pub const TIMERS_FROM: &str = "timers-from";
/// Where the list of merges and splits begins.
pub const REGROUPINGS_FROM: &str = "regroupings-from";
/// Where the list of membership changes begins.
pub const CHANGES_FROM: &str = "changes-from";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_is_time_order() {
        let id = NodeId::of("user_id", "1");
        let at = |millis| timeline(id, Timestamp::from_millis(millis), 7);
        assert!(at(-5) < at(0) && at(0) < at(5));
        assert_eq!(
            timeline_place(&at(-5)),
            Some((Timestamp::from_millis(-5), 7))
        );
    }

    #[test]
    fn hotter_ranks_come_first() {
        let order = [100.5, 3.0, 0.0, -2.0, -1e6].map(rank_key);
        assert!(order.is_sorted());
    }

    #[test]
    fn end_of_a_prefix_is_past_it() {
        assert_eq!(end_of(b"ab"), b"ac");
        assert_eq!(end_of(b"a\xff"), b"b");
    }
}
