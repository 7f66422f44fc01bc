//! The traits of everybody who consented, as a table to be matched.

use std::collections::BTreeMap;

use kith_base::{NodeId, PersonId, Value, limits};
use kith_engine::query::{self, Known};
use kith_engine::state;
use kith_engine::table;
use kith_event::Identifier;
use kith_identity::Rules;
use kith_matching::Table;
use kith_runtime::View;

/// Persons read at once.
const PAGE: usize = 500;
/// Persons whose traits say which ones are compared. Ids are hashes, so the first persons are as
/// good as any.
const SAMPLED_PERSONS: usize = 20_000;
/// How deep objects are looked into.
const DEPTH_MAX: usize = 3;
/// Whoever has fewer values than this says too little to be anybody.
const VALUES_MIN: usize = 2;

/// The table, with whom each row is about.
pub(crate) struct Gathered {
    pub table: Table,
    pub columns: Vec<String>,
    pub persons: Vec<PersonId>,
    /// Persons beyond the limit.
    pub left_out: u64,
}

/// Reads everybody.
pub(crate) fn gather(view: &View) -> Result<Gathered, state::Error> {
    let columns = columns(view)?;
    let mut gathered = Gathered {
        table: Table::default(),
        columns,
        persons: Vec::new(),
        left_out: 0,
    };
    let headers: Vec<&str> = gathered.columns.iter().map(String::as_str).collect();
    gathered
        .table
        .begin_file(&headers)
        .expect("there are fewer columns than are read of one file");
    each(view, |known| {
        let found = values(known, &view.project.identity);
        let row = row(&gathered.columns, &found);
        if !says_something(&row) {
            return true;
        }
        if gathered.persons.len() >= limits::LINKAGE_PERSONS_MAX {
            gathered.left_out += 1;
            return true;
        }
        gathered
            .table
            .push(&row)
            .expect("a row has as many values as there are headers");
        gathered.persons.push(known.person);
        true
    })?;
    Ok(gathered)
}

/// The traits that most persons have, in the order of their names.
fn columns(view: &View) -> Result<Vec<String>, state::Error> {
    let (mut counts, mut left) = (BTreeMap::<String, usize>::new(), SAMPLED_PERSONS);
    each(view, |known| {
        for name in values(known, &view.project.identity).into_keys() {
            *counts.entry(name).or_default() += 1;
        }
        left -= 1;
        left > 0
    })?;
    let mut columns: Vec<(usize, String)> = counts.into_iter().map(|(n, name)| (name, n)).collect();
    columns.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    columns.truncate(limits::LINKAGE_COLUMNS_MAX);
    let mut columns: Vec<String> = columns.into_iter().map(|(_, name)| name).collect();
    columns.sort();
    Ok(columns)
}

/// Calls `see` for everybody who consented, by id, until it answers false.
fn each(view: &View, mut see: impl FnMut(&Known) -> bool) -> Result<(), state::Error> {
    let state = &*view.state;
    let mut after = None;
    loop {
        let page = query::persons(state, after, PAGE)?;
        for person in &page {
            let known = query::known(state, &view.project, *person)?;
            let known = known.filter(|known| known.consented_at.is_some());
            if known.is_some_and(|known| !see(&known)) {
                return Ok(());
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(*last),
            _ => return Ok(()),
        }
    }
}

/// What a person's traits say, by name; members of objects under dotted names. An identifier that
/// names persons, and of which one person may have several, is a trait too.
pub(crate) fn values(known: &Known, rules: &Rules) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, latest) in known.fold.traits.iter() {
        flatten(name, &latest.value.value, DEPTH_MAX, &mut found);
    }
    for (_, Identifier { namespace, value }) in &known.nodes {
        let kind = rules.namespace(namespace);
        if !kind.is_unique() && !kind.is_device() && rules.namespaces.contains_key(namespace) {
            let has = found
                .keys()
                .any(|name| name.eq_ignore_ascii_case(namespace));
            if !has {
                found.insert(namespace.clone(), value.clone());
            }
        }
    }
    found
}

fn flatten(name: &str, value: &Value, depth: usize, found: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Map(members) if depth > 1 => {
            for (member, value) in members {
                flatten(&format!("{name}.{member}"), value, depth - 1, found);
            }
            return;
        }
        _ => return,
    };
    if !text.is_empty() {
        found.insert(name.to_owned(), text);
    }
}

/// The values of these columns; empty where there is none.
pub(crate) fn row<'a>(columns: &[String], values: &'a BTreeMap<String, String>) -> Vec<&'a str> {
    let value = |name: &String| values.get(name).map_or("", String::as_str);
    columns.iter().map(value).collect()
}

/// Whether a row has enough values to be compared.
pub(crate) fn says_something(row: &[&str]) -> bool {
    row.iter().filter(|value| !value.is_empty()).count() >= VALUES_MIN
}

/// How a node is called.
pub(crate) fn identifier(view: &View, node: NodeId) -> Result<Option<Identifier>, state::Error> {
    let row = table::read_node(&*view.state, node)?;
    Ok(row.map(|row| row.identifier()))
}
