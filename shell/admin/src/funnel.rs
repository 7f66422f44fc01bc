//! How many people pass each layer of a placement's offers, and who is never offered anything: the
//! decisions of a sample of people, taken for nobody to see.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kith_base::{PersonId, Value, digest};
use kith_decide::{LoserCode, ProfileUse};
use kith_engine::decide::{self, Decided, Outcome};
use kith_engine::{query, table};
use kith_runtime::View;

use crate::problem::Problem;
use crate::read;
use crate::state::AdminState;
use crate::wire::{OfferFunnel, PlacementFunnel};

/// How long a sample may take.
const SAMPLE_TIME: Duration = Duration::from_millis(500);
/// Persons of one part of the sample, about.
const PART_PERSONS: u64 = 64;
/// Most parts: what the first two bytes of an id tell apart.
const PARTS_MAX: u64 = 65_536;
/// People shown who are never offered anything.
const SHOWN_MAX: usize = 10;

/// Decides the placement for as many people as fit the time, from everywhere.
pub fn run(state: &AdminState, view: &View, placement: &str) -> Result<PlacementFunnel, Problem> {
    let started = Instant::now();
    let persons = table::read_number(&*view.state, &table::mark(table::PERSONS))?;
    let mut tally = Tally::default();
    let parts = (persons / PART_PERSONS)
        .next_power_of_two()
        .clamp(1, PARTS_MAX) as u32;
    'parts: for n in 0..parts {
        // Bits reversed: the parts come evenly from everywhere, wherever the walk ends.
        let part = (n.reverse_bits() >> 1) >> (31 - parts.trailing_zeros());
        for person in query::persons_of_part(&*view.state, part, parts)? {
            if tally.sampled > 0 && started.elapsed() > SAMPLE_TIME {
                break 'parts;
            }
            if let Some(outcome) = outcome(state, view, placement, person)? {
                tally.add(person, &outcome);
            }
        }
    }
    let mut sample = Vec::with_capacity(tally.empty.len());
    for person in tally.empty {
        let profile = query::profile(&*view.state, &view.project, person)?;
        sample.extend(profile.map(|profile| read::person_row(&profile)));
    }
    Ok(PlacementFunnel {
        sampled: tally.sampled,
        persons,
        refused: tally.refused,
        never_offered: tally.never_offered,
        never_offered_sample: sample,
        offers: tally.offers.into_values().collect(),
    })
}

fn outcome(
    state: &AdminState,
    view: &View,
    placement: &str,
    person: PersonId,
) -> Result<Option<Outcome>, Problem> {
    let asked = decide::Request {
        placements: vec![placement.to_owned()],
        context: Value::Map(BTreeMap::new()),
        ..decide::Request::default()
    };
    let (now, call) = (state.now(), digest("funnel", &[&person.0]));
    let some = Some(person);
    let answer = decide::decide_for(view.sources(), &asked, some, now, call)?;
    let taken = answer
        .decided
        .into_iter()
        .find_map(|decided| match decided {
            Decided::Taken(outcome) => Some(*outcome),
            Decided::UnknownPlacement(_) => None,
        });
    Ok(taken)
}

#[derive(Default)]
struct Tally {
    sampled: u64,
    refused: u64,
    never_offered: u64,
    empty: Vec<PersonId>,
    offers: BTreeMap<String, OfferFunnel>,
}

impl Tally {
    fn add(&mut self, person: PersonId, outcome: &Outcome) {
        self.sampled += 1;
        if outcome.inputs.profile == ProfileUse::Refused {
            self.refused += 1;
            return;
        }
        let losers = outcome.losers.iter();
        let lost = losers.map(|loser| (loser.id.to_string(), layers_passed(loser.code)));
        let real = outcome
            .entry
            .choices
            .iter()
            .filter(|choice| choice.id != "fallback");
        let mut shown = 0;
        for (id, passed) in lost.chain(real.map(|choice| (choice.id.clone(), SHOWN))) {
            shown += usize::from(passed == SHOWN);
            let funnel = self
                .offers
                .entry(id.clone())
                .or_insert_with(|| OfferFunnel {
                    offer: id,
                    ..OfferFunnel::default()
                });
            let steps = [
                &mut funnel.considered,
                &mut funnel.allowed,
                &mut funnel.eligible,
                &mut funnel.applicable,
                &mut funnel.suitable,
                &mut funnel.within_limits,
                &mut funnel.within_floors,
                &mut funnel.relevant,
                &mut funnel.shown,
            ];
            for step in steps.into_iter().take(passed + 1) {
                *step += 1;
            }
        }
        if shown == 0 {
            self.never_offered += 1;
            if self.empty.len() < SHOWN_MAX {
                self.empty.push(person);
            }
        }
    }
}

/// As a number of layers passed.
const SHOWN: usize = 8;

/// How many layers an offer passed before it fell out.
const fn layers_passed(code: LoserCode) -> usize {
    match code {
        LoserCode::NotScheduled
        | LoserCode::Excluded
        | LoserCode::Silenced
        | LoserCode::Unavailable => 0,
        LoserCode::NotEligible => 1,
        LoserCode::NotApplicable => 2,
        LoserCode::NotSuitable => 3,
        LoserCode::LimitReached => 4,
        LoserCode::BelowFloor => 5,
        LoserCode::NotRelevant => 6,
        LoserCode::LowerPriority | LoserCode::OverLimit => 7,
    }
}
