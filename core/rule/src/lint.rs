//! Rules that can be used but hardly mean what they say: parts that are always or never true,
//! parts that change nothing, events nobody sends, traits nobody has.
//!
//! A part whose tests all compare one operand with fixed values is put to one value of every
//! class that these tests can tell apart ([`values`]); what holds for all of them holds always.
//! Parts about several operands are joined from such parts, and nothing is said about the rest,
//! so there are no false alarms. O(parts × values); pairs are compared in groups of up to 32.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use kith_definition::nearest;
use kith_event::Kind;

use crate::error::At;
use crate::{Events, Expr, FactKey, Operand, Path, Schema};
use values::Subject;

/// Something odd about a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Lint {
    /// What kind of oddity.
    pub kind: LintKind,
    /// The part of the rule it is about.
    pub part: String,
    /// Where that starts.
    pub at: At,
    /// What is odd.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

/// The kinds of oddities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LintKind {
    /// It holds for everybody.
    AlwaysTrue,
    /// It holds for nobody.
    NeverTrue,
    /// It changes nothing beside this other part.
    Shadowed(String),
    /// No such event was ever received.
    EventNeverSeen,
    /// Nobody was ever told to have such a trait.
    TraitNeverSeen,
}

/// What was received so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Names of tracks; when there are none, nothing is said about events.
    pub events: BTreeSet<String>,
    /// Names of traits; when there are none, nothing is said about traits.
    pub traits: BTreeSet<String>,
}

/// Larger groups are not compared pair by pair.
const PAIRED_MAX: usize = 32;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Always,
    Never,
    Open,
}

/// Every oddity of a rule.
pub fn lint(expr: &Expr, schema: &Schema, received: &Received) -> Vec<Lint> {
    let mut linter = Linter {
        schema,
        received,
        found: Vec::new(),
    };
    linter.visit(expr);
    linter.found.sort_by_key(|lint| lint.at.offset);
    linter.found
}

struct Linter<'a> {
    schema: &'a Schema,
    received: &'a Received,
    found: Vec<Lint>,
}

impl Linter<'_> {
    fn visit(&mut self, expr: &Expr) -> Verdict {
        match expr {
            Expr::Always(true) => Verdict::Always,
            Expr::Always(false) => Verdict::Never,
            Expr::Not(inner) => match self.visit(inner) {
                Verdict::Always => Verdict::Never,
                Verdict::Never => Verdict::Always,
                Verdict::Open => Verdict::Open,
            },
            Expr::Test(test) => {
                for operand in test.operands() {
                    self.operand(operand);
                }
                let verdict = Subject::of(&[expr]).map_or(Verdict::Open, |subject| {
                    verdict(&subject.answers(|value| subject.holds(expr, value)))
                });
                self.report(verdict, expr);
                verdict
            }
            Expr::All(parts) => self.group(expr, parts, Verdict::Never, Verdict::Always),
            Expr::Any(parts) => self.group(expr, parts, Verdict::Always, Verdict::Never),
        }
    }

    /// `settled` is the verdict of one part that settles the group, `neutral` its opposite.
    fn group(
        &mut self,
        expr: &Expr,
        parts: &[Expr],
        settled: Verdict,
        neutral: Verdict,
    ) -> Verdict {
        let verdicts: Vec<Verdict> = parts.iter().map(|part| self.visit(part)).collect();
        if verdicts.contains(&settled) {
            return settled;
        }
        if verdicts.iter().all(|verdict| *verdict == neutral) {
            return neutral;
        }
        let open = parts
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Open);
        let open: Vec<&Expr> = open.map(|(part, _)| part).collect();
        if opposed(&open) {
            self.report(settled, expr);
            return settled;
        }
        let open = self.repeated(&open);
        let mut subjects: BTreeMap<String, Vec<&Expr>> = BTreeMap::new();
        for part in open {
            if let Some(subject) = Subject::of(&[part]) {
                subjects.entry(subject.name).or_default().push(part);
            }
        }
        for same in subjects.into_values().filter(|same| same.len() > 1) {
            let Some(subject) = Subject::of(&same) else {
                continue;
            };
            let all = settled == Verdict::Never;
            let joint = verdict(&subject.answers(|value| {
                let mut parts = same.iter();
                if all {
                    parts.all(|part| subject.holds(part, value))
                } else {
                    parts.any(|part| subject.holds(part, value))
                }
            }));
            if joint == settled {
                let same = same.into_iter().cloned().collect();
                let joined = if all {
                    Expr::All(same)
                } else {
                    Expr::Any(same)
                };
                self.report(settled, &joined);
                return settled;
            }
            if same.len() <= PAIRED_MAX {
                self.implied(&subject, &same, all);
            }
        }
        Verdict::Open
    }

    /// Reports parts written twice; gives each once.
    fn repeated<'e>(&mut self, parts: &[&'e Expr]) -> Vec<&'e Expr> {
        let mut seen = BTreeSet::new();
        let mut once = Vec::new();
        for part in parts {
            let text = part.to_string();
            if seen.contains(&text) {
                let message = format!("{text} is there twice");
                let kind = LintKind::Shadowed(text);
                self.push(kind, part, message, "remove one".to_owned());
            } else {
                seen.insert(text);
                once.push(*part);
            }
        }
        once
    }

    /// Reports parts that follow from another one, or from which another one follows.
    fn implied(&mut self, subject: &Subject, parts: &[&Expr], all: bool) {
        let answers = parts
            .iter()
            .map(|part| subject.answers(|value| subject.holds(part, value)));
        let answers: Vec<Vec<bool>> = answers.collect();
        let implies = |one: usize, other: usize| {
            let mut pairs = answers[one].iter().zip(&answers[other]);
            pairs.all(|(one, other)| !one || *other)
        };
        for weak in 0..parts.len() {
            let by = (0..parts.len()).find(|strong| {
                let (from, to) = if all {
                    (*strong, weak)
                } else {
                    (weak, *strong)
                };
                *strong != weak && implies(from, to) && (!implies(to, from) || *strong < weak)
            });
            let Some(by) = by.map(|by| parts[by].to_string()) else {
                continue;
            };
            let part = parts[weak];
            let message = format!("{part} changes nothing beside {by}");
            self.push(
                LintKind::Shadowed(by),
                part,
                message,
                "remove it".to_owned(),
            );
        }
    }

    fn operand(&mut self, operand: &Operand) {
        let Some(key) = operand.fact() else {
            return;
        };
        let key = self.schema.resolve(key);
        match &key {
            FactKey::Count(name)
            | FactKey::Sum(name)
            | FactKey::First(name)
            | FactKey::Last(name) => self.event(name, operand.at),
            FactKey::Trait(path) | FactKey::Anniversary(path) => self.of_trait(path, operand.at),
            _ => {}
        }
        // The conditions of a feature are not written in this rule.
        let written = operand.fact() == Some(&key);
        for filter in key.filters() {
            if let Events::Named(Kind::Track, name) = &filter.events {
                self.event(name, operand.at);
            }
            if let Some(condition) = filter.condition.as_ref().filter(|_| written) {
                self.visit(condition.expr());
            }
        }
    }

    fn event(&mut self, name: &str, at: At) {
        let known = &self.received.events;
        if known.is_empty() || known.contains(name) {
            return;
        }
        self.found.push(Lint {
            kind: LintKind::EventNeverSeen,
            part: name.to_owned(),
            at,
            message: format!("no event \"{name}\" was ever received"),
            fix: spelling(name, known),
        });
    }

    /// One that a feature is published as is known as the feature, see [`Schema::resolve`].
    fn of_trait(&mut self, path: &Path, at: At) {
        let known = &self.received.traits;
        let name = path.first();
        if known.is_empty() || known.contains(name) {
            return;
        }
        let published = self.schema.published();
        let known = known.iter().map(String::as_str).chain(published);
        self.found.push(Lint {
            kind: LintKind::TraitNeverSeen,
            part: format!("traits.{path}"),
            at,
            message: format!("nobody was ever told to have the trait \"{name}\""),
            fix: spelling(name, &known.map(str::to_owned).collect()),
        });
    }

    fn report(&mut self, verdict: Verdict, part: &Expr) {
        let (kind, word, fix) = match verdict {
            Verdict::Always => (LintKind::AlwaysTrue, "everybody", "remove it"),
            Verdict::Never => (LintKind::NeverTrue, "nobody", "change one of its values"),
            Verdict::Open => return,
        };
        self.push(
            kind,
            part,
            format!("{part} holds for {word}"),
            fix.to_owned(),
        );
    }

    fn push(&mut self, kind: LintKind, part: &Expr, message: String, fix: String) {
        let at = part.tests().first().map(|test| test.at).unwrap_or_default();
        let part = part.to_string();
        self.found.push(Lint {
            kind,
            part,
            at,
            message,
            fix,
        });
    }
}

fn spelling(name: &str, known: &BTreeSet<String>) -> String {
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => "check its name, upper and lower case too".to_owned(),
    }
}

fn verdict(answers: &[bool]) -> Verdict {
    match (answers.contains(&true), answers.contains(&false)) {
        (true, false) => Verdict::Always,
        (false, true) => Verdict::Never,
        _ => Verdict::Open,
    }
}

/// Whether one part is the other with `not` before it.
fn opposed(parts: &[&Expr]) -> bool {
    let texts: BTreeSet<String> = parts.iter().map(ToString::to_string).collect();
    parts.iter().any(|part| match part {
        Expr::Not(inner) => texts.contains(&inner.to_string()),
        _ => false,
    })
}
