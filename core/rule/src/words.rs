//! Facts as a marketer would say them: `they viewed products 4 times`, `the visitor is signed in`.
//!
//! Names that the built-in features, the shopping events and the usual identifiers carry have
//! words of their own here; every other name is the user's own and is only freed of underscores.

use std::fmt::Write as _;

use kith_base::Value;

use crate::explain::{write_time, write_value};
use crate::{FactKey, Path, history};

/// What a number on the other side of a comparison counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measure {
    Plain,
    /// A share of 1, said in percent.
    Share,
    /// Whole days.
    Days,
}

impl Measure {
    /// What values of a fact are measured in.
    pub(crate) fn of(key: &FactKey) -> Self {
        match key {
            FactKey::Affinity { .. } | FactKey::Interest { key: Some(_), .. } => Measure::Share,
            FactKey::Feature(name) if name.starts_with("days_since_") => Measure::Days,
            _ => Measure::Plain,
        }
    }

    /// Writes a value in this measure.
    pub(crate) fn write(self, value: &Value, out: &mut String) {
        match (self, value.as_number()) {
            (Measure::Share, Some(share)) => {
                let _ = write!(out, "{}%", (share * 1e3).round() / 10.0);
            }
            (Measure::Days, Some(1.0)) => out.push_str("1 day"),
            (Measure::Days, Some(_)) => {
                write_value(value, out);
                out.push_str(" days");
            }
            _ => write_value(value, out),
        }
    }
}

/// How often something was done: once, 3 times.
const TIMES: &str = "{times}";
/// The value itself.
const VALUE: &str = "{value}";

/// A built-in feature: its name, what it is, how to say its value, how to say that there is none.
type Feature = [&'static str; 4];

#[rustfmt::skip]
const FEATURES: [Feature; 26] = [
    ["event_count", "the number of their events",
        "they did something {times}", "they did nothing so far"],
    ["page_view_count", "the number of their page views",
        "they viewed pages {times}", "they viewed no page"],
    ["product_view_count", "the number of their product views",
        "they viewed products {times}", "they viewed no product"],
    ["cart_add_count", "how often they put products into the cart",
        "they put products into the cart {times}", "they put no product into the cart"],
    ["cart_item_count", "the number of products in their cart",
        "the number of products in their cart is {value}", "their cart is empty"],
    ["purchase_count", "the number of their orders",
        "they ordered {times}", "they never ordered"],
    ["purchase_revenue", "the revenue of their orders",
        "the revenue of their orders is {value}", "they never ordered"],
    ["first_seen_at", "their first visit",
        "they were first seen on {value}", "they were never seen"],
    ["last_seen_at", "their last visit",
        "they were last seen on {value}", "they were never seen"],
    ["first_purchase_at", "their first order",
        "they first ordered on {value}", "they never ordered"],
    ["last_purchase_at", "their last order",
        "they last ordered on {value}", "they never ordered"],
    ["days_since_last_seen", "the time since their last visit",
        "they were last seen {value} ago", "they were never seen"],
    ["days_since_last_purchase", "the time since their last order",
        "they last ordered {value} ago", "they never ordered"],
    ["last_viewed_item", "the item they viewed last",
        "the item they viewed last is {value}", "they viewed no item"],
    ["last_viewed_category", "the category they viewed last",
        "the category they viewed last is {value}", "they viewed no category"],
    ["last_search", "what they searched for last",
        "they last searched for {value}", "they searched for nothing"],
    ["first_referrer", "the site they first came from",
        "they first came from {value}", "the site they first came from is not known"],
    ["first_campaign_source", "the campaign source of their first visit",
        "the campaign source of their first visit is {value}",
        "they first came without a campaign"],
    ["last_campaign_source", "the last campaign source they came from",
        "the last campaign source they came from is {value}", "they came from no campaign"],
    ["device_type", "their device", "their device is {value}", "their device is not known"],
    ["browser", "their browser", "their browser is {value}", "their browser is not known"],
    ["os", "their operating system",
        "their operating system is {value}", "their operating system is not known"],
    ["locale", "their language", "their language is {value}", "their language is not known"],
    ["country", "their country", "they were in {value} last", "their country is not known"],
    ["region", "their region", "they were in {value} last", "their region is not known"],
    ["city", "their city", "they were in {value} last", "their city is not known"],
];

/// What people do in the shopping events of the Segment spec, in the past tense.
const DEEDS: [(&str, &str); 13] = [
    ("Product Viewed", "viewed products"),
    ("Product Clicked", "clicked a product"),
    ("Product List Viewed", "viewed a list of products"),
    ("Products Searched", "searched for products"),
    ("Product Added", "put products into the cart"),
    ("Product Removed", "took a product out of the cart"),
    (
        "Product Added to Wishlist",
        "put a product on the wish list",
    ),
    ("Cart Viewed", "viewed the cart"),
    ("Checkout Started", "started to check out"),
    ("Order Completed", "ordered"),
    ("Order Refunded", "had an order refunded"),
    ("Coupon Applied", "used a coupon"),
    ("Signed Up", "signed up"),
];

/// What is done in a shopping event, in the past tense; any other event is done by its name.
pub(crate) fn deed_in_words(event: &str) -> String {
    deed(event).map_or_else(|| format!("did \"{event}\""), str::to_owned)
}

fn deed(event: &str) -> Option<&'static str> {
    let found = DEEDS.iter().find(|(name, _)| *name == event)?;
    Some(found.1)
}

/// Says a fact with its value. False when that settles every comparison: nothing is known, or
/// it never happened.
pub(crate) fn write_fact(key: &FactKey, value: &Value, out: &mut String) -> bool {
    if history::write_fact(key, value, out) {
        return !value.is_null();
    }
    let never = value.is_null() || matches!(value, Value::Int(0));
    match key {
        FactKey::Count(event) => write_deed(event, "", value, never, out),
        FactKey::First(event) => write_deed(event, "first ", value, value.is_null(), out),
        FactKey::Last(event) => write_deed(event, "last ", value, value.is_null(), out),
        FactKey::Feature(name) => return write_feature(name, value, out),
        FactKey::Interest {
            feature, key: None, ..
        } => return write_feature(feature, value, out),
        FactKey::Consent(category) => {
            out.push_str(match value {
                Value::Bool(true) => "they agreed to ",
                Value::Bool(false) => "they refused ",
                _ => "they have not agreed to ",
            });
            write_words(category, out);
        }
        FactKey::Affinity { dimension, key }
        | FactKey::Interest {
            feature: dimension,
            key: Some(key),
            ..
        } if never => {
            out.push_str("they have shown no interest in the ");
            write_words(dimension, out);
            let _ = write!(out, " \"{key}\"");
        }
        FactKey::Identifier(namespace) if value.is_null() => write_presence(namespace, false, out),
        FactKey::Sum(_) | FactKey::Trait(_) | FactKey::Context(_) if value.is_null() => {
            write_subject(key, out);
            out.push_str(" is not known");
        }
        _ => {
            write_subject(key, out);
            let several = matches!(value, Value::List(list) if list.len() > 1);
            out.push_str(if several { " are " } else { " is " });
            Measure::of(key).write(value, out);
        }
    }
    let share = Measure::of(key) == Measure::Share;
    let counts = share || matches!(key, FactKey::Count(_));
    !(value.is_null() || counts && never)
}

fn write_deed(event: &str, which: &str, value: &Value, never: bool, out: &mut String) {
    let _ = match (deed(event), never) {
        (Some(deed), true) => write!(out, "they never {deed}"),
        (Some(deed), false) => write!(out, "they {which}{deed} "),
        (None, true) => write!(out, "\"{event}\" never happened"),
        (None, false) => write!(out, "\"{event}\" {which}happened "),
    };
    match value {
        _ if never => {}
        Value::Time(time) => {
            out.push_str("on ");
            write_time(*time, out);
        }
        _ => write_times(value, out),
    }
}

fn of_name(name: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|[known, ..]| *known == name)
}

fn write_feature(name: &str, value: &Value, out: &mut String) -> bool {
    let counted = matches!(value, Value::Int(0));
    let Some([_, _, known, none]) = of_name(name) else {
        out.push_str("their ");
        write_words(name, out);
        if value.is_null() {
            out.push_str(" is not known");
        } else {
            out.push_str(" is ");
            write_value(value, out);
        }
        return !value.is_null();
    };
    let zero = counted && (known.contains(TIMES) || name == "cart_item_count");
    if value.is_null() || zero {
        out.push_str(none);
        return false;
    }
    if let Some((before, after)) = known.split_once(TIMES) {
        out.push_str(before);
        write_times(value, out);
        out.push_str(after);
    } else if let Some((before, after)) = known.split_once(VALUE) {
        out.push_str(before);
        Measure::of(&FactKey::Feature(name.to_owned())).write(value, out);
        out.push_str(after);
    }
    true
}

/// Says that an identifier is there or not; which one it is concerns nobody.
pub(crate) fn write_presence(namespace: &str, present: bool, out: &mut String) {
    let _ = match namespace {
        "user_id" if present => write!(out, "the visitor is signed in"),
        "user_id" => write!(out, "the visitor is not signed in"),
        _ => {
            write_identifier(namespace, out);
            write!(
                out,
                "{}",
                if present {
                    " is known"
                } else {
                    " is not known"
                }
            )
        }
    };
}

fn write_identifier(namespace: &str, out: &mut String) {
    match namespace {
        "user_id" => out.push_str("their user id"),
        "anonymous_id" => out.push_str("their browser"),
        "email" => out.push_str("their e-mail address"),
        "phone" => out.push_str("their phone number"),
        other => {
            out.push_str("their ");
            write_words(other, out);
        }
    }
}

/// Names a fact without its value.
pub(crate) fn write_subject(key: &FactKey, out: &mut String) {
    let _ = match key {
        FactKey::Trait(path) => {
            out.push_str("their ");
            write_path(path, out);
            Ok(())
        }
        FactKey::Context(path) => {
            out.push_str("the ");
            write_path(path, out);
            Ok(())
        }
        FactKey::Feature(name)
        | FactKey::Interest {
            feature: name,
            key: None,
            ..
        } => {
            match of_name(name) {
                Some([_, subject, ..]) => out.push_str(subject),
                None => {
                    out.push_str("their ");
                    write_words(name, out);
                }
            }
            Ok(())
        }
        FactKey::Keyed { feature, key } => {
            out.push_str("their ");
            write_words(feature, out);
            write!(out, " \"{key}\"")
        }
        FactKey::Consent(category) => write!(out, "their consent to {category}"),
        FactKey::Count(event) => match deed(event) {
            Some(deed) => write!(out, "how often they {deed}"),
            None => write!(out, "the number of \"{event}\""),
        },
        FactKey::Sum(event) => write!(out, "the total value of \"{event}\""),
        FactKey::First(event) => write!(out, "the first \"{event}\""),
        FactKey::Last(event) => write!(out, "the last \"{event}\""),
        FactKey::Affinity { dimension, key }
        | FactKey::Interest {
            feature: dimension,
            key: Some(key),
            ..
        } => {
            out.push_str("their interest in the ");
            write_words(dimension, out);
            write!(out, " \"{key}\"")
        }
        FactKey::Identifier(namespace) => {
            write_identifier(namespace, out);
            Ok(())
        }
        other => {
            history::write_subject(other, out);
            Ok(())
        }
    };
}

pub(crate) fn write_path(path: &Path, out: &mut String) {
    for (n, part) in path.parts().iter().enumerate() {
        out.push_str(if n > 0 { " " } else { "" });
        write_words(part, out);
    }
}

/// `loyalty_tier` and `loyaltyTier` as `loyalty tier`.
fn write_words(name: &str, out: &mut String) {
    let mut lower = false;
    for char in name.chars() {
        match char {
            '_' | '-' => out.push(' '),
            _ if lower && char.is_ascii_uppercase() => {
                out.push(' ');
                out.push(char.to_ascii_lowercase());
            }
            _ => out.push(char),
        }
        lower = char.is_ascii_lowercase();
    }
}

fn write_times(value: &Value, out: &mut String) {
    if matches!(value, Value::Int(1)) {
        return out.push_str("once");
    }
    write_value(value, out);
    out.push_str(" times");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use kith_base::Timestamp;

    use super::*;
    use crate::{Expr, FactSet, Rule, Slots};

    fn said(facts: &BTreeMap<String, Value>, text: &str) -> String {
        let mut set = FactSet::default();
        let rule = Rule::compile(&Expr::parse(text).expect("a rule"), &mut set);
        rule.reason(&Slots::new(&set, facts, Timestamp::ZERO))
    }

    #[test]
    fn what_is_not_known_reads_as_a_sentence() {
        let nothing = BTreeMap::new();
        for (rule, sentence) in [
            (
                "identifier(\"user_id\") exists",
                "the visitor is not signed in",
            ),
            (
                "identifier(\"email\") is missing",
                "their e-mail address is not known",
            ),
            ("features.purchase_count >= 1", "they never ordered"),
            (
                "features.days_since_last_purchase > 30",
                "they never ordered",
            ),
            (
                "features.first_campaign_source = \"x\"",
                "they first came without a campaign",
            ),
            (
                "count(\"Balloon Released\") = 1",
                "\"Balloon Released\" never happened",
            ),
            (
                "affinity(\"brand\", \"Acme\") > 0.5",
                "they have shown no interest in the brand \"Acme\"",
            ),
            ("consent.analytics", "they have not agreed to analytics"),
            (
                "traits.loyaltyTier exists",
                "their loyalty tier is not known",
            ),
            (
                "context.page.cart_total > 1",
                "the page cart total is not known",
            ),
        ] {
            assert_eq!(said(&nothing, rule), sentence, "{rule}");
        }
    }

    const KNOWN: &[(&str, &str)] = &[
        ("identifier(\"user_id\") exists", "the visitor is signed in"),
        (
            "identifier(\"email\") exists",
            "their e-mail address is known",
        ),
        (
            "identifier(\"user_id\") = \"42\"",
            "their user id is \"42\"",
        ),
        (
            "features.product_view_count >= 3",
            "they viewed products 3 times, which is at least 3",
        ),
        ("features.page_view_count = 1", "they viewed pages once"),
        ("features.purchase_count = 0", "they never ordered"),
        ("features.purchase_count < 3", "they never ordered"),
        (
            "features.days_since_last_seen <= 7",
            "they were last seen 1 day ago, which is at most 7 days",
        ),
        (
            "features.last_search = \"boots\"",
            "they last searched for \"tent\", not \"boots\"",
        ),
        (
            "features.device_type in [\"mobile\", \"tablet\"]",
            "their device is \"mobile\", one of \"mobile\", \"tablet\"",
        ),
        (
            "count(\"Order Completed\") >= 1",
            "they ordered once, which is at least 1",
        ),
        (
            "count(\"Balloon Released\") > 5",
            "\"Balloon Released\" happened 2 times, which is not more than 5",
        ),
        (
            "sum(\"Order Completed\") > 100",
            "the total value of \"Order Completed\" is 120.5, which is more than 100",
        ),
        ("consent.analytics", "they agreed to analytics"),
        (
            "context.cart_total > 20",
            "the cart total is 30, which is more than 20",
        ),
        ("traits.vip", "their vip is yes"),
        ("in audience \"fans\"", "they are in the audience \"fans\""),
    ];

    #[test]
    fn what_is_known_of_a_person_reads_as_a_sentence() {
        let facts: BTreeMap<String, Value> = [
            ("identifier(\"user_id\")", Value::from("42")),
            ("identifier(\"email\")", Value::from("ada@example.com")),
            ("features.product_view_count", Value::Int(3)),
            ("features.page_view_count", Value::Int(1)),
            ("features.purchase_count", Value::Int(0)),
            ("features.days_since_last_seen", Value::Int(1)),
            ("features.last_search", Value::from("tent")),
            ("features.device_type", Value::from("mobile")),
            ("count(\"Order Completed\")", Value::Int(1)),
            ("count(\"Balloon Released\")", Value::Int(2)),
            ("sum(\"Order Completed\")", Value::Float(120.5)),
            ("consent.analytics", Value::Bool(true)),
            ("context.cart_total", Value::Int(30)),
            ("traits.vip", Value::Bool(true)),
            ("in audience \"fans\"", Value::Bool(true)),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        for (rule, sentence) in KNOWN.iter().copied() {
            assert_eq!(said(&facts, rule), sentence, "{rule}");
        }
    }
}
