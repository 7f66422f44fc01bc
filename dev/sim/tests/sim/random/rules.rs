//! Random rules, as people would write them, over everything a rule may ask of a person.

use proptest::prelude::*;

use super::history::ZONES;

type Text = BoxedStrategy<String>;

/// Lengths of windows and of steps; instants to look at are so long after events.
pub const LENGTHS: [(&str, i64); 7] = [
    ("30 seconds", 30),
    ("10 minutes", 600),
    ("2 hours", 7_200),
    ("1 day", 86_400),
    ("50 hours", 180_000),
    ("5 days", 432_000),
    ("12 days", 1_036_800),
];

/// Rules; each may refer to those before it and to the list `vip`.
pub fn rules() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(rule(), 1..9).prop_map(|rules| {
        let named = |(place, mut rule): (usize, String)| {
            for reference in 0..REFERENCES {
                let id = match usize::from(reference) % (place + 1) {
                    0 => "vip".to_owned(),
                    before => super::audience_id(before - 1),
                };
                rule = rule.replace(&format!("#{reference}"), &id);
            }
            rule
        };
        rules.into_iter().enumerate().map(named).collect()
    })
}

const REFERENCES: u8 = 7;

fn rule() -> impl Strategy<Value = String> {
    test().prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| all(&parts, " and ")),
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| all(&parts, " or ")),
            1 => inner.prop_map(|inner| format!("not ({inner})")),
        ]
    })
}

fn all(parts: &[String], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
    parts.join(word)
}

fn one_of(texts: &[&'static str]) -> Text {
    prop::sample::select(texts.to_vec())
        .prop_map(str::to_owned)
        .boxed()
}

fn join(parts: Vec<Text>) -> Text {
    parts.prop_map(|parts| parts.concat()).boxed()
}

fn just(text: &'static str) -> Text {
    Just(text.to_owned()).boxed()
}

fn test() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => of_traits(),
        8 => number(),
        5 => time(),
        3 => key(),
        2 => several(),
        4 => sequence(),
        4 => feature(),
        3 => of_person(),
        2 => (0..REFERENCES).prop_map(|n| format!("in audience \"#{n}\"")),
    ]
}

fn of_traits() -> Text {
    one_of(&[
        r#"traits.plan = "p1""#,
        r#"traits.plan != "p1""#,
        r#"traits.plan in ["p0", 7]"#,
        r#"traits.plan not in ["p0", 7]"#,
        "traits.plan exists",
        "traits.plan is missing",
        r#"traits.plan contains "p1""#,
        r#"traits.plan starts with "P""#,
        r#"traits.plan matches "p1*""#,
        r#"traits.plan.name = "p1""#,
        "traits.score > 3",
        "traits.score <= 4",
        "traits.score = 3",
        r#"traits.tags contains "a""#,
        r#"traits.address.city = "Rome""#,
        "traits.address.zip >= 100",
        "traits.flag",
        "not traits.flag",
        "traits.flag = false",
        "traits.renewal_at < now + 2 days",
        "traits.renewal_at - 3 hours > now",
        "now = traits.renewal_at",
        "days_until(traits.renewal_at) <= 2",
        "days_since(traits.renewal_at) in [0, 3]",
        "anniversary(traits.birthday) <= now + 3 days",
        "anniversary(traits.birthday) < now",
        "days_until(anniversary(traits.birthday)) = 2",
        "anniversary(traits.birthday) exists",
        // A feature that is published as a trait.
        "traits.views_3d >= 2",
        r#"traits.favourite = "shoes""#,
        r#"traits.views_by_category.hats >= 1"#,
    ])
}

fn length() -> Text {
    prop::sample::select(LENGTHS.to_vec())
        .prop_map(|(text, _)| text.to_owned())
        .boxed()
}

/// With the comma before it.
fn window() -> Text {
    let calendar = one_of(&[
        ", today",
        ", this week",
        ", this month",
        ", this year",
        ", last 1 calendar day",
        ", last 3 calendar days",
    ]);
    let zone = prop::sample::select(ZONES.to_vec()).prop_map(|zone| format!(" in \"{zone}\""));
    prop_oneof![
        2 => just(""),
        4 => length().prop_map(|length| format!(", {length}")),
        2 => calendar.clone(),
        1 => (calendar, zone).prop_map(|(calendar, zone)| calendar + &zone),
    ]
    .boxed()
}

fn filter() -> Text {
    let plain = one_of(&[
        "any",
        "page",
        "page \"Home\"",
        "identify",
        "\"Product Viewed\"",
        "\"Product Viewed\"",
        "\"Product Added\"",
        "\"Order Completed\"",
        "\"Order Completed\"",
        "\"Never Sent\"",
    ]);
    let chosen = one_of(&[
        r#""Product Viewed" where category = "shoes""#,
        r#""Product Viewed" where price > 20 and price <= 70"#,
        r#""Product Viewed" where not category = "hats" or brand exists"#,
        r#""Product Added" where brand in ["b0", "b7"]"#,
        r#""Order Completed" where revenue >= 30"#,
        r#""Order Completed" where category != "bags""#,
        r#"any where category = "shoes""#,
        r#"identify where plan = "p1""#,
        r#"page where context.timezone = "Asia/Taipei""#,
    ]);
    prop_oneof![3 => plain, 2 => chosen].boxed()
}

fn comparison() -> Text {
    one_of(&[" >= ", " > ", " < ", " <= ", " = ", " != "])
}

fn number() -> Text {
    let count = join(vec![
        one_of(&["count(", "count(", "days_active(", "streak("]),
        filter(),
        window(),
        just(")"),
        comparison(),
        (0..5u8).prop_map(|n| n.to_string()).boxed(),
    ]);
    let distinct = join(vec![
        just("distinct("),
        filter(),
        one_of(&[", of category", ", of price", ", of plan"]),
        window(),
        just(")"),
        comparison(),
        (0..4u8).prop_map(|n| n.to_string()).boxed(),
    ]);
    let money = join(vec![
        one_of(&["sum(", "min(", "max(", "average("]),
        filter(),
        one_of(&["", ", of price", ", of revenue"]),
        window(),
        just(")"),
        comparison(),
        (0..150u8).prop_map(|n| n.to_string()).boxed(),
    ]);
    let keyed = join(vec![
        one_of(&["count(", "sum(", "min(", "max(", "average("]),
        filter(),
        one_of(&[", by category", ", by brand", ", by price"]),
        window(),
        just(")"),
        one_of(&[r#"["shoes"]"#, r#"["hats"]"#, r#"["b0"]"#, "[20]"]),
        comparison(),
        (0..90u8).prop_map(|n| (n / 20).pow(2).to_string()).boxed(),
    ]);
    let compared = join(vec![
        just("count("),
        filter(),
        window(),
        just(") > count("),
        filter(),
        window(),
        just(")"),
    ]);
    prop_oneof![4 => count, 1 => distinct, 3 => money, 3 => keyed, 1 => compared].boxed()
}

fn moment() -> Text {
    join(vec![
        one_of(&["first(", "last("]),
        filter(),
        window(),
        just(")"),
    ])
}

fn time() -> Text {
    let near = join(vec![moment(), comparison(), just("now - "), length()]);
    let days = join(vec![
        just("days_since("),
        moment(),
        just(")"),
        comparison(),
        (0..6u8).prop_map(|n| n.to_string()).boxed(),
    ]);
    let known = join(vec![moment(), one_of(&[" exists", " is missing"])]);
    let compared = join(vec![
        moment(),
        one_of(&[" < ", " > ", " + 1 day > "]),
        moment(),
    ]);
    let clock = one_of(&[
        "local_hour >= 9 and local_hour < 17",
        "local_hour in [0, 2, 3]",
        "local_hour = 2",
        r#"local_weekday = "sunday""#,
        r#"local_weekday not in ["monday", "friday"]"#,
    ]);
    prop_oneof![2 => near, 2 => days, 1 => known, 1 => compared, 2 => clock].boxed()
}

fn key() -> Text {
    join(vec![
        one_of(&["top(", "first(", "last("]),
        filter(),
        one_of(&[", of category", ", of brand", ", of price", ", of plan"]),
        window(),
        just(")"),
        one_of(&[
            r#" = "shoes""#,
            r#" != "hats""#,
            r#" in ["bags", "b1", "p1"]"#,
            " > 20",
            " is missing",
            r#" contains "s""#,
        ]),
    ])
}

fn several() -> Text {
    join(vec![
        just("top("),
        filter(),
        one_of(&[", 2", ", 3"]),
        one_of(&[" of category", " of brand", " of price"]),
        window(),
        just(")"),
        one_of(&[r#" contains "shoes""#, r#" contains "b1""#, " is missing"]),
    ])
}

fn sequence() -> Text {
    let step = || {
        let within = prop_oneof![
            Just(String::new()),
            length().prop_map(|of| format!(" within {of}"))
        ];
        (filter(), within).prop_map(|(filter, within)| format!(", {filter}{within}"))
    };
    let absent =
        (filter(), length()).prop_map(|(of, within)| format!(", not {of} within {within}"));
    let steps = prop_oneof![
        2 => step().prop_map(|step| step),
        1 => (step(), step()).prop_map(|(one, two)| one + &two),
        2 => absent.clone(),
        1 => (step(), absent).prop_map(|(step, absent)| step + &absent),
    ];
    (filter(), steps, length())
        .prop_map(|(first, rest, window)| format!("sequence({first}{rest}, {window})"))
        .boxed()
}

fn feature() -> Text {
    one_of(&[
        "features.event_count >= 5",
        "features.purchase_count in [1, 2]",
        "features.purchase_revenue > 60",
        "features.product_view_count > features.purchase_count",
        "features.page_view_count = 0",
        "features.cart_item_count >= 1",
        "features.cart_add_count >= 2",
        "features.days_since_last_seen >= 2",
        "features.days_since_last_purchase in [0, 1]",
        "features.first_seen_at > now - 4 days",
        "features.last_seen_at < now - 90 minutes",
        "features.last_purchase_at is missing",
        r#"features.last_viewed_item = "p1""#,
        r#"features.last_viewed_category in ["hats", "bags"]"#,
        "features.views_3d >= 2",
        "features.spent_this_month > 100",
        r#"features.favourite = "hats""#,
        r#"features.views_by_category["shoes"] >= 2"#,
        r#"features.views_by_category["bags"] = 0"#,
        r#"features.spent_by_category["hats"] > 30"#,
        "features.spent_by_category exists",
        r#"features.brands contains "b0""#,
        r#"features.taste = "shoes""#,
        r#"features.taste["shoes"] > 0.2713"#,
        r#"affinity("taste", "hats") > 0.3713"#,
        r#"affinity("category", "shoes") > 0.4137"#,
        r#"affinity("brand", "b0") <= 0.5171"#,
    ])
}

fn of_person() -> Text {
    one_of(&[
        "consent.marketing",
        "consent.marketing = false",
        "consent.marketing is missing",
        "not consent.analytics",
        r#"identifier("email") exists"#,
        r#"identifier("user_id") = "u1""#,
        r#"identifier("anonymous_id") is missing"#,
        r#"reachable("email")"#,
        r#"in audience "vip""#,
    ])
}
