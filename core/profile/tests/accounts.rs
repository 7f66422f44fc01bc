//! Accounts of a node, of a person, and what is known of one.

use kith_base::{Json, Timestamp, Value, limits};
use kith_event::{Commerce, Enrichment, Event, Identifier, Kind};
use kith_profile::{Account, Fold, accounts_of};

fn group(at: i64, account: &str, traits: &str) -> Event {
    let extra = format!(r#"{{"groupId":"{account}"}}"#);
    Event {
        source: "shop".into(),
        message_id: format!("{account}-{at}"),
        kind: Kind::Group,
        name: String::new(),
        identifiers: vec![Identifier::new("user_id", "1")],
        received_at: Timestamp::from_millis(at),
        occurred_at: Timestamp::from_millis(at),
        original_at: None,
        properties: Json::empty(),
        traits: Json::parse(traits).expect("a test writes JSON"),
        context: Json::empty(),
        extra: Json::parse(&extra).expect("a test writes JSON"),
        enrichment: Enrichment::default(),
    }
}

fn fold(events: &[Event]) -> Fold {
    let mut fold = Fold::default();
    for event in events {
        fold.add(event, &Commerce::read(&event.properties), &[]);
    }
    fold
}

fn ids(fold: &Fold) -> Vec<&str> {
    fold.accounts.iter().map(|(id, _)| id).collect()
}

#[test]
fn a_node_belongs_to_each_account_since_it_was_named_last() {
    let events = [
        group(5, "acme", "{}"),
        group(2, "zoo", r#"{"plan":"pro"}"#),
        group(3, "acme", "{}"),
    ];
    let fold = fold(&events);
    assert_eq!(ids(&fold), ["acme", "zoo"]);
    let named = fold.accounts.get("acme").expect("it was named");
    assert_eq!(named.at, Timestamp::from_millis(5));
    // What is said of an account is not said of the person.
    assert!(fold.traits.is_empty());
    assert_eq!(fold.event_count, 3);
}

#[test]
fn a_node_has_room_for_so_many_accounts_whatever_their_order() {
    let most = limits::ACCOUNTS_PER_NODE_MAX;
    let events = |count: usize| -> Vec<Event> {
        let name = |n: usize| format!("account {n}");
        (0..count)
            .map(|n| group(n as i64, &name(n), "{}"))
            .collect()
    };
    assert_eq!(fold(&events(most)).accounts.len(), most);
    let full = fold(&events(most + 1));
    assert_eq!(full.accounts.len(), most);
    let mut turned = events(most + 1);
    turned.reverse();
    assert_eq!(fold(&turned), full);
    // The same of a person whose nodes are full together.
    let (one, other) = turned.split_at(most / 2);
    let (one, other) = (fold(one), fold(other));
    assert_eq!(accounts_of([&one, &other]), full.accounts);
}

#[test]
fn the_latest_word_on_an_account_counts() {
    let events = [
        group(5, "acme", r#"{"plan":"pro","seats":4}"#),
        group(9, "acme", r#"{"seats":null}"#),
        group(2, "acme", r#"{"plan":"free","city":"Pisa"}"#),
    ];
    let of = |events: &mut dyn Iterator<Item = &Event>| {
        let mut account = Account::default();
        events.for_each(|event| account.add(event));
        account
    };
    let account = of(&mut events.iter());
    assert_eq!(of(&mut events.iter().rev()), account);
    assert_eq!(account.trait_value("plan"), Some(&Value::from("pro")));
    assert_eq!(account.trait_value("city"), Some(&Value::from("Pisa")));
    assert_eq!(account.trait_value("seats"), None);
    let seen = (account.first_seen_at, account.last_seen_at);
    let at = |millis| Some(Timestamp::from_millis(millis));
    assert_eq!(seen, (at(2), at(9)));
}

#[test]
fn an_account_has_room_for_so_many_traits() {
    let most = limits::TRAITS_PER_ACCOUNT_MAX;
    let account = |count: usize| {
        let mut account = Account::default();
        for n in 0..count {
            account.add(&group(n as i64, "acme", &format!(r#"{{"t{n}":{n}}}"#)));
        }
        account
    };
    assert_eq!(account(most).traits.len(), most);
    assert_eq!(account(most + 1).traits.len(), most);
}

#[test]
fn a_fold_stored_before_there_were_accounts_reads() {
    let fold = fold(&[]);
    let bytes = rmp_serde::to_vec_named(&fold).expect("a fold");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        !text.contains("accounts"),
        "nobody pays for what they have not"
    );
    let read: Fold = rmp_serde::from_slice(&bytes).expect("a fold");
    assert_eq!(read, fold);
}
