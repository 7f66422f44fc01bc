//! What the figures say of answers that are known.

use std::io::Write as _;

use kith_matching::visitors::{Device, Net, Session};

use super::*;

/// The simulated shop, which lies beside the project; says so when it does not.
fn shop() -> Option<Vec<Row>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/identity");
    let folder = root.join("anon_sim_dev");
    if sets(&folder).is_empty() {
        // Not `eprintln!`: the test harness would keep it to itself.
        let path = folder.display();
        let _ = writeln!(
            std::io::stderr(),
            "SKIPPED: {path} is absent, nothing was checked"
        );
        return None;
    }
    Some(read(&folder).unwrap())
}

#[test]
fn kiosks_join_nobody() {
    let Some(rows) = shop() else { return };
    let (without, with) = (kiosk::pairs(&rows, 0), kiosk::pairs(&rows, 600));
    assert!(with.precision() >= 0.98, "{with:?}");
    assert!(
        with.recall() > without.recall() - 0.02,
        "{with:?}, without the fault {without:?}"
    );
    assert!(with.largest < 30, "{with:?}");
}

fn row(visitor: u64, at_s: i64, person: u32) -> Row {
    let device = Device {
        os: 1,
        model: 2,
        screen: 3,
        browser: 4,
        language: 5,
        zone: 6,
    };
    let session = Session {
        visitor,
        at_s,
        ip: 1,
        network: 2,
        net: Net::Fixed,
        device,
        major: 1,
        items: Vec::new(),
        login: None,
        consent: true,
    };
    Row {
        session,
        person,
        device: person,
        household: person / 2,
    }
}

fn answer(visitor: u64, earlier: u64, confidence: f32) -> Answer {
    let link = Link {
        earlier,
        margin: 0.0,
        confidence,
        reasons: Vec::new(),
    };
    let (person, household, shared_device) = (Some(link), None, None);
    Answer {
        visitor,
        candidates: 1,
        person,
        household,
        shared_device,
    }
}

#[test]
fn judges_ids_that_never_log_in() {
    let mut rows: Vec<Row> = [(1, 1), (2, 2), (3, 1), (4, 1), (5, 3)]
        .into_iter()
        .map(|(visitor, person)| row(visitor, visitor as i64, person))
        .collect();
    rows[3].session.login = Some(9);
    let truth = Truth::of(&rows);
    // Of persons seen before there are ids 3 and 4, and 4 logs in.
    assert_eq!((truth.judged(0).count(), truth.findable(0)), (4, 1));
    let answers = [answer(3, 1, 0.9), answer(4, 2, 0.8), answer(5, 2, 0.7)];
    let figures = truth.ranking(&answers, 0);
    assert_eq!(figures["best_f1"]["precision"], 1.0);
    assert_eq!(figures["best_f1"]["links"], 1);
    assert_eq!(figures["at_precision_95"]["recall"], 1.0);
    // Persons 2 and 3 live together, persons 1 and 2 do not.
    let links = truth.links(&answers, Level::Person);
    assert_eq!(links.iter().filter(|link| link.household).count(), 2);
}

#[test]
fn a_link_to_who_refused_is_a_violation() {
    let mut rows = vec![row(1, 1, 1), row(1, 2, 1), row(2, 3, 1)];
    assert_eq!(violations(&rows, &[answer(2, 1, 0.9)]), 0);
    rows[1].session.consent = false;
    assert_eq!(violations(&rows, &[answer(2, 1, 0.9)]), 1);
}
