//! Histories that continue, part and refuse.

use std::collections::BTreeMap;

use kith_base::Random;
use proptest::prelude::*;

use super::*;

/// A session of an id on a device and a line of its own.
pub(super) fn session(visitor: u64, at_s: i64) -> Session {
    Session {
        visitor,
        at_s,
        ip: 1_000 + visitor,
        network: 2_000 + visitor,
        net: Net::Fixed,
        device: Device {
            os: 1,
            model: 0,
            screen: 2,
            browser: 3,
            language: 4,
            zone: 5,
        },
        major: 100,
        items: vec![1, 2],
        login: None,
        consent: true,
    }
}

/// A site of persons with one device and one line each, four topics of ten items, who lose their
/// id in every fourth session and mostly log in.
fn shop(persons: u64, rounds: i64, seed: u64) -> (Vec<Session>, BTreeMap<u64, u64>) {
    let mut random = Random::new(seed);
    let mut ids: Vec<u64> = (0..persons).collect();
    let mut person_of: BTreeMap<u64, u64> = (0..persons).map(|person| (person, person)).collect();
    let mut sessions = Vec::new();
    for round in 0..rounds {
        for person in 0..persons {
            let id = &mut ids[person as usize];
            if random.chance(0.25) {
                *id = person_of.len() as u64;
                person_of.insert(*id, person);
            }
            let at_s = (round * persons as i64 + person as i64) * 600;
            let mut one = session(*id, at_s);
            // Two persons share a line and, in the last tenth, a device.
            (one.ip, one.network) = (100 + person / 2, 500_000 + person / 20);
            one.device.screen = person % 7;
            one.items = (0..3)
                .map(|_| (person % 4 * 10 + random.below(10)) as u32)
                .collect();
            one.login = (person % 3 != 0 && random.chance(0.6)).then_some(9_000 + person);
            sessions.push(one);
        }
    }
    (sessions, person_of)
}

fn learned(sessions: &[Session]) -> Matcher {
    let mut matcher = Matcher::new(Settings::default(), Model::default());
    for session in sessions {
        matcher.observe(session);
    }
    matcher.learn();
    matcher
}

#[test]
fn finds_the_earlier_id_and_says_how_surely() {
    let (sessions, person_of) = shop(120, 14, 3);
    let model = learned(&sessions).model().clone();
    let quality = &model.person.as_ref().unwrap().quality;
    let settings = Settings {
        learning: false,
        ..Settings::default()
    };
    let mut matcher = Matcher::new(settings, model.clone());
    let answers: Vec<Answer> = sessions
        .iter()
        .filter_map(|session| matcher.observe(session))
        .collect();
    let sure = |link: &&Link| link.confidence >= 0.8;
    let links: Vec<(u64, &Link)> = answers
        .iter()
        .filter_map(|answer| Some((answer.visitor, answer.person.as_ref().filter(sure)?)))
        .collect();
    let right = links
        .iter()
        .filter(|(id, link)| person_of[id] == person_of[&link.earlier])
        .count();
    let precision = right as f32 / links.len() as f32;
    assert!(links.len() > 200, "{} links", links.len());
    assert!(precision > 0.9, "{right} of {} right", links.len());
    let stated = quality.at(0.8).unwrap().precision;
    assert!(
        (stated - precision).abs() < 0.1,
        "stated {stated}, true {precision}"
    );
    assert!(links.iter().all(|(_, link)| link.reasons.len() == REASONS));

    let household = answers.iter().filter_map(|answer| {
        let link = answer
            .household
            .as_ref()
            .filter(|link| link.confidence >= 0.5)?;
        Some(person_of[&answer.visitor] / 2 == person_of[&link.earlier] / 2)
    });
    let household: Vec<bool> = household.collect();
    let right = household.iter().filter(|right| **right).count();
    assert!(
        right * 10 > household.len() * 9,
        "{right} of {} households",
        household.len()
    );
}

#[test]
fn the_same_sessions_give_the_same_answers() {
    let (sessions, _) = shop(60, 10, 4);
    let (one, other) = (learned(&sessions), learned(&sessions));
    assert_eq!(one.model(), other.model());
    let stored = serde_json::to_string(one.model()).unwrap();
    assert_eq!(
        &serde_json::from_str::<Model>(&stored).unwrap(),
        one.model()
    );
}

#[test]
fn without_log_ins_there_are_no_links() {
    let (mut sessions, _) = shop(40, 6, 5);
    for session in &mut sessions {
        session.login = None;
    }
    let mut matcher = learned(&sessions);
    assert!(matcher.model().person.is_none() && !matcher.due());
    let answer = matcher.observe(&session(7_777, 1_000_000)).unwrap();
    assert_eq!((answer.person, answer.household), (None, None));
}

#[test]
fn an_id_two_persons_logged_in_under_is_a_device() {
    let (mut sessions, _) = shop(120, 14, 3);
    let model = learned(&sessions).model().clone();
    // Everybody's first id is also logged in by two others.
    let first = sessions[..120].iter();
    let others = first.flat_map(|first| {
        [1, 2].map(|person| Session {
            login: Some(70_000 + person),
            at_s: 119 * 600,
            ..first.clone()
        })
    });
    let others: Vec<Session> = others.collect();
    sessions.splice(120..120, others);
    let mut matcher = Matcher::new(Settings::default(), model);
    for first in &sessions[..360] {
        matcher.observe(first);
    }
    let later = sessions[360..].iter();
    let answers: Vec<Answer> = later
        .filter_map(|session| matcher.observe(session))
        .collect();
    let to_first = |link: &Option<Link>| link.as_ref().is_some_and(|link| link.earlier < 120);
    assert!(answers.iter().any(|answer| to_first(&answer.shared_device)));
    let wrong: Vec<&Answer> = answers
        .iter()
        .filter(|answer| to_first(&answer.person))
        .collect();
    assert_eq!(wrong, Vec::<&Answer>::new());
}

#[test]
fn the_longest_unseen_give_way() {
    let settings = Settings {
        visitors_max: 32,
        ..Settings::default()
    };
    let mut matcher = Matcher::new(settings, Model::default());
    for visitor in 0..32 {
        matcher.observe(&session(visitor, visitor as i64));
    }
    assert!(matcher.rings.knows(0) && matcher.visitors.len() == 32);
    matcher.observe(&session(32, 32));
    assert!(
        !knows(&matcher, 0) && !knows(&matcher, 1),
        "the two oldest are gone"
    );
    assert!(knows(&matcher, 2) && matcher.visitors.len() == 31);
}

#[test]
fn who_refused_stays_out_until_admitted() {
    let mut matcher = Matcher::new(Settings::default(), Model::default());
    matcher.observe(&session(1, 1));
    matcher.withdraw(1);
    assert_eq!(matcher.observe(&session(1, 2)), None);
    assert!(!knows(&matcher, 1));
    matcher.admit(1);
    assert!(matcher.observe(&session(1, 3)).is_some());
}

fn knows(matcher: &Matcher, visitor: u64) -> bool {
    matcher.visitors.contains_key(&visitor)
        || matcher.rings.knows(visitor)
        || matcher.site.knows(visitor)
        || matcher.examples.knows(visitor)
        || matcher
            .edges()
            .any(|(new, earlier)| new == visitor || earlier == visitor)
        || matcher
            .visitors
            .values()
            .any(|one| one.followers.iter().any(|(id, _)| *id == visitor))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Sessions lose their consent at random; nothing of a refusing id is anywhere, not even in
    /// an answer, and what was linked to it is told.
    #[test]
    fn nothing_is_kept_of_who_refused(seed in any::<u64>(), refusing in 1u64..12) {
        let (mut sessions, _) = shop(120, 14, 3);
        // Trained once: what was learned has nobody in it.
        static MODEL: std::sync::OnceLock<Model> = std::sync::OnceLock::new();
        let model = MODEL.get_or_init(|| learned(&sessions).model().clone()).clone();
        sessions.truncate(700);
        let mut random = Random::new(seed);
        for session in &mut sessions {
            session.consent = !random.chance(refusing as f64 / 100.0);
        }
        let mut matcher = Matcher::new(Settings::default(), model);
        let mut refused = BTreeSet::new();
        for session in &sessions {
            let before: BTreeSet<Edge> = matcher.edges().collect();
            if session.consent {
                if let Some(answer) = matcher.observe(session) {
                    prop_assert!(!refused.contains(&answer.visitor));
                    let links = [answer.person, answer.household, answer.shared_device];
                    for link in links.into_iter().flatten() {
                        prop_assert!(!refused.contains(&link.earlier));
                    }
                }
            } else {
                let touching = |(new, earlier): &&Edge| {
                    *new == session.visitor || *earlier == session.visitor
                };
                let expected: BTreeSet<Edge> = before.iter().filter(touching).copied().collect();
                let dropped: BTreeSet<Edge> =
                    matcher.withdraw(session.visitor).into_iter().collect();
                prop_assert_eq!(dropped, expected);
                refused.insert(session.visitor);
                prop_assert!(!knows(&matcher, session.visitor));
            }
        }
        for visitor in refused {
            prop_assert!(!knows(&matcher, visitor), "{} is still known", visitor);
        }
    }
}
