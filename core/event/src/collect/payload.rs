//! The parts of an event that stay JSON: properties, traits, context and the unclaimed rest.

use core::net::IpAddr;
use std::borrow::Cow;

use kith_base::Json;
use serde_json::value::{RawValue, to_raw_value};

use super::raw::{self, Members, Raw};
use super::{IpPolicy, Reason};

/// A member that must be an object; anything else is set aside with a reason.
pub(super) fn object<'a>(
    field: &'static str,
    raw: Raw<'a>,
    aside: &mut Vec<(Cow<'a, str>, &'a RawValue)>,
    reasons: &mut Vec<Reason>,
) -> Raw<'a> {
    let object = raw::object(raw);
    if let (Some(raw), None) = (raw, object)
        && raw.get() != "\"\""
    {
        aside.push((Cow::Borrowed(field), raw));
        reasons.push(Reason::NotAnObject {
            field,
            found: raw::found(raw),
        });
    }
    object
}

/// The members of both, those of `over` where both have one.
pub(super) fn union(over: Raw<'_>, under: Raw<'_>) -> Option<Json> {
    let bare = |raw: &&RawValue| raw.get() != "{}";
    match (over.filter(bare), under.filter(bare)) {
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => Some(Json::from_raw(one)),
        (Some(over), Some(under)) if over.get() == under.get() => Some(Json::from_raw(over)),
        (Some(over), Some(under)) => {
            let members = Members::read(over.get()).fill_from(Members::read(under.get()));
            Some(members.json())
        }
    }
}

/// The properties of a page or screen, with the name and category clients put beside them.
pub(super) fn page_properties(
    properties: Raw<'_>,
    name: Raw<'_>,
    category: Raw<'_>,
) -> Option<Json> {
    let text = properties.map_or("{}", RawValue::get);
    let lacks = |raw: &Raw<'_>, key: &str| {
        raw.is_some_and(|raw| raw.get() != "\"\"") && !text.contains(key)
    };
    let (name_lacks, category_lacks) = (lacks(&name, "\"name\""), lacks(&category, "\"category\""));
    if !name_lacks && !category_lacks {
        return properties.map(Json::from_raw);
    }
    let mut members = Members::read(text);
    members.0.extend(
        name.filter(|_| name_lacks)
            .map(|raw| (Cow::Borrowed("name"), raw)),
    );
    members.0.extend(
        category
            .filter(|_| category_lacks)
            .map(|raw| (Cow::Borrowed("category"), raw)),
    );
    Some(members.json())
}

/// The context as it may be kept: `ip` only as far as the policy allows.
pub(super) fn context(context: Raw<'_>, has_ip: bool, ip: &str, policy: IpPolicy) -> Option<Json> {
    let kept = match policy {
        IpPolicy::PlaceOnly | IpPolicy::Remove => None,
        IpPolicy::Keep => ip.parse::<IpAddr>().ok(),
        IpPolicy::StripLastOctet => ip.parse::<IpAddr>().ok().map(without_last_octet),
    };
    if !has_ip && kept.is_none() {
        return context.map(Json::from_raw);
    }
    let kept = kept.and_then(|ip| to_raw_value(&ip.to_string()).ok());
    let mut members = Members::read(context.map_or("{}", RawValue::get));
    members.0.retain(|(key, _)| key != "ip");
    members
        .0
        .extend(kept.as_deref().map(|ip| (Cow::Borrowed("ip"), ip)));
    Some(members.json())
}

/// The address without what tells one household from the next.
pub(super) fn without_last_octet(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}
