//! Why a person is in an audience, or not: the same rule, asked for its reasons.

use kith_base::{PersonId, Timestamp};
use kith_definition::AudienceType;
use kith_engine::query::{self, Standing};
use kith_runtime::View;

use crate::audiences;
use crate::problem::Problem;
use crate::wire::{ExplainedTest, Explanation};

/// Explains one audience to one person.
pub fn explain(
    view: &View,
    person_id: &str,
    audience: &str,
    now: Timestamp,
) -> Result<Explanation, Problem> {
    let missing = || Problem::not_found("person", person_id);
    let person = PersonId::parse(person_id).ok_or_else(missing)?;
    let person = query::resolve_person(&*view.state, person)?.ok_or_else(missing)?;
    let (_, spec) = audiences::find(view, audience)?;
    let standing = query::standing(&*view.state, &view.project, person)?.ok_or_else(missing)?;
    let since = standing.audiences.get(audience).copied();
    let mut explanation = Explanation {
        member: since.is_some(),
        since: since.map(Into::into),
        in_words: match (spec.kind, since) {
            (AudienceType::List, Some(_)) => "they were put on the list".to_owned(),
            (AudienceType::List, None) => "they are not on the list".to_owned(),
            _ => "its rule cannot be used".to_owned(),
        },
        tests: Vec::new(),
        next_change_at: None,
    };
    if spec.kind == AudienceType::Rule {
        let now = now.max(query::clock(&*view.state)?);
        by_rule(view, &standing, audience, now, &mut explanation);
        if query::audience(&*view.state, audience, 0)?.job.is_some() {
            explanation.in_words += "; the audience is still being computed";
        }
    }
    Ok(explanation)
}

fn by_rule(
    view: &View,
    standing: &Standing,
    audience: &str,
    now: Timestamp,
    explanation: &mut Explanation,
) {
    let audiences = &view.project.audiences;
    let Some(rule) = audiences.get(audience).and_then(|live| live.rule.as_ref()) else {
        return;
    };
    let set = audiences.facts();
    standing.ask(&view.project, |facts| {
        let slots = kith_rule::Slots::only(rule.slots(), set, facts, now);
        explanation.in_words = rule.reason(&slots);
        if let Some(outlook) = rule.outlook(set, facts, now) {
            explanation.in_words += &format!("; {outlook}");
        }
        let test = |test: kith_rule::TestReport| ExplainedTest {
            text: test.text,
            holds: test.holds,
            reason: test.reason,
            changes_at: certain(test.change),
        };
        explanation.tests = rule.tests(set, facts, now).into_iter().map(test).collect();
        explanation.next_change_at = certain(rule.next_flip(set, facts, now));
    });
}

fn certain(change: Option<kith_rule::Change>) -> Option<crate::wire::Time> {
    let change = change.filter(|change| change.certain);
    change.map(|change| change.at.into())
}
