//! The server under test: the real engine over simulated disks, killed at any write.

use std::sync::Arc;

use kith_base::{Json, Random, Timestamp};
use kith_engine::state::Tx;
use kith_engine::{Cache, Effect, Project, Working, apply, backfill, table};
use kith_event::{DefinitionChange, Position, Record};
use kith_runtime::log::{Log, Reader};
use kith_store::log::Simulated as SimulatedLog;
use kith_store::log::simulated::{Fault, Faults};
use kith_store::state::Simulated as SimulatedState;

use crate::{late, past};

/// A fold broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// A repeat counts again.
    CountRepeats,
    /// The last arrival wins, not the last to happen.
    ArrivalOrder,
    /// Position and rows are committed apart: a crash between them applies a batch twice.
    TornCommit,
    /// A shared device joins its users.
    ForgetUniqueness,
}

/// What is left at the end.
pub(crate) struct Finished {
    pub memory: SimulatedState,
    pub crashes: u64,
}

pub(crate) struct Server {
    random: Random,
    log: Option<SimulatedLog>,
    state: Option<SimulatedState>,
    cache: Cache,
    project: Arc<Project>,
    sabotage: Option<Sabotage>,
    crashes: u64,
}

impl Server {
    pub fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        let state = SimulatedState::new(seed);
        let faults = Faults {
            error: 0.03,
            crash: 0.03,
        };
        let definitions: Vec<Vec<u8>> = definitions().iter().map(Record::encode).collect();
        let mut log = SimulatedLog::new(seed, faults);
        while log.append(&definitions).is_err() {
            log = log.restart();
        }
        Server {
            random: Random::from_parts("server", &[&seed.to_be_bytes()]),
            log: Some(log),
            project: Arc::new(Project::load(&state).expect("empty state can be read")),
            state: Some(state),
            cache: Cache::default(),
            sabotage,
            crashes: 0,
        }
    }

    fn log(&mut self) -> &mut SimulatedLog {
        self.log.as_mut().expect("only taken while restarting")
    }

    fn state(&mut self) -> &mut SimulatedState {
        self.state.as_mut().expect("only taken while restarting")
    }

    /// Between two requests: apply some, sync, fail, or die.
    pub fn disturb(&mut self) {
        match self.random.below(10) {
            0 | 1 => self.restart(),
            2 => {
                let operations = 1 + self.random.below(40);
                self.state().fail_after(operations);
            }
            3 => {
                // A failing sync is seen again at the next one.
                let _ = self.state().sync();
            }
            4 => {
                let fault = if self.random.chance(0.5) {
                    Fault::AckLost
                } else {
                    Fault::TornTail
                };
                self.log().fail_after(1, fault);
            }
            _ => {}
        }
        let most = 1 + self.random.below(30) as usize;
        let applied = self.apply_some(most).map(|_| ());
        if applied.and_then(|()| self.fold_past()).is_err() {
            self.recover();
        }
    }

    /// The past of new series: folds a stretch of it, or tells how far it is.
    fn fold_past(&mut self) -> Result<bool, kith_engine::state::Error> {
        if backfill::pending(self.state())?.is_some() {
            let (next, log) = (self.applied()?, self.records());
            let most = 1 + self.random.below(40) as usize;
            let state = self.state.as_mut().expect("only taken while restarting");
            let place = (state as &mut dyn Tx, &mut self.cache);
            return past::fold(place, &self.project, next, None, (&log, most));
        }
        let untold = backfill::untold(self.state())?;
        if !untold.is_empty() {
            // When the log does not take it, it is told again.
            let _ = self.receive(&untold);
        }
        Ok(!untold.is_empty())
    }

    fn records(&mut self) -> Vec<Record> {
        let stored = self.log().reader().read(0, usize::MAX).unwrap_or_default();
        let decode = |(_, bytes): &(Position, Vec<u8>)| Record::decode(bytes);
        let records: Result<_, _> = stored.iter().map(decode).collect();
        records.expect("written by this version")
    }

    /// A request: appended as one group, or an error.
    pub fn receive(&mut self, batch: &[Record]) -> Result<(), ()> {
        let encoded: Vec<Vec<u8>> = batch.iter().map(Record::encode).collect();
        let answer = self.log().append(&encoded);
        if self.log().is_down() {
            self.restart();
        }
        answer.map(|_| ()).map_err(|_| ())
    }

    /// After a failed batch: what was not committed is forgotten, or the process dies.
    fn recover(&mut self) {
        if self.random.chance(0.3) {
            return self.restart();
        }
        self.state().rollback();
        self.forget();
    }

    fn forget(&mut self) {
        self.cache = Cache::default();
        self.project = Arc::new(Project::load(self.state()).expect("committed state can be read"));
    }

    fn restart(&mut self) {
        self.crashes += 1;
        let log = self.log.take().expect("only taken while restarting");
        self.log = Some(log.restart());
        let state = self.state.take().expect("only taken while restarting");
        self.state = Some(state.crash());
        self.forget();
    }

    fn applied(&mut self) -> Result<Position, kith_engine::state::Error> {
        table::read_number(self.state(), &table::mark(table::APPLIED))
    }

    /// Applies at most `most` records as one batch; answers how many.
    fn apply_some(&mut self, most: usize) -> Result<usize, kith_engine::state::Error> {
        let next = self.applied()?;
        let stored = self.log().reader().read(next, most).unwrap_or_default();
        if stored.is_empty() {
            return Ok(0);
        }
        let decode = |(_, bytes): &(Position, Vec<u8>)| Record::decode(bytes);
        let records: Result<Vec<Record>, _> = stored.iter().map(decode).collect();
        let mut records = records.expect("written by this version");
        let first = records.iter().position(past::tells);
        records.truncate(first.map_or(records.len(), |first| first.max(1)));
        if past::tells(&records[0]) {
            let log = self.records();
            let state = self.state.as_mut().expect("only taken while restarting");
            let told = Some(&records[0]);
            while past::fold(
                (&mut *state, &mut self.cache),
                &self.project,
                next,
                told,
                (&log, 64),
            )? {}
        }
        let sabotage = self.sabotage;
        let state = self.state.as_mut().expect("only taken while restarting");
        let mut working = Working::new(state, &mut self.cache);
        let end = next + records.len() as Position;
        let applied = records.len();
        for (position, record) in (next..).zip(records) {
            let project = &mut self.project;
            apply_sabotaged(&mut working, project, position, record, sabotage)?;
        }
        if sabotage == Some(Sabotage::TornCommit) && self.random.chance(0.05) {
            // The rows, but not yet the position; then the process dies.
            working.finish(next);
            state.commit()?;
            state.sync()?;
            self.restart();
            return Ok(0);
        }
        working.finish(end);
        self.state().commit()?;
        Ok(applied)
    }

    /// Lets time pass, applies all that is durable and hands over the disks.
    pub fn finish(mut self) -> Result<(Arc<dyn Reader>, Finished), String> {
        self.append(&crate::world::last_ticks().collect::<Vec<_>>());
        let mut failures = 0;
        loop {
            match self.last_step() {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => {
                    self.recover();
                    failures += 1;
                    if failures > 10 {
                        return Err(format!("state keeps failing: {error}"));
                    }
                }
            }
        }
        let crashes = self.crashes;
        let memory = self
            .state
            .take()
            .expect("only taken while restarting")
            .reopen();
        Ok((self.log().reader(), Finished { memory, crashes }))
    }
}

impl Server {
    /// Appends until it is there.
    fn append(&mut self, records: &[Record]) {
        let encoded: Vec<Vec<u8>> = records.iter().map(Record::encode).collect();
        while self.log().append(&encoded).is_err() {
            self.restart();
        }
    }

    /// Applies the rest and lets every job end; false when nothing is left.
    fn last_step(&mut self) -> Result<bool, kith_engine::state::Error> {
        self.apply_some(64)?;
        let end = self.log().reader().end();
        if self.applied()? < end || self.fold_past()? {
            return Ok(true);
        }
        let jobs = table::jobs(self.state())?;
        let rows = table::series_rows(self.state())?;
        let cancelled = jobs.iter().any(|(_, job)| job.cancelled_at.is_some())
            || rows.iter().any(|(_, row)| row.cancelled_at.is_some());
        let ends: Vec<Record> = crate::world::last_ticks().collect();
        let Some(Record::Tick(at)) = ends.last() else {
            unreachable!("time ends with a tick");
        };
        if cancelled {
            let features = late::FEATURES.map(|id| late::job("feature", id, false, *at));
            let audiences = jobs
                .iter()
                .map(|(id, _)| late::job("audience", id, false, *at));
            let resumed: Vec<Record> = features.into_iter().chain(audiences).collect();
            self.append(&resumed);
        } else if !jobs.is_empty() {
            self.append(&ends[ends.len() - 1..]);
        }
        Ok(cancelled || !jobs.is_empty())
    }
}

/// Audiences over most kinds of facts, live before anything happens.
pub(crate) fn definitions() -> Vec<Record> {
    let definition = |kind: &str, id: &str, spec: &str| DefinitionChange {
        kind: kind.into(),
        id: id.into(),
        name: id.into(),
        archived: false,
        author: "world".into(),
        at: Timestamp::ZERO,
        spec: Json::parse(spec).expect("written as JSON"),
    };
    let audience = |(id, rule): (&str, &str)| {
        let spec = format!(r#"{{"description":"","type":"rule","when":{rule:?}}}"#);
        definition("audience", id, &spec)
    };
    let taste = definition("feature", "taste", TASTE);
    let audiences = AUDIENCES.into_iter().map(audience);
    let together = Record::Definitions(audiences.collect());
    vec![Record::Definition(taste), together]
}

/// An interest that a purchase satisfies for a while.
const TASTE: &str = r#"{"affinity":{"by":"category","half_life_days":3,
    "once":{"percent":10,"repurchase_days":4}}}"#;

/// Id and rule; later ones refer to earlier ones.
const AUDIENCES: [(&str, &str); 15] = [
    ("strangers", r#"not count("Order Completed") >= 1"#),
    ("browsers", r#"count("Product Viewed", 7 days) >= 2"#),
    (
        "quiet",
        r#"not count(any, 2 days) >= 1 and count(any) >= 3"#,
    ),
    ("spenders", r#"sum("Order Completed", 20 days) > 50"#),
    ("varied", r#"distinct("Product Viewed", of category) >= 2"#),
    (
        "hot",
        r#"count("Product Viewed" where category = "c1", 10 days) >= 1 and traits.plan = "p1""#,
    ),
    (
        "willing",
        r#"consent.marketing and identifier("email") exists"#,
    ),
    (
        "slipping",
        r#"sequence("Product Viewed", not "Order Completed" within 1 day, 5 days)"#,
    ),
    ("keen", r#"affinity("taste", "c1") > 0.4"#),
    ("fond", r#"features.taste = "c2""#),
    (
        "best",
        r#"in audience "browsers" and not in audience "quiet" or in audience "spenders""#,
    ),
    ("team", r#"any person of account in audience "spenders""#),
    (
        "tame",
        r#"all persons of account in audience "strangers" and not in audience "willing""#,
    ),
    (
        "alone",
        r#"no person of account in audience "team" or all persons of account in audience "best""#,
    ),
    (
        "tiered",
        r#"account.tier = "t1" and (no person of account in audience "hot" or account.seats > 50)"#,
    ),
];

/// Applies a record, with the fold broken when asked.
pub(crate) fn apply_sabotaged(
    working: &mut Working<'_>,
    project: &mut Arc<Project>,
    position: Position,
    record: Record,
    sabotage: Option<Sabotage>,
) -> Result<(), kith_engine::state::Error> {
    let record = match (sabotage, record) {
        (Some(Sabotage::ArrivalOrder), Record::Event(mut event)) => {
            let arrival = i64::try_from(position).unwrap_or(i64::MAX);
            event.occurred_at = Timestamp::from_millis(arrival);
            Record::Event(event)
        }
        (Some(Sabotage::ForgetUniqueness), Record::Event(mut event)) => {
            for identifier in &mut event.identifiers {
                if identifier.namespace == "user_id" {
                    identifier.namespace = "email".into();
                    identifier.value.push_str("@user.id");
                }
            }
            Record::Event(event)
        }
        (_, record) => record,
    };
    let effects = apply(working, project, position, &record)?;
    let repeated = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Duplicate { .. }));
    if sabotage == Some(Sabotage::CountRepeats)
        && repeated
        && let Record::Event(mut event) = record
    {
        event.message_id.push_str("-again");
        apply(working, project, position, &Record::Event(event))?;
    }
    Ok(())
}
