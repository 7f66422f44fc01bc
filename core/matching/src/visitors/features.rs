//! How the first session of a new visitor id compares with an earlier id.

use super::history::History;
use super::session::{Net, Session};
use super::site::{Part, Site};
use super::topics::Views;
use crate::boost::Trend;

/// What a feature compares, in the order of a row.
pub const NAMES: [&str; 49] = [
    "same address",
    "days since the address",
    "share of sessions from the address",
    "ids on the address in a day",
    "ids on the address in 30 days",
    "same network",
    "days since the network",
    "share of sessions from the network",
    "ids on the network in a day",
    "kind of line",
    "share of sessions on this kind of line",
    "share of sessions on mobile lines",
    "same system",
    "same model",
    "same screen",
    "same browser",
    "same language",
    "same zone",
    "same device",
    "versions forward",
    "versions ahead of time",
    "how common the device",
    "how common the model",
    "how common the screen",
    "how common the language",
    "how common the earlier browser",
    "how common the earlier system",
    "days since the last session",
    "days between sessions",
    "gap in usual gaps",
    "sessions",
    "days since the first session",
    "hour of the day",
    "shared items",
    "rareness of shared items",
    "taste",
    "views now",
    "views before",
    "candidates",
    "candidates on the address",
    "like devices on the address",
    "days since another followed",
    "ids in the chain",
    "taste of the chain",
    "hour of the day of the chain",
    "days since the chain",
    "address in the chain",
    "share of new views in the top topic",
    "likeness",
];

/// What returning visitors cannot teach: they are back sooner than those whose id was lost.
const NOT_OF_RETURNING: [&str; 15] = [
    "days since the address",
    "days since the network",
    "how common the earlier browser",
    "how common the earlier system",
    "days since the last session",
    "days between sessions",
    "gap in usual gaps",
    "sessions",
    "days since the first session",
    "views before",
    "days since another followed",
    "ids in the chain",
    "days since the chain",
    "versions ahead of time",
    "likeness",
];

/// Places of features that are looked up by themselves.
const SAME_NETWORK: usize = 5;
const TASTE: usize = 35;
const CHAIN_TASTE: usize = 43;
const TOP_TOPIC: usize = 47;
/// Place of the margin of the model of returning visitors.
pub(super) const LIKENESS: usize = 48;

/// Number of features.
pub(super) const WIDTH: usize = NAMES.len();
/// One pair of ids; NaN where there is nothing to compare.
pub(super) type Row = [f32; WIDTH];

const DAY_S: f32 = 86_400.0;
/// Views that the taste of somebody unknown weighs, against what they looked at.
const TASTE_PRIOR: f32 = 3.0;

/// Ways in which the answer may go with a feature, where there can be no doubt: with few log-ins
/// this keeps chance out of the model.
pub(super) fn trends() -> Vec<Trend> {
    let trend = |name: &&str| match *name {
        "likeness"
        | "same language"
        | "same zone"
        | "same device"
        | "taste"
        | "taste of the chain"
        | "hour of the day"
        | "hour of the day of the chain" => Trend::Rising,
        "days since the address" | "days since the network" => Trend::Falling,
        _ => Trend::Any,
    };
    NAMES.iter().map(trend).collect()
}

/// Whether the model of returning visitors may look at a feature.
pub(super) fn of_returning(feature: usize) -> bool {
    !NOT_OF_RETURNING.contains(&NAMES[feature])
}

/// Whether both were in one network: without that, nothing speaks for one household.
pub(super) fn is_near(row: &Row) -> bool {
    row[SAME_NETWORK] > 0.0
}

/// What all candidates of one session have in common.
pub(super) struct Around {
    candidates: f32,
    on_address: f32,
    like_on_address: f32,
    address_ids_day: f32,
    address_ids_month: f32,
    network_ids_day: f32,
    device_share: f32,
    topics: Views,
}

impl Around {
    pub fn new(session: &Session, earlier: &[&History], site: &Site) -> Self {
        let here = |old: &&&History| old.places.iter().any(|place| place.ip == session.ip);
        let like = |old: &&&History| old.device == session.device;
        let ids = |address: u64, days: i64| {
            ln(1.0 + site.ids_since(address, session.at_s - days * 86_400) as f32)
        };
        Around {
            candidates: earlier.len() as f32,
            on_address: earlier.iter().filter(here).count() as f32,
            like_on_address: earlier.iter().filter(here).filter(like).count() as f32,
            address_ids_day: ids(session.ip, 1),
            address_ids_month: ids(session.ip, 30),
            network_ids_day: ids(session.network, 1),
            device_share: ln(site.share(Part::Whole, session.device.signature())),
            topics: site
                .topics
                .count(session.items.iter().map(|item| (*item, 1))),
        }
    }
}

/// The features of one candidate; `chain` holds it and the ids linked with it.
pub(super) fn compare(
    session: &Session,
    old: &History,
    chain: &[&History],
    around: &Around,
    site: &Site,
) -> Row {
    let mut row = Vec::with_capacity(WIDTH);
    places(&mut row, session, old, around);
    device(&mut row, session, old, around, site);
    times(&mut row, session, old, site);
    items(&mut row, session, old, around, site);
    row.extend([around.candidates, around.on_address, around.like_on_address]);
    row.push(
        old.followers
            .last()
            .map_or(f32::NAN, |(_, at_s)| days(session, *at_s)),
    );
    chained(&mut row, session, chain, around, site);
    row.push(top_share(&around.topics, session.items.len()));
    row.push(f32::NAN);
    row.try_into()
        .expect("each part pushes the features that NAMES lists")
}

fn places(row: &mut Vec<f32>, session: &Session, old: &History, around: &Around) {
    let sessions = old.sessions as f32;
    let address = old.places.iter().rev().find(|place| place.ip == session.ip);
    let near = || {
        old.places
            .iter()
            .rev()
            .filter(|place| place.network == session.network)
    };
    let near_sessions: f32 = near().map(|place| f32::from(place.sessions)).sum();
    row.extend([
        yes(address.is_some()),
        address.map_or(f32::NAN, |place| days(session, place.last_s)),
        address.map_or(0.0, |place| f32::from(place.sessions) / sessions),
        around.address_ids_day,
        around.address_ids_month,
        yes(near().next().is_some()),
        near()
            .next()
            .map_or(f32::NAN, |place| days(session, place.last_s)),
        near_sessions / sessions,
        around.network_ids_day,
        session.net as usize as f32,
        f32::from(old.nets[session.net as usize]) / sessions,
        f32::from(old.nets[Net::Mobile as usize]) / sessions,
    ]);
}

fn device(row: &mut Vec<f32>, session: &Session, old: &History, around: &Around, site: &Site) {
    let (new, was) = (&session.device, &old.device);
    let same_browser = new.browser == was.browser && new.os == was.os;
    let step = if same_browser {
        f32::from(session.major) - f32::from(old.major)
    } else {
        f32::NAN
    };
    let model_known = new.model != 0 || was.model != 0;
    row.extend([
        yes(new.os == was.os),
        if model_known {
            yes(new.model == was.model)
        } else {
            f32::NAN
        },
        yes(new.screen == was.screen),
        yes(new.browser == was.browser),
        yes(new.language == was.language),
        yes(new.zone == was.zone),
        yes(new == was),
        step,
        // Browsers come out about every four weeks.
        step - days(session, old.last_s) / 28.0,
        around.device_share,
        if new.model == 0 {
            f32::NAN
        } else {
            ln(site.share(Part::Model, new.model))
        },
        ln(site.share(Part::Screen, new.screen)),
        ln(site.share(Part::Language, new.language)),
        site.share(Part::Browser, was.browser),
        site.share(Part::Os, was.os),
    ]);
}

fn times(row: &mut Vec<f32>, session: &Session, old: &History, site: &Site) {
    let gap = days(session, old.last_s);
    let usual = if old.sessions > 1 {
        (old.last_s - old.first_s) as f32 / DAY_S / (old.sessions - 1) as f32
    } else {
        f32::NAN
    };
    row.extend([
        gap,
        usual,
        gap / usual.max(0.04),
        old.sessions as f32,
        days(session, old.first_s),
        hour(session, &[old], site),
    ]);
    if usual.is_nan() {
        let place = row.len() - 4;
        row[place] = f32::NAN;
    }
}

fn items(row: &mut Vec<f32>, session: &Session, old: &History, around: &Around, site: &Site) {
    let (mut shared, mut rareness) = (0.0, 0.0);
    for (place, item) in session.items.iter().enumerate() {
        let first = !session.items[..place].contains(item);
        if first && old.items.iter().any(|(known, _)| known == item) {
            shared += 1.0;
            rareness -= ln(site.item_share(*item));
        }
    }
    row.extend([
        shared,
        rareness,
        taste(&around.topics, &[&old.topics], site),
        session.items.len() as f32,
        old.views as f32,
    ]);
}

fn chained(
    row: &mut Vec<f32>,
    session: &Session,
    chain: &[&History],
    around: &Around,
    site: &Site,
) {
    let here = |old: &&History| old.places.iter().any(|place| place.ip == session.ip);
    let topics: Vec<&Views> = chain.iter().map(|old| &old.topics).collect();
    row.extend([
        chain.len() as f32,
        taste(&around.topics, &topics, site),
        hour(session, chain, site),
        chain
            .iter()
            .map(|old| days(session, old.last_s))
            .fold(f32::INFINITY, f32::min),
        yes(chain.iter().any(here)),
    ]);
}

/// How much better the topics now fit to one person who also looked at those before than to
/// somebody else: the logarithm of the Bayes factor of two Dirichlet-multinomial draws.
pub(super) fn taste(now: &Views, before: &[&Views], site: &Site) -> f32 {
    let total: f32 = before
        .iter()
        .flat_map(|old| old.values())
        .map(|views| f32::from(*views))
        .sum();
    if total == 0.0 || now.is_empty() {
        return f32::NAN;
    }
    let mut factor = 0.0;
    let mut drawn = 0.0;
    for (topic, views) in now {
        let prior = TASTE_PRIOR * site.topic_share(*topic);
        let seen: u32 = before
            .iter()
            .filter_map(|old| old.get(topic))
            .map(|n| u32::from(*n))
            .sum();
        for again in 0..*views {
            let again = f32::from(again);
            let one = (prior + seen as f32 + again) / (TASTE_PRIOR + total + drawn);
            let other = (prior + again) / (TASTE_PRIOR + drawn);
            factor += ln(one / other);
            drawn += 1.0;
        }
    }
    factor
}

/// How much more usual the hour is for them than for the site.
fn hour(session: &Session, before: &[&History], site: &Site) -> f32 {
    let now = session.hour();
    let (mut near, mut all) = (0.0, 0.0);
    for old in before {
        for (hour, sessions) in old.hours.iter().enumerate() {
            let apart = (hour + 24 - now) % 24;
            let apart = apart.min(24 - apart) as f32;
            near += f32::from(*sessions) * libm::expf(-apart * apart / 8.0);
            all += f32::from(*sessions);
        }
    }
    // The bell over all hours sums up to five; two sessions of the site's hours are the prior.
    let base = site.hour_share(now);
    ln((near / 5.0 + 2.0 * base) / (all + 2.0) / base)
}

fn days(session: &Session, at_s: i64) -> f32 {
    (session.at_s - at_s) as f32 / DAY_S
}

fn yes(flag: bool) -> f32 {
    f32::from(u8::from(flag))
}

fn ln(number: f32) -> f32 {
    libm::logf(number)
}

/// Puts what follows from topics into a row anew, as when other topics were found. All are views
/// of items: now, by the earlier id, and by the ids linked with it.
pub(super) fn refresh(
    row: &mut Row,
    now: &[u32],
    before: &[(u32, u16)],
    chain: &[(u32, u16)],
    site: &Site,
) {
    let topics = site.topics.count(now.iter().map(|item| (*item, 1)));
    let before = site.topics.count(before.iter().copied());
    row[TASTE] = taste(&topics, &[&before], site);
    row[CHAIN_TASTE] = match chain {
        [] => row[TASTE],
        _ => taste(
            &topics,
            &[&before, &site.topics.count(chain.iter().copied())],
            site,
        ),
    };
    row[TOP_TOPIC] = top_share(&topics, now.len());
}

fn top_share(topics: &Views, views: usize) -> f32 {
    f32::from(topics.values().max().copied().unwrap_or(0)) / views.max(1) as f32
}
