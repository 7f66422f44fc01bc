//! How many people an audience would hold, and what a feature would say of them: the compiled
//! rule on a uniform sample of all persons. What the rule reads and nobody kept so far is folded
//! from the timelines of those who are looked at.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use kith_base::{PersonId, Value};
use kith_definition::{Audience, AudienceType, Document, Feature, Spec};
use kith_engine::query::{self, Standing, Trial};
use kith_engine::table::{self, Entry};
use kith_event::Record;
use kith_rule::{Aggregate, Expr, Slots};
use kith_runtime::View;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::{FeatureValue, Overlap, Preview, SizeEstimate};
use crate::{read, rule_forms};

/// How long a sample may take.
const SAMPLE_TIME: Duration = Duration::from_millis(150);
/// Persons of one part of the sample, about.
const PART_PERSONS: u64 = 64;
/// Most parts: what the first two bytes of an id tell apart.
const PARTS_MAX: u64 = 65_536;
/// People shown.
const SHOWN_MAX: usize = 10;
/// Audiences shown that share members.
const OVERLAPS_MAX: usize = 10;
/// The 97.5 % quantile of the normal distribution: for 95 % intervals.
const Z: f64 = 1.959_964;

/// What an audience would hold.
pub fn audience(
    state: &AdminState,
    view: &View,
    document: &Document,
    spec: &Audience,
    exact: bool,
) -> Result<Preview, Problem> {
    let mut preview = Preview::default();
    let expr = match spec.kind {
        AudienceType::List => None,
        AudienceType::Rule => Expr::parse(&spec.when).ok(),
    };
    preview.in_words = expr.as_ref().map(Expr::in_words);
    preview.tree = expr.as_ref().and_then(rule_forms::tree);
    let trial = trial(view, document)?;
    let Some(live) = trial.project.audiences.get(&document.id) else {
        return Ok(preview);
    };
    let now = state.now().max(query::clock(&*view.state)?);
    let set = trial.project.audiences.facts();
    let mut found = Found::default();
    let walked = walk(state, view, &trial, exact, &mut |standing| {
        let holds = match &live.rule {
            Some(rule) => standing.ask(&trial.project, |facts| {
                rule.holds(&Slots::only(rule.slots(), set, facts, now))
            }),
            None => standing.audiences.contains_key(&document.id),
        };
        if holds {
            found.add(standing, &document.id);
        }
        true
    })?;
    preview.size = Some(walked.estimate(found.count));
    preview.overlap = found.overlap(&trial, &walked);
    for person in found.shown {
        let profile = query::profile(&*view.state, &view.project, person)?;
        preview
            .sample
            .extend(profile.map(|profile| read::person_row(&profile)));
    }
    Ok(preview)
}

/// What a feature would say of ten people; those it says something of come first.
pub fn feature(
    state: &AdminState,
    view: &View,
    document: &Document,
    spec: &Feature,
) -> Result<Preview, Problem> {
    let mut preview = Preview::default();
    match (&spec.affinity, Aggregate::parse(&spec.value)) {
        (Some(_), _) => {}
        (None, Ok(aggregate)) => preview.in_words = Some(aggregate.in_words()),
        (None, Err(_)) => return Ok(preview),
    }
    let trial = trial(view, document)?;
    let now = state.now().max(query::clock(&*view.state)?);
    let (mut telling, mut silent) = (Vec::new(), Vec::new());
    walk(state, view, &trial, false, &mut |standing| {
        let value = standing.feature(&trial.project, &document.id, now);
        let quiet = matches!(value, Value::Null | Value::Int(0)) || value == Value::Float(0.0);
        let shown = if quiet { &mut silent } else { &mut telling };
        if shown.len() < SHOWN_MAX {
            shown.push((standing.person, value));
        }
        telling.len() < SHOWN_MAX
    })?;
    for (person, value) in telling.into_iter().chain(silent).take(SHOWN_MAX) {
        let profile = query::profile(&*view.state, &view.project, person)?;
        preview.values.extend(profile.map(|profile| {
            FeatureValue {
                person: read::person_row(&profile),
                value: serde_json::to_value(&value)
                    .ok()
                    .filter(|value| !value.is_null()),
            }
        }));
    }
    Ok(preview)
}

fn trial(view: &View, document: &Document) -> Result<Trial, Problem> {
    let spec: Spec = document.spec.clone();
    Ok(Trial::new(&*view.state, &document.id, spec)?)
}

/// Who is in, among those looked at.
#[derive(Default)]
struct Found {
    count: u64,
    shown: Vec<PersonId>,
    with: BTreeMap<String, u64>,
}

impl Found {
    fn add(&mut self, standing: &Standing, own: &str) {
        self.count += 1;
        if self.shown.len() < SHOWN_MAX {
            self.shown.push(standing.person);
        }
        for id in standing.audiences.keys().filter(|id| *id != own) {
            *self.with.entry(id.clone()).or_default() += 1;
        }
    }

    fn overlap(&self, trial: &Trial, walked: &Walked) -> Vec<Overlap> {
        let live = |(id, count): (&String, &u64)| {
            let audience = trial.project.audiences.get(id)?;
            Some(Overlap {
                audience_id: id.clone(),
                name: audience.name.clone(),
                both: walked.scaled(*count as f64),
            })
        };
        let mut overlap: Vec<Overlap> = self.with.iter().filter_map(live).collect();
        overlap.sort_by(|a, b| {
            b.both
                .cmp(&a.both)
                .then_with(|| a.audience_id.cmp(&b.audience_id))
        });
        overlap.truncate(OVERLAPS_MAX);
        overlap
    }
}

/// How many persons were looked at, of how many.
#[derive(Clone, Copy, Debug)]
struct Walked {
    sampled: u64,
    of: u64,
    complete: bool,
}

impl Walked {
    fn scaled(&self, count: f64) -> u64 {
        if self.complete || self.sampled == 0 {
            return count as u64;
        }
        (count / self.sampled as f64 * self.of as f64).round() as u64
    }

    /// The number in all of whom `count` were found, with its Wilson interval (Wilson 1927).
    fn estimate(&self, count: u64) -> SizeEstimate {
        let of = if self.complete { self.sampled } else { self.of };
        let (mut low, mut high) = (count, count);
        if !self.complete {
            // Whoever was looked at is known, whatever the interval says.
            let unseen = of.saturating_sub(self.sampled);
            let (least, most) = wilson(count, self.sampled);
            let scaled = |share: f64| share * of as f64;
            low = (scaled(least).floor() as u64).max(count);
            high = (scaled(most).ceil() as u64).min(count + unseen);
        }
        SizeEstimate {
            estimate: self.scaled(count as f64).clamp(low, high.max(low)),
            low,
            high: high.max(low),
            exact: self.complete,
            sampled: self.sampled,
            of,
        }
    }
}

/// The Wilson interval of a share at 95 %.
fn wilson(count: u64, sampled: u64) -> (f64, f64) {
    if sampled == 0 {
        return (0.0, 1.0);
    }
    let (n, share) = (sampled as f64, count as f64 / sampled as f64);
    let weight = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / weight;
    let half = Z / weight * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Looks at persons, in an order that does not depend on who they are, until `look` has seen
/// enough or, unless everybody is wanted, time is up.
fn walk(
    state: &AdminState,
    view: &View,
    trial: &Trial,
    everybody: bool,
    look: &mut dyn FnMut(&Standing) -> bool,
) -> Result<Walked, Problem> {
    let started = Instant::now();
    let of = table::read_number(&*view.state, &table::mark(table::PERSONS))?;
    let parts = (of / PART_PERSONS).next_power_of_two().clamp(1, PARTS_MAX) as u32;
    let mut walked = Walked {
        sampled: 0,
        of,
        complete: false,
    };
    for n in 0..parts {
        // Bits reversed: the parts come evenly from everywhere, wherever the walk ends.
        let part = (n.reverse_bits() >> 1) >> (31 - parts.trailing_zeros());
        for person in query::persons_of_part(&*view.state, part, parts)? {
            if !everybody && walked.sampled > 0 && started.elapsed() > SAMPLE_TIME {
                return Ok(walked);
            }
            let Some(standing) = standing(state, view, trial, person)? else {
                continue;
            };
            walked.sampled += 1;
            if !look(&standing) {
                return Ok(walked);
            }
        }
    }
    walked.complete = true;
    Ok(walked)
}

/// A person with everything the trial reads.
fn standing(
    state: &AdminState,
    view: &View,
    trial: &Trial,
    person: PersonId,
) -> Result<Option<Standing>, Problem> {
    let standing = query::standing(&*view.state, &trial.project, person)?;
    let Some(mut standing) = standing else {
        return Ok(None);
    };
    if trial.missing.is_empty() {
        return Ok(Some(standing));
    }
    let (events, all) = (Some(Entry::Event), usize::MAX);
    for entry in query::timeline(&*view.state, person, None, events, all)? {
        if let Some(Record::Event(event)) = state.handle().record(entry.position)? {
            standing.add(&*view.state, &trial.missing, &event, entry.position)?;
        }
    }
    Ok(Some(standing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_its_estimate_and_shrinks_with_the_sample() {
        // Values of the Wilson interval for 10 of 100, from its closed form.
        let (low, high) = wilson(10, 100);
        assert!((low - 0.0552).abs() < 1e-4, "{low}");
        assert!((high - 0.1744).abs() < 1e-4, "{high}");
        assert_eq!(wilson(0, 0), (0.0, 1.0));
        let walked = |sampled| Walked {
            sampled,
            of: 10_000,
            complete: false,
        };
        let (small, large) = (walked(100).estimate(10), walked(5_000).estimate(500));
        assert_eq!((small.estimate, large.estimate), (1_000, 1_000));
        assert!(small.low <= 1_000 && 1_000 <= small.high);
        assert!(large.high - large.low < small.high - small.low);
        let nobody = walked(100).estimate(0);
        assert_eq!((nobody.estimate, nobody.low), (0, 0));
        assert!(nobody.high > 0);
    }

    #[test]
    fn everybody_is_a_number_without_an_interval() {
        let walked = Walked {
            sampled: 40,
            of: 40,
            complete: true,
        };
        let size = walked.estimate(7);
        assert_eq!(
            (size.estimate, size.low, size.high, size.exact),
            (7, 7, 7, true)
        );
    }
}
