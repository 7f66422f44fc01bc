//! Whom a merge policy takes for one person: those whom events and operators joined, and those
//! whom probable links of enough confidence tie to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kith_base::{NodeId, PersonId, limits};
use kith_event::{Basis, Says};
use kith_identity::MergePolicy;
use kith_profile::{Parts, Profile};
use kith_rule::FactKey;

use super::people;
use crate::Project;
use crate::state::{Error, Read};
use crate::table::{self, PersonRow, ProbableRow};

/// A person whom probable links may tie to others.
struct Known {
    nodes: Vec<NodeId>,
    /// Values of unique kinds of identifier.
    unique: BTreeMap<String, BTreeSet<String>>,
    consents: bool,
    links: Vec<(NodeId, ProbableRow)>,
    /// Nodes that an operator keeps apart from some of theirs.
    apart: BTreeSet<NodeId>,
}

/// Why two persons are not one under any policy, however probable it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// Both have a value of a kind of which nobody has two.
    Unique,
    /// An operator said so.
    Apart,
    /// One of them did not consent to be linked.
    Consent,
}

/// The persons that are one with this one under a policy: itself first, then by id. The answer
/// is the same for each of them. O(persons) reads, at most [`limits::LINKED_PERSONS_MAX`] and as
/// many of their links.
pub fn linked(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
    policy: MergePolicy,
) -> Result<Vec<PersonId>, Error> {
    let Some(least) = project.identity.least_confidence(policy) else {
        return Ok(vec![person]);
    };
    let mut reader = Reader::new(state, project, least);
    let Some(found) = reader.around(person)? else {
        return Ok(vec![person]);
    };
    let mut others = found.joined_with(person);
    others.retain(|other| *other != person);
    others.insert(0, person);
    Ok(others)
}

/// The profile of a person under a policy: of all whom it takes for one.
pub fn profile_under(
    state: &dyn Read,
    project: &Project,
    person: PersonId,
    policy: MergePolicy,
) -> Result<Option<Profile>, Error> {
    let Some(mut profile) = people::profile(state, project, person)? else {
        return Ok(None);
    };
    for other in linked(state, project, profile.person, policy)?.drain(1..) {
        if let Some(other) = people::profile(state, project, other)? {
            profile.fold.merge(&other.fold);
            profile.nodes.extend(other.nodes);
        }
    }
    Ok(Some(profile))
}

/// Why two persons are two, however probable a link between them; `None` when nothing is against
/// it.
pub fn hindrance(
    state: &dyn Read,
    project: &Project,
    a: PersonId,
    b: PersonId,
) -> Result<Option<Hindrance>, Error> {
    let mut reader = Reader::new(state, project, u16::MAX);
    let (Some(a), Some(b)) = (reader.known(a)?, reader.known(b)?) else {
        return Ok(None);
    };
    Ok(Group::of(&a).hindrance(&Group::of(&b)).or_else(|| {
        let both = a.consents && b.consents;
        (!both).then_some(Hindrance::Consent)
    }))
}

struct Reader<'a> {
    state: &'a dyn Read,
    project: &'a Project,
    least: u16,
    parts: Parts,
}

/// Persons that hang together by probable links.
#[derive(Default)]
struct Around {
    persons: BTreeMap<PersonId, Known>,
    /// By falling confidence.
    links: Vec<(Reverse<u16>, PersonId, PersonId)>,
}

impl<'a> Reader<'a> {
    fn new(state: &'a dyn Read, project: &'a Project, least: u16) -> Self {
        let consent = FactKey::Consent(project.identity.probabilistic.consent.clone());
        Reader {
            state,
            project,
            least,
            parts: Parts::of([&consent], &project.features),
        }
    }

    /// Everybody within reach, or nobody when these are too many.
    fn around(&mut self, person: PersonId) -> Result<Option<Around>, Error> {
        let mut found = Around::default();
        let mut open = vec![person];
        while let Some(next) = open.pop() {
            if found.persons.contains_key(&next) {
                continue;
            }
            let Some(known) = self.known(next)? else {
                continue;
            };
            if found.persons.len() >= limits::LINKED_PERSONS_MAX {
                return Ok(None);
            }
            for (other, row) in known.links.iter().filter(|_| known.consents) {
                let none = Parts::default();
                let Some(node) = table::read_node_parts(self.state, *other, &none)? else {
                    continue;
                };
                let other = node.leader.person();
                if other != next {
                    let (a, b) = (next.min(other), next.max(other));
                    found.links.push((Reverse(row.confidence), a, b));
                    open.push(other);
                }
            }
            found.persons.insert(next, known);
        }
        found.links.sort_unstable();
        found.links.dedup();
        Ok(Some(found))
    }

    fn known(&mut self, person: PersonId) -> Result<Option<Known>, Error> {
        let row: Option<PersonRow> = table::read(self.state, &table::person(person))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let rules = &self.project.identity;
        let (mut unique, mut latest) = (BTreeMap::<String, BTreeSet<String>>::new(), None);
        let (mut links, mut apart) = (Vec::new(), BTreeSet::new());
        for id in &row.nodes {
            let Some(node) = table::read_node_parts(self.state, *id, &self.parts)? else {
                continue;
            };
            let said = node.fold.consents.get(&rules.probabilistic.consent);
            let said = said.map(|said| (said.stamp, said.value.granted));
            latest = latest.max(said);
            if node.probable {
                links.extend(self.counting(*id)?);
            }
            if node.judged {
                let said = table::verdicts(self.state, *id)?.into_iter();
                let said = said.filter(|(_, row)| row.says == Says::Different);
                apart.extend(said.map(|(other, _)| other));
            }
            if rules.namespace(&node.namespace).is_unique() {
                unique.entry(node.namespace).or_default().insert(node.value);
            }
        }
        Ok(Some(Known {
            nodes: row.nodes,
            unique,
            consents: latest.is_some_and(|(_, granted)| granted),
            links,
            apart,
        }))
    }

    /// Links of a node that count.
    fn counting(&self, id: NodeId) -> Result<Vec<(NodeId, ProbableRow)>, Error> {
        let rules = &self.project.identity.probabilistic;
        let mut links = table::probables(self.state, id)?;
        links.retain(|(_, row)| {
            let is_on = match row.basis {
                Basis::Records => rules.records,
                Basis::Visitors => rules.visitors,
                Basis::Household => false,
            };
            is_on && row.confidence >= self.least
        });
        Ok(links)
    }
}

/// Persons joined so far.
#[derive(Clone, Default)]
struct Group {
    persons: Vec<PersonId>,
    nodes: BTreeSet<NodeId>,
    unique: BTreeMap<String, BTreeSet<String>>,
    apart: BTreeSet<NodeId>,
}

impl Group {
    fn of(known: &Known) -> Self {
        Group {
            persons: Vec::new(),
            nodes: known.nodes.iter().copied().collect(),
            unique: known.unique.clone(),
            apart: known.apart.clone(),
        }
    }

    fn hindrance(&self, other: &Group) -> Option<Hindrance> {
        if !self.apart.is_disjoint(&other.nodes) || !other.apart.is_disjoint(&self.nodes) {
            return Some(Hindrance::Apart);
        }
        let differs = |(kind, values): (&String, &BTreeSet<String>)| {
            other
                .unique
                .get(kind)
                .is_some_and(|theirs| theirs != values)
        };
        self.unique.iter().any(differs).then_some(Hindrance::Unique)
    }

    fn take_in(&mut self, other: Group) {
        self.persons.extend(other.persons);
        self.nodes.extend(other.nodes);
        self.apart.extend(other.apart);
        for (kind, values) in other.unique {
            self.unique.entry(kind).or_default().extend(values);
        }
    }
}

impl Around {
    /// Joins by falling confidence what nothing keeps apart: the same for whoever asks.
    fn joined_with(&self, person: PersonId) -> Vec<PersonId> {
        let mut groups: Vec<Group> = Vec::with_capacity(self.persons.len());
        for (id, known) in &self.persons {
            groups.push(Group {
                persons: vec![*id],
                ..Group::of(known)
            });
        }
        let consents = |id: &PersonId| self.persons.get(id).is_some_and(|known| known.consents);
        for (_, a, b) in self
            .links
            .iter()
            .filter(|(_, a, b)| consents(a) && consents(b))
        {
            let place = |id: &PersonId| groups.iter().position(|group| group.persons.contains(id));
            let (Some(one), Some(other)) = (place(a), place(b)) else {
                continue;
            };
            if one == other || groups[one].hindrance(&groups[other]).is_some() {
                continue;
            }
            let taken = groups.remove(one.max(other));
            groups[one.min(other)].take_in(taken);
        }
        let own = groups
            .into_iter()
            .find(|group| group.persons.contains(&person));
        let mut persons = own.map_or_else(|| vec![person], |group| group.persons);
        persons.sort_unstable();
        persons
    }
}
