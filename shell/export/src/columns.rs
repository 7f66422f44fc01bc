//! Which columns a file has, and what each holds.

use std::collections::BTreeSet;

use kith_base::{Value, limits};

use crate::people::{People, Person};
use crate::write::{Error, Selection};

/// Where a column's values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    PersonId,
    /// When the person entered the audience.
    Since,
    /// The strongest identifier of a namespace.
    Identifier(String),
    Trait(String),
    Feature(String),
}

/// What the values of a column are. Listed so that the later one holds what both hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// Nothing was seen.
    Nothing,
    Flag,
    Whole,
    Number,
    Time,
    /// Text, or anything as JSON.
    Text,
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub name: String,
    pub origin: Origin,
    pub holds: Holds,
}

impl Column {
    fn new(name: String, origin: Origin, holds: Holds) -> Self {
        Column {
            name,
            origin,
            holds,
        }
    }

    /// A person's value in it.
    pub(crate) fn value(&self, people: &People<'_>, person: &Person) -> Value {
        let (project, now) = (&*people.view.project, people.now);
        let standing = &person.standing;
        match &self.origin {
            Origin::PersonId => Value::Text(standing.person.to_string()),
            Origin::Since => person.since.map_or(Value::Null, Value::Time),
            Origin::Identifier(namespace) => {
                let mut all = standing.identifiers().iter();
                let found = all.find(|one| one.namespace == *namespace);
                found.map_or(Value::Null, |found| Value::Text(found.value.clone()))
            }
            Origin::Trait(name) => standing.trait_value(project, &people.unready, name, now),
            Origin::Feature(id) => standing.feature(project, id, now),
        }
    }
}

impl Holds {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Holds::Nothing,
            Value::Bool(_) => Holds::Flag,
            Value::Int(_) => Holds::Whole,
            Value::Float(_) => Holds::Number,
            Value::Time(_) => Holds::Time,
            Value::Text(_) | Value::List(_) | Value::Map(_) => Holds::Text,
        }
    }

    /// What holds both. Whole numbers fit numbers; anything else that differs becomes text.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Holds::Nothing, one) | (one, Holds::Nothing) => one,
            (one, same) if one == same => one,
            (Holds::Whole, Holds::Number) | (Holds::Number, Holds::Whole) => Holds::Number,
            _ => Holds::Text,
        }
    }
}

/// The columns of an export, found by looking at everybody it is about.
pub(crate) fn find(people: &People<'_>, selection: &Selection) -> Result<Vec<Column>, Error> {
    let mut columns = fixed(people, selection);
    let all_traits = selection.traits.is_none();
    let mut names: BTreeSet<String> = columns
        .iter()
        .filter_map(|column| match &column.origin {
            Origin::Trait(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    people.each(|person| {
        if all_traits {
            for name in person.standing.trait_names() {
                if names.len() < limits::EXPORT_TRAITS_MAX && !names.contains(name) {
                    names.insert(name.to_owned());
                    columns.push(of_trait(name));
                }
            }
        }
        for column in &mut columns {
            if column.holds != Holds::Text {
                let value = column.value(people, &person);
                column.holds = column.holds.with(Holds::of(&value));
            }
        }
        Ok::<(), Error>(())
    })?;
    // In the order in which a person would look for them, whatever order people came in.
    columns.sort_by_key(|column| match &column.origin {
        Origin::PersonId => (0, String::new()),
        Origin::Since => (1, String::new()),
        Origin::Identifier(name) => (2, name.clone()),
        Origin::Trait(name) => (3, name.clone()),
        Origin::Feature(name) => (4, name.clone()),
    });
    Ok(columns)
}

fn of_trait(name: &str) -> Column {
    let origin = Origin::Trait(name.to_owned());
    Column::new(format!("trait_{name}"), origin, Holds::Nothing)
}

/// The columns that are known without looking at anybody.
fn fixed(people: &People<'_>, selection: &Selection) -> Vec<Column> {
    let project = &people.view.project;
    let mut columns = vec![Column::new(
        "person_id".to_owned(),
        Origin::PersonId,
        Holds::Text,
    )];
    if !people.audience.is_empty() {
        columns.push(Column::new("since".to_owned(), Origin::Since, Holds::Time));
    }
    let namespaces = || project.identity.namespaces.keys().cloned().collect();
    for name in selection.identifiers.clone().unwrap_or_else(namespaces) {
        let origin = Origin::Identifier(name.clone());
        columns.push(Column::new(name, origin, Holds::Text));
    }
    let computed = || project.computed.keys().cloned().collect();
    let traits: Vec<String> = selection.traits.clone().unwrap_or_else(computed);
    columns.extend(traits.iter().map(|name| of_trait(name)));
    for id in &selection.features {
        let origin = Origin::Feature(id.clone());
        columns.push(Column::new(format!("feature_{id}"), origin, Holds::Nothing));
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_holds_what_all_its_values_are() {
        use Holds::*;
        let check = |all: &[Holds], expect: Holds| {
            let held = all.iter().fold(Nothing, |held, one| held.with(*one));
            assert_eq!(held, expect, "{all:?}");
        };
        check(&[], Nothing);
        check(&[Nothing, Whole, Nothing], Whole);
        check(&[Whole, Number, Whole], Number);
        check(&[Flag, Flag], Flag);
        check(&[Flag, Whole], Text);
        check(&[Time, Text], Text);
    }
}
