//! Audiences over accounts: who belongs to one, what is said of it, and where its persons are.

use kith_base::{Digest, Json, PersonId, Random, Timestamp, limits};
use kith_engine::{Learned, decide, query, table};
use kith_event::{Event, Identifier, Kind, Record};
use kith_sim::memberships;

use crate::world::{DAY, HOUR, SECOND, START, World, event};

const VIEWERS: &str = r#"count("Product Viewed", 2 hours) >= 1"#;
/// In and out with events alone.
const VIEWED: &str = r#"count("Product Viewed") > count("Order Completed")"#;
const ANY: &str = r#"any person of account in audience "viewers""#;
const ALL: &str = r#"all persons of account in audience "viewers""#;
const NO: &str = r#"no person of account in audience "viewers""#;

fn group(number: usize, at: i64, who: &[&str], account: &str, traits: &str) -> Event {
    let extra = format!(r#"{{"groupId":"{account}"}}"#);
    Event {
        kind: Kind::Group,
        name: String::new(),
        extra: Json::parse(&extra).expect("JSON"),
        traits: Json::parse(traits).expect("JSON"),
        ..event(number, at, "", who, "{}")
    }
}

/// A world in which things happen a second apart.
struct Story {
    world: World,
    now: i64,
}

impl Story {
    fn new() -> Self {
        Story {
            world: World::new(),
            now: START,
        }
    }

    /// The viewers, and whoever has some, only or no viewers in their accounts.
    fn with_quantifiers(viewers: &str) -> Self {
        let mut story = Story::new();
        for (id, rule) in [("viewers", viewers), ("any", ANY), ("all", ALL), ("no", NO)] {
            story.world.audience(id, rule);
        }
        story
    }

    fn next(&mut self) -> (usize, i64) {
        self.now += SECOND;
        (self.world.log.len(), self.now)
    }

    fn join(&mut self, who: &[&str], account: &str, traits: &str) {
        let (number, at) = self.next();
        let event = group(number, at, who, account, traits);
        self.world.apply(Record::Event(event));
    }

    fn does(&mut self, who: &[&str], what: &str) {
        let (number, at) = self.next();
        let event = event(number, at, what, who, "{}");
        self.world.apply(Record::Event(event));
    }

    /// So many seconds later.
    fn wait(&mut self, seconds: usize) {
        for _ in 0..seconds {
            self.now += SECOND;
            self.world.tick(self.now);
        }
    }

    fn size(&self, audience: &str) -> usize {
        let state = query::audience(&self.world.state, audience, 0);
        state.expect("in memory").size as usize
    }

    /// A second later; everything is as the rules say.
    fn tick(&mut self) {
        self.tick_at(self.now + SECOND);
    }

    fn tick_at(&mut self, at: i64) {
        self.now = at;
        self.world.tick(at);
        memberships::agree(&self.world.state).expect("as the rules say");
    }

    fn audiences_of(&self, who: &str) -> String {
        self.world.audiences_of(who).join(" ")
    }

    /// Who entered or left what since the last time.
    fn told(&mut self) -> Vec<String> {
        let changes = std::mem::take(&mut self.world.changes).into_iter();
        let sign = |entered: bool| if entered { '+' } else { '-' };
        let told = changes.map(|change| format!("{}{}", sign(change.entered), change.audience));
        told.collect()
    }
}

#[test]
fn any_all_and_none_follow_who_joins_and_who_leaves_an_audience() {
    let mut story = Story::with_quantifiers(VIEWERS);
    let (ada, bob) = ("user_id:ada", "user_id:bob");
    story.does(&[ada], "Signed Up");
    assert_eq!(
        story.audiences_of(ada),
        "",
        "nobody without an account is asked about one"
    );
    story.join(&[ada], "acme", "{}");
    assert_eq!(story.audiences_of(ada), "no");
    story.join(&[bob], "acme", "{}");
    assert_eq!(story.audiences_of(bob), "no");
    story.tick();
    story.told();
    let viewed_at = story.now + SECOND;
    story.does(&[ada], "Product Viewed");
    // Ada sees it at once, Bob with the next tick.
    assert_eq!(story.audiences_of(ada), "any viewers");
    assert_eq!(story.audiences_of(bob), "no");
    story.tick();
    assert_eq!(story.audiences_of(bob), "any");
    assert_eq!(story.told(), ["+viewers", "+any", "-no", "+any", "-no"]);
    story.does(&[bob], "Product Viewed");
    assert_eq!(story.audiences_of(bob), "all any viewers");
    story.tick();
    assert_eq!(story.audiences_of(ada), "all any viewers");
    // A third person: not all of them are viewers any more.
    story.join(&["user_id:eve"], "acme", "{}");
    assert_eq!(story.audiences_of("user_id:eve"), "any");
    story.tick();
    assert_eq!(story.audiences_of(ada), "any viewers");
    // Two hours later nobody is a viewer, and no event told.
    story.told();
    story.tick_at(viewed_at + 2 * HOUR);
    assert_eq!(story.audiences_of(ada), "any");
    story.tick_at(viewed_at + 3 * HOUR);
    for who in [ada, bob, "user_id:eve"] {
        assert_eq!(story.audiences_of(who), "no");
    }
    assert_eq!(story.told().iter().filter(|told| *told == "+no").count(), 3);
    assert_eq!(story.world.replay().audiences_of(bob), ["no"]);
}

#[test]
fn merging_and_parting_counts_persons_where_they_belong() {
    let mut story = Story::with_quantifiers(VIEWERS);
    let (tablet, ada, eve) = ("anonymous_id:tablet", "user_id:ada", "user_id:eve");
    story.join(&[tablet], "acme", "{}");
    story.join(&[eve], "acme", "{}");
    story.join(&[ada], "zoo", "{}");
    story.join(&["user_id:zed"], "zoo", "{}");
    story.does(&[tablet], "Product Viewed");
    story.tick();
    assert_eq!(story.audiences_of(ada), "no");
    assert_eq!(story.audiences_of(eve), "any");
    story.told();
    // The tablet is Ada's: she is a viewer now, in both accounts.
    story.does(&[ada, tablet], "Signed Up");
    assert_eq!(story.audiences_of(ada), "any viewers");
    story.tick();
    assert_eq!(story.audiences_of("user_id:zed"), "any");
    assert_eq!(story.audiences_of(eve), "any");
    assert_eq!(story.told(), ["-no", "+any", "-no"]);
    // Somebody else logs in on the tablet: it is neither's.
    story.does(&["user_id:bob", tablet], "Signed Up");
    story.tick();
    assert_eq!(story.audiences_of(ada), "no");
    assert_eq!(story.audiences_of("user_id:zed"), "no");
    assert_eq!(story.audiences_of(tablet), "any viewers");
    assert_eq!(story.audiences_of(eve), "any");
}

#[test]
fn parting_tells_no_entry_or_exit_that_was_none() {
    let mut story = Story::with_quantifiers(VIEWERS);
    let (tablet, ada) = ("anonymous_id:tablet", "user_id:ada");
    for node in [tablet, ada] {
        story.join(&[node], "acme", "{}");
    }
    story.does(&[ada, tablet], "Signed Up");
    story.does(&[tablet], "Product Viewed");
    story.tick();
    assert_eq!(story.audiences_of(ada), "all any viewers");
    story.told();
    // The viewer parts from Ada. There is one among the account's persons all the while.
    story.does(&["user_id:bob", tablet], "Signed Up");
    story.tick();
    assert_eq!(story.audiences_of(ada), "any");
    assert_eq!(story.audiences_of(tablet), "any viewers");
    let mut told = story.told();
    told.sort_unstable();
    assert_eq!(told, ["-all", "-viewers"]);
}

#[test]
fn traits_of_an_account_are_those_of_all_its_persons() {
    let mut story = Story::new();
    story.world.audience("pro", r#"account.plan = "pro""#);
    story
        .world
        .audience("city", r#"account.address.city = "Pisa""#);
    let rule = r#"account.renewal_at < now + 1 days"#;
    story.world.audience("renewing", rule);
    let (ada, bob) = ("user_id:ada", "user_id:bob");
    story.join(
        &[ada],
        "acme",
        r#"{"plan":"free","address":{"city":"Pisa"}}"#,
    );
    story.join(&[bob], "acme", "{}");
    assert_eq!(story.audiences_of(bob), "city");
    story.join(&[bob], "acme", r#"{"plan":"pro"}"#);
    assert_eq!(
        (story.audiences_of(ada), story.audiences_of(bob)),
        ("city".into(), "city pro".into())
    );
    story.tick();
    assert_eq!(story.audiences_of(ada), "city pro");
    // The account named last that has the trait.
    story.join(&[ada], "zoo", r#"{"plan":"free"}"#);
    assert_eq!(story.audiences_of(ada), "city");
    story.join(&[ada], "acme", "{}");
    assert_eq!(story.audiences_of(ada), "city pro");
    // A date in a trait moves everybody's timer.
    let renewal = Timestamp::from_millis(START + 3 * DAY);
    story.join(&[bob], "acme", &format!(r#"{{"renewal_at":"{renewal}"}}"#));
    story.tick();
    assert_eq!(story.audiences_of(ada), "city pro");
    story.tick_at(START + 2 * DAY + SECOND);
    assert_eq!(story.audiences_of(ada), "city pro renewing");
    story.join(&[bob], "acme", r#"{"plan":null}"#);
    story.tick();
    // Without a plan of its own the other account's is asked.
    assert_eq!(story.audiences_of(ada), "city renewing");
}

#[test]
fn an_audience_written_late_finds_its_members_in_accounts() {
    let mut story = Story::new();
    let (ada, bob) = ("user_id:ada", "user_id:bob");
    story.join(&[ada], "acme", r#"{"plan":"pro"}"#);
    story.join(&[bob], "acme", "{}");
    story.does(&[ada], "Product Viewed");
    story.does(&["user_id:eve"], "Product Viewed");
    // By name they come before the viewers they ask for.
    for (id, rule) in [("viewers", VIEWERS), ("any", ANY), ("all", ALL), ("no", NO)] {
        story.world.audience(id, rule);
    }
    story.world.audience("pro", r#"account.plan = "pro""#);
    story.world.catch_up();
    story.wait(11);
    // They were there already.
    assert_eq!(story.told(), [""; 0]);
    story.tick();
    assert_eq!(story.audiences_of(ada), "any pro viewers");
    assert_eq!(story.audiences_of(bob), "any pro");
    assert_eq!(story.audiences_of("user_id:eve"), "viewers");
    // What is no audience any more counts nobody.
    story.world.archive("audience", "viewers");
    story.wait(12);
    let members = table::account_members("acme", "viewers");
    let row = kith_engine::state::Read::get(&story.world.state, &members);
    assert_eq!(row.expect("in memory"), None);
}

/// An account of so many persons, one of whom has just become a viewer.
fn large_account(count: usize) -> Story {
    let mut story = Story::with_quantifiers(VIEWED);
    for n in 0..count {
        story.join(&[&format!("user_id:u{n}")], "acme", "{}");
    }
    story.wait(1);
    story.told();
    story.does(&["user_id:u0"], "Product Viewed");
    story
}

#[test]
fn a_tick_looks_at_so_many_persons_of_an_account_and_the_next_goes_on() {
    let most = limits::TIMERS_PER_TICK_MAX;
    for (count, left) in [(most, 0), (most + 1, 1)] {
        let mut story = large_account(count);
        story.wait(1);
        assert_eq!(story.size("any") + left, count);
        story.wait(1);
        assert_eq!(story.size("any"), count);
    }
}

#[test]
fn a_large_account_does_not_hold_up_a_small_one() {
    let turn = limits::ACCOUNT_PERSONS_PER_TURN_MAX;
    for (count, done) in [(turn, true), (turn + 1, false)] {
        let mut story = Story::with_quantifiers(VIEWED);
        for n in 0..count {
            story.join(&[&format!("user_id:u{n}")], "acme", "{}");
        }
        for who in ["user_id:ada", "user_id:bob"] {
            story.join(&[who], "zoo", "{}");
        }
        story.wait(1);
        story.does(&["user_id:u0"], "Product Viewed");
        story.does(&["user_id:ada"], "Product Viewed");
        story.told();
        story.wait(1);
        let changes = &story.world.changes;
        let bob = story.world.person("user_id:bob");
        let last = changes.last().expect("they all entered").person;
        assert_eq!(last == bob, done, "after {count} persons");
        assert_eq!(story.size("any"), count + 2);
    }
}

#[test]
fn offers_ask_about_accounts_too() {
    let mut story = Story::with_quantifiers(VIEWERS);
    let hero = r#"{"type":"offers"}"#;
    story.world.define("placement", "hero", hero);
    let rule = r#"account.plan = "pro" and any person of account in audience "viewers""#;
    let offer = format!(r#"{{"placements":["hero"],"when":{rule:?}}}"#);
    story.world.define("offer", "upgrade", &offer);
    story.join(&["user_id:ada"], "acme", r#"{"plan":"pro"}"#);
    story.join(&["user_id:bob"], "acme", "{}");
    let shown = |story: &Story| {
        let request = decide::Request {
            placements: vec!["hero".to_owned()],
            identifiers: vec![Identifier::new("user_id", "bob")],
            ..decide::Request::default()
        };
        let sources = decide::Sources {
            state: &story.world.state,
            project: &story.world.project,
            learned: &Learned::default(),
        };
        let now = Timestamp::from_millis(story.now);
        let answer = decide::decide(sources, &request, now, Digest([7; 16]));
        let answer = answer.expect("in memory");
        answer
            .outcomes()
            .map(|one| one.entry.choices.len())
            .sum::<usize>()
    };
    assert_eq!(shown(&story), 0);
    story.does(&["user_id:ada"], "Product Viewed");
    assert_eq!(shown(&story), 1);
}

#[test]
fn what_changes_during_a_walk_is_seen_by_those_it_passed() {
    let count = limits::TIMERS_PER_TICK_MAX + 50;
    let mut story = large_account(count);
    story.wait(1);
    assert_eq!((story.size("any"), story.size("no")), (count - 50, 50));
    // The walk stands still near its end when the account has no viewer any more.
    story.does(&["user_id:u0"], "Order Completed");
    story.wait(3);
    assert_eq!((story.size("any"), story.size("no")), (0, count));
    let told = story.told();
    let entries = told.iter().filter(|told| *told == "+any").count();
    let exits = told.iter().filter(|told| *told == "-any").count();
    assert_eq!((entries, exits), (count - 50, count - 50));
}

/// Ten visitors on a dozen devices in four accounts.
fn history(random: &mut Random) -> Vec<Event> {
    let mut events = Vec::new();
    for number in 0..120 {
        let at = START + random.below(3 * 24 * 3_600) as i64 * SECOND;
        let device = format!("anonymous_id:d{}", random.below(12));
        let user = format!("user_id:u{}", random.below(10));
        let who: Vec<&str> = match random.below(6) {
            0 => vec![&device, &user],
            1 | 2 => vec![&user],
            _ => vec![&device],
        };
        let account = format!("a{}", random.below(4));
        let tier = format!(r#"{{"tier":{}}}"#, random.below(3));
        events.push(match random.below(8) {
            0 => group(number, at, &who, &account, &tier),
            1 | 2 => group(number, at, &who, &account, "{}"),
            3 => event(number, at, "Order Completed", &who, r#"{"revenue":20}"#),
            _ => event(number, at, "Product Viewed", &who, "{}"),
        });
    }
    events.sort_by_key(|event| event.received_at);
    events
}

const RULES: [(&str, &str); 7] = [
    ("viewers", VIEWERS),
    (
        "rich",
        r#"sum("Order Completed", 20 hours) >= 30 or account.tier = 2"#,
    ),
    ("any", ANY),
    ("all", ALL),
    (
        "richly",
        r#"any person of account in audience "rich" and in audience "viewers""#,
    ),
    (
        "none",
        r#"no person of account in audience "any" or account.tier >= 1"#,
    ),
    (
        "deep",
        r#"not all persons of account in audience "none" and not in audience "richly""#,
    ),
];

#[test]
fn a_tick_later_all_memberships_are_what_rules_say_from_scratch() {
    let mut told = 0;
    for seed in 0..12 {
        let mut random = Random::new(seed);
        let mut waiting = history(&mut random).into_iter().peekable();
        let mut world = World::new();
        for (id, rule) in RULES {
            world.audience(id, rule);
        }
        for _ in 0..60 {
            let instant = world_time(&world) + random.below(3 * 3_600 * 1_000) as i64;
            while let Some(event) = waiting.next_if(|e| e.received_at.as_millis() <= instant) {
                world.apply(Record::Event(event));
            }
            world.tick(instant);
            let agreed = memberships::agree(&world.state);
            agreed.unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
        }
        let again = world.replay();
        let differences = kith_runtime::compare(&world.state, &again.state, 1);
        assert!(differences.expect("in memory").is_empty(), "seed {seed}");
        told += world.changes.len();
    }
    assert!(
        told > 500,
        "{told} entries and exits are too few to mean anything"
    );
}

fn world_time(world: &World) -> i64 {
    let clock = query::clock(&world.state).expect("in memory");
    clock.as_millis().max(START)
}

#[test]
fn an_account_knows_its_persons() {
    let mut story = Story::with_quantifiers(VIEWERS);
    story.join(&["user_id:ada"], "acme", r#"{"name":"Acme"}"#);
    story.join(&["user_id:bob"], "acme", "{}");
    story.join(&["user_id:ada"], "zoo", "{}");
    let person: PersonId = story.world.person("user_id:ada");
    let profile = query::profile(&story.world.state, &story.world.project, person);
    let profile = profile.expect("in memory").expect("somebody");
    let (state, project) = (&story.world.state, &story.world.project);
    let accounts = query::accounts(state, project, &profile).expect("in memory");
    let shown: Vec<(&str, u64)> = accounts
        .iter()
        .map(|of| (of.id.as_str(), of.persons))
        .collect();
    assert_eq!(shown, [("zoo", 1), ("acme", 2)]);
    let name = accounts[1].account.trait_value("name");
    assert_eq!(name.and_then(|name| name.as_text()), Some("Acme"));
}
