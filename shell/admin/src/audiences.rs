//! Audiences with their numbers, put together from definitions and state.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Duration, PersonId, Timestamp};
use kith_definition::{Audience as Spec, AudienceType, Document, Kind};
use kith_engine::query::{self, Definition};
use kith_engine::rules;
use kith_engine::table::JobRow;
use kith_runtime::View;

use crate::problem::{self, Problem};
use crate::wire::{
    Audience, AudienceChange, AudienceKind, AudienceState, Member, Page, SizeAt, UsedBy,
};
use crate::{change, page, read};

const LIST: &str = "audiences";
const MEMBERS: &str = "members";
/// Hours of sizes shown: a week of them when the size changes every hour.
const HOURS_MAX: usize = 168;
/// Newest changes looked at to count entries and exits, or to find those of one audience.
const CHANGES_MAX: usize = 200_000;
/// What every row of a list needs, read once.
pub struct Numbers {
    turnover: BTreeMap<String, (u64, u64)>,
    users: Vec<(BTreeSet<(Kind, String)>, UsedBy)>,
}

impl Numbers {
    /// As of `now`.
    pub fn read(view: &View, now: Timestamp) -> Result<Self, Problem> {
        let yesterday = now.minus(Duration::from_days(1));
        let user = |document: &Document| {
            let used_by = UsedBy {
                kind: document.kind.as_str().to_owned(),
                id: document.id.clone(),
                name: document.name.clone(),
            };
            let mut named = rules::references(document);
            if let kith_definition::Spec::Webhook(webhook) = &document.spec {
                let audiences = webhook.audiences.iter().cloned();
                named.extend(audiences.map(|id| (Kind::Audience, id)));
            }
            (named, used_by)
        };
        let documents = change::live_documents(&*view.state)?;
        Ok(Numbers {
            turnover: query::turnover(&*view.state, yesterday, CHANGES_MAX)?,
            users: documents.iter().map(user).collect(),
        })
    }
}

/// The live definition of an audience.
pub fn find(view: &View, id: &str) -> Result<(Definition, Spec), Problem> {
    let missing = || Problem::not_found("audience", id);
    let found = query::definition(&*view.state, Kind::Audience.as_str(), id)?;
    let found = found
        .filter(|found| !found.row.archived)
        .ok_or_else(missing)?;
    let spec = Spec::parse(&found.row.spec).map_err(|_| missing())?;
    Ok((found, spec))
}

/// The live definition of a list, or why it is none.
pub fn find_list(view: &View, id: &str) -> Result<(), Problem> {
    let (_, spec) = find(view, id)?;
    match spec.kind {
        AudienceType::List => Ok(()),
        AudienceType::Rule => {
            let detail = format!("the members of {id:?} follow from its rule");
            Err(Problem::new(problem::NOT_A_LIST, detail))
        }
    }
}

/// One page of audiences by id.
pub fn list(
    view: &View,
    cursor: Option<&str>,
    limit: usize,
    now: Timestamp,
) -> Result<Page<Audience>, Problem> {
    let numbers = Numbers::read(view, now)?;
    let mut after = page::place(LIST, cursor)?;
    let mut items = Vec::new();
    loop {
        let kind = Kind::Audience.as_str();
        let rows = query::definitions(&*view.state, kind, after.as_deref(), limit + 1)?;
        let last = rows.len() <= limit;
        after = rows.last().map(|row| row.id.clone());
        for found in rows.iter().filter(|found| !found.row.archived) {
            if let Ok(spec) = Spec::parse(&found.row.spec) {
                items.push(audience(view, found, &spec, &numbers)?);
            }
        }
        if last || items.len() > limit {
            return Ok(page::page(LIST, items, limit, |item| {
                item.audience_id.clone()
            }));
        }
    }
}

/// One audience.
pub fn audience(
    view: &View,
    found: &Definition,
    spec: &Spec,
    numbers: &Numbers,
) -> Result<Audience, Problem> {
    let state = &*view.state;
    let counted = query::audience(state, &found.id, HOURS_MAX)?;
    let key = (Kind::Audience, found.id.clone());
    let users = numbers
        .users
        .iter()
        .filter(|(named, _)| named.contains(&key));
    let (entered_24h, left_24h) = numbers.turnover.get(&found.id).copied().unwrap_or_default();
    let job = counted.job.as_ref();
    let size_at = |(at, size): (Timestamp, u64)| SizeAt {
        at: at.into(),
        size,
    };
    Ok(Audience {
        audience_id: found.id.clone(),
        name: found.row.name.clone(),
        description: spec.description.clone(),
        kind: match spec.kind {
            AudienceType::Rule => AudienceKind::Rule,
            AudienceType::List => AudienceKind::List,
        },
        size: counted.size,
        state: match job {
            Some(job) if job.cancelled_at.is_some() => AudienceState::Cancelled,
            Some(_) => AudienceState::Computing,
            None => AudienceState::Ready,
        },
        progress: job.map_or(Ok(1.0), |job| progress(view, &found.id, job))?,
        updated_at: found.row.at.into(),
        size_history: counted.hours.into_iter().map(size_at).collect(),
        used_by: users.map(|(_, user)| user.clone()).collect(),
        entered_24h,
        left_24h,
    })
}

/// The share done of a job. Reading the past of its series counts as one half where the rule
/// reads any, looking at the persons as the rest.
pub fn progress(view: &View, id: &str, job: &JobRow) -> Result<f64, Problem> {
    let persons = match job.total {
        0 => 0.0,
        total => (job.done as f64 / total as f64).min(1.0),
    };
    let audience = view.project.audiences.get(id);
    if audience.is_none_or(|audience| audience.series.is_empty()) {
        return Ok(persons);
    }
    let past = query::caught_up(&*view.state, &job.waiting_for)?;
    Ok(f64::midpoint(past, persons))
}

/// One page of members by person.
pub fn members(
    view: &View,
    id: &str,
    cursor: Option<&str>,
    limit: usize,
) -> Result<Page<Member>, Problem> {
    find(view, id)?;
    let place = page::place(MEMBERS, cursor)?;
    let after = match &place {
        Some(place) => Some(PersonId::parse(place).ok_or_else(page::wrong_cursor)?),
        None => None,
    };
    let rows = query::members(&*view.state, id, after, limit + 1)?;
    let rows = page::page(MEMBERS, rows, limit, |(person, _)| person.to_string());
    let mut items = Vec::with_capacity(rows.items.len());
    for (person, since) in rows.items {
        let profile = query::profile(&*view.state, &view.project, person)?;
        items.extend(profile.map(|profile| Member {
            person: read::person_row(&profile),
            since: since.into(),
        }));
    }
    Ok(Page {
        items,
        next_cursor: rows.next_cursor,
    })
}

/// The newest entries and exits of an audience.
pub fn changes(view: &View, id: &str, limit: usize) -> Result<Page<AudienceChange>, Problem> {
    find(view, id)?;
    let newest = query::membership_changes(&*view.state, Some(id), CHANGES_MAX, limit)?;
    let mut items = Vec::with_capacity(newest.len());
    for change in newest {
        let profile = query::profile(&*view.state, &view.project, change.person)?;
        items.push(AudienceChange {
            person_id: change.person.to_string(),
            display_name: profile.map_or_else(String::new, |profile| profile.display_name()),
            entered: change.entered,
            at: change.at.into(),
        });
    }
    Ok(Page {
        items,
        next_cursor: None,
    })
}
