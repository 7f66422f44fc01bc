//! The server under test: the real engine over simulated disks, killed at any write.

use std::sync::Arc;

use kith_base::{Json, Random, Timestamp};
use kith_engine::state::Tx;
use kith_engine::{Cache, Effect, Project, Working, apply, table};
use kith_event::{DefinitionChange, Position, Record};
use kith_runtime::log::{Log, Reader};
use kith_store::log::Simulated as SimulatedLog;
use kith_store::log::simulated::{Fault, Faults};
use kith_store::state::Simulated as SimulatedState;

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
    project: Project,
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
            project: Project::load(&state).expect("empty state can be read"),
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
        if self.apply_some(most).is_err() {
            self.recover();
        }
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
        self.project = Project::load(self.state()).expect("committed state can be read");
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
        let sabotage = self.sabotage;
        let state = self.state.as_mut().expect("only taken while restarting");
        let mut working = Working::new(state, &mut self.cache);
        for (position, bytes) in &stored {
            let record = Record::decode(bytes).expect("written by this version");
            let project = &mut self.project;
            apply_sabotaged(&mut working, project, *position, record, sabotage)?;
        }
        let end = next + stored.len() as Position;
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
        Ok(stored.len())
    }

    /// Lets time pass, applies all that is durable and hands over the disks.
    pub fn finish(mut self) -> Result<(Arc<dyn Reader>, Finished), String> {
        let ticks: Vec<Vec<u8>> = crate::world::last_ticks()
            .map(|tick| tick.encode())
            .collect();
        while self.log().append(&ticks).is_err() {
            self.restart();
        }
        let mut failures = 0;
        loop {
            let end = self.log().reader().end();
            let step = self.apply_some(64).and_then(|_| self.applied());
            match step {
                Ok(next) if next >= end => break,
                Ok(_) => {}
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

/// Audiences over most kinds of facts, live before anything happens.
pub(crate) fn definitions() -> Vec<Record> {
    let definition = |kind: &str, id: &str, spec: &str| {
        Record::Definition(DefinitionChange {
            kind: kind.into(),
            id: id.into(),
            name: id.into(),
            archived: false,
            author: "world".into(),
            at: Timestamp::ZERO,
            spec: Json::parse(spec).expect("written as JSON"),
        })
    };
    let audience = |(id, rule): (&str, &str)| {
        let spec = format!(r#"{{"description":"","type":"rule","when":{rule:?}}}"#);
        definition("audience", id, &spec)
    };
    let taste = definition("feature", "taste", TASTE);
    let audiences = AUDIENCES.into_iter().map(audience);
    [taste].into_iter().chain(audiences).collect()
}

/// An interest that a purchase satisfies for a while.
const TASTE: &str = r#"{"affinity":{"by":"category","half_life_days":3,
    "once":{"percent":10,"repurchase_days":4}}}"#;

/// Id and rule; later ones refer to earlier ones.
const AUDIENCES: [(&str, &str); 10] = [
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
];

/// Applies a record, with the fold broken when asked.
pub(crate) fn apply_sabotaged(
    working: &mut Working<'_>,
    project: &mut Project,
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
    if effects.contains(&Effect::ProjectChanged) {
        *project = working.project(position + 1)?;
    }
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
