//! A mapping joined with the columns of one file: names become places, mistakes are found once.

use std::collections::BTreeMap;

use super::cell::TimeFormat;
use super::mapping::{Conditions, Field, FieldFrom, Mapping, Type};

/// A mapping ready to read rows.
#[derive(Debug)]
pub struct Compiled {
    /// The mapping's id.
    pub id: String,
    /// Names of the cells, for complaints.
    pub columns: Vec<String>,
    /// Places of the identity columns.
    pub identity: Vec<usize>,
    /// Rows to leave out.
    pub skip: Vec<(Vec<Test>, String)>,
    /// Key and reach of a group.
    pub group: Option<(Vec<usize>, u64)>,
    /// Place and format of the time.
    pub time: Option<(usize, TimeFormat)>,
    /// Who.
    pub identifiers: Vec<IdentifierAt>,
    /// What.
    pub events: Vec<EventAt>,
    /// Members of a catalog item.
    pub item: Option<Vec<Member>>,
}

/// A condition on one cell.
#[derive(Debug)]
pub struct Test {
    /// Place of the cell.
    pub at: usize,
    /// What must hold.
    pub condition: super::mapping::Condition,
}

/// An identifier.
#[derive(Debug)]
pub struct IdentifierAt {
    /// Such as `user_id`.
    pub namespace: String,
    /// Place of the cell.
    pub at: usize,
    /// How it is read.
    pub kind: Type,
    /// Put before it.
    pub prefix: String,
    /// Only then.
    pub when: Vec<Test>,
}

/// One kind of event.
#[derive(Debug)]
pub struct EventAt {
    /// Its kind.
    pub kind: kith_event::Kind,
    /// Its name.
    pub name: String,
    /// Only then.
    pub when: Vec<Test>,
    /// `properties`.
    pub properties: Vec<Member>,
    /// `traits`.
    pub traits: Vec<Member>,
    /// `context`.
    pub context: Vec<Member>,
}

/// A named value.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub from: From,
}

/// Where a value comes from.
#[derive(Debug)]
pub enum From {
    /// The same for every row.
    Constant(serde_json::Value),
    /// A cell of the first row.
    Cell { at: usize, how: FieldFrom },
    /// A list with one object a row.
    Each(Vec<Member>),
    /// The sum over the rows of a product of cells.
    Sum { of: Vec<usize>, negate: bool },
}

impl Compiled {
    /// Joins a mapping with the columns of a file.
    pub fn new(mapping: Mapping, columns: Vec<String>) -> Result<Self, Vec<String>> {
        let mut compiler = Compiler {
            columns,
            open: false,
            errors: Vec::new(),
        };
        let compiled = compiler.compile(mapping);
        if compiler.errors.is_empty() {
            Ok(compiled)
        } else {
            Err(compiler.errors)
        }
    }

    /// Every column a mapping names, for files that do not list theirs.
    pub fn columns_of(mapping: Mapping) -> Vec<String> {
        let mut compiler = Compiler {
            columns: Vec::new(),
            open: true,
            errors: Vec::new(),
        };
        compiler.compile(mapping);
        compiler.columns
    }
}

struct Compiler {
    columns: Vec<String>,
    open: bool,
    errors: Vec<String>,
}

impl Compiler {
    fn compile(&mut self, mapping: Mapping) -> Compiled {
        self.check(&mapping);
        let group = mapping
            .group
            .map(|group| (self.places("group.by", &group.by), group.within_rows));
        let time = mapping.time.and_then(|time| {
            let at = self.place("time.column", &time.column);
            match TimeFormat::parse(&time.format, &time.zone) {
                Ok(format) => Some((at, format)),
                Err(error) => {
                    self.errors.push(format!("time: {error}"));
                    None
                }
            }
        });
        let identity = self.places("identity", &mapping.identity);
        let skip = mapping.skip.into_iter().enumerate().map(|(index, skip)| {
            (
                self.tests(&format!("skip[{index}].when"), skip.when),
                skip.reason,
            )
        });
        let skip = skip.collect();
        let identifiers = mapping
            .identifiers
            .into_iter()
            .enumerate()
            .map(|(index, from)| {
                let path = format!("identifiers[{index}]");
                IdentifierAt {
                    at: self.place(&path, &from.column),
                    when: self.tests(&format!("{path}.when"), from.when),
                    namespace: from.namespace,
                    kind: from.kind,
                    prefix: from.prefix,
                }
            });
        let identifiers = identifiers.collect();
        let events = mapping.events.into_iter().enumerate();
        let events = events
            .map(|(index, event)| self.event(index, event))
            .collect();
        let item = mapping.item.map(|members| {
            if !members.contains_key("item_id") {
                self.errors
                    .push("item: name the column of `item_id`".to_owned());
            }
            self.members("item", members)
        });
        let columns = self.columns.clone();
        Compiled {
            id: mapping.id,
            columns,
            identity,
            skip,
            group,
            time,
            identifiers,
            events,
            item,
        }
    }

    fn check(&mut self, mapping: &Mapping) {
        if mapping.id.is_empty() {
            self.errors.push("id: give the mapping a name".to_owned());
        }
        if mapping.events.is_empty() && mapping.item.is_none() {
            self.errors
                .push("give `events`, `item`, or both".to_owned());
        }
        if !mapping.events.is_empty() {
            self.check_events(mapping);
        }
    }

    fn check_events(&mut self, mapping: &Mapping) {
        if mapping.time.is_none() {
            self.errors
                .push("time: say which column holds the time of an event".to_owned());
        }
        if mapping.identifiers.is_empty() {
            self.errors
                .push("identifiers: say which column names the person".to_owned());
        }
        for (index, event) in mapping.events.iter().enumerate() {
            let characters = event.name.chars().count();
            if characters > kith_base::limits::EVENT_NAME_MAX_CHARS {
                self.errors
                    .push(format!("events[{index}].name: longer than 200 characters"));
            }
            if event.kind == super::mapping::EventKind::Track && event.name.is_empty() {
                self.errors
                    .push(format!("events[{index}].name: a track event needs a name"));
            }
        }
    }

    fn event(&mut self, index: usize, event: super::mapping::EventFrom) -> EventAt {
        use super::mapping::EventKind;
        let path = format!("events[{index}]");
        EventAt {
            kind: match event.kind {
                EventKind::Track => kith_event::Kind::Track,
                EventKind::Identify => kith_event::Kind::Identify,
                EventKind::Page => kith_event::Kind::Page,
                EventKind::Screen => kith_event::Kind::Screen,
            },
            name: event.name,
            when: self.tests(&format!("{path}.when"), event.when),
            properties: self.members(&format!("{path}.properties"), event.properties),
            traits: self.members(&format!("{path}.traits"), event.traits),
            context: self.members(&format!("{path}.context"), event.context),
        }
    }

    fn members(&mut self, path: &str, members: BTreeMap<String, Field>) -> Vec<Member> {
        for name in members.keys() {
            let inner = format!("{name}.");
            if let Some(other) = members.keys().find(|other| other.starts_with(&inner)) {
                self.errors.push(format!(
                    "{path}: {name} cannot hold both a value and {other}"
                ));
            }
        }
        let compile = |(name, field): (String, Field)| {
            let from = self.field(&format!("{path}.{name}"), field.0);
            Member { name, from }
        };
        members.into_iter().map(compile).collect()
    }

    fn field(&mut self, path: &str, mut how: FieldFrom) -> From {
        if let Some(column) = &how.column {
            return From::Cell {
                at: self.place(path, column),
                how,
            };
        }
        if let Some(members) = how.each.take() {
            return From::Each(self.members(path, members));
        }
        if let Some(columns) = how.sum_of.take() {
            return From::Sum {
                of: self.places(path, &columns),
                negate: how.negate,
            };
        }
        From::Constant(how.value.unwrap_or_default())
    }

    fn tests(&mut self, path: &str, conditions: Conditions) -> Vec<Test> {
        let compile = |condition: super::mapping::Condition| Test {
            at: self.place(path, &condition.column),
            condition,
        };
        conditions.0.into_iter().map(compile).collect()
    }

    fn places(&mut self, path: &str, columns: &[String]) -> Vec<usize> {
        columns
            .iter()
            .map(|column| self.place(path, column))
            .collect()
    }

    fn place(&mut self, path: &str, column: &str) -> usize {
        if let Some(at) = self
            .columns
            .iter()
            .position(|candidate| candidate == column)
        {
            return at;
        }
        if self.open {
            self.columns.push(column.to_owned());
        } else {
            let known = self.columns.join(", ");
            self.errors.push(format!(
                "{path}: the file has no column {column:?}; it has {known}"
            ));
        }
        self.columns.len().saturating_sub(1)
    }
}

impl Test {
    /// True when every given test holds for the cells.
    pub fn holds(&self, cells: &[String]) -> bool {
        let cell = cells[self.at].as_str();
        let number = || cell.parse::<f64>().ok();
        let condition = &self.condition;
        let is = |expected: &Option<String>| expected.as_ref().is_none_or(|text| text == cell);
        is(&condition.equals)
            && condition
                .one_of
                .as_ref()
                .is_none_or(|list| list.iter().any(|text| text == cell))
            && condition
                .starts_with
                .as_ref()
                .is_none_or(|text| cell.starts_with(text))
            && condition
                .not_starts_with
                .as_ref()
                .is_none_or(|text| !cell.starts_with(text))
            && condition
                .missing
                .is_none_or(|missing| cell.is_empty() == missing)
            && condition
                .below
                .is_none_or(|limit| number().is_some_and(|value| value < limit))
            && condition
                .above
                .is_none_or(|limit| number().is_some_and(|value| value > limit))
    }
}

/// True when all tests hold.
pub fn all_hold(tests: &[Test], cells: &[String]) -> bool {
    tests.iter().all(|test| test.holds(cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(text: &str, columns: &[&str]) -> Result<Compiled, Vec<String>> {
        let mapping: Mapping = serde_norway::from_str(text).unwrap();
        Compiled::new(
            mapping,
            columns.iter().map(|name| (*name).to_owned()).collect(),
        )
    }

    #[test]
    fn unknown_columns_are_named_with_their_place() {
        let text = "{id: a, time: {column: t}, identifiers: [{namespace: user_id, column: u}], \
                    events: [{name: Bought, properties: {price: prise}}]}";
        let errors = compile(text, &["t", "u", "price"]).unwrap_err();
        assert_eq!(
            errors,
            ["events[0].properties.price: the file has no column \"prise\"; it has t, u, price",]
        );
        let mapping: Mapping = serde_norway::from_str(text).unwrap();
        assert_eq!(Compiled::columns_of(mapping), ["t", "u", "prise"]);
    }

    #[test]
    fn what_is_missing_is_said() {
        let errors = compile("{id: '', events: [{type: track}]}", &[]).unwrap_err();
        assert_eq!(errors.len(), 4, "{errors:?}");
        assert!(compile("{id: a}", &[]).unwrap_err()[0].contains("events"));
        assert!(compile("{id: a, item: {title: t}}", &["t"]).unwrap_err()[0].contains("item_id"));
        let both = compile("{id: a, item: {item_id: t, a: t, a.b: t}}", &["t"]).unwrap_err();
        assert_eq!(both, ["item: a cannot hold both a value and a.b"]);
    }

    #[test]
    fn conditions_hold() {
        let check = |condition: &str, cell: &str, expect: bool| {
            let conditions: Conditions = serde_norway::from_str(condition).unwrap();
            let mut compiler = Compiler {
                columns: vec!["c".to_owned()],
                open: false,
                errors: Vec::new(),
            };
            let tests = compiler.tests("when", conditions);
            assert_eq!(
                all_hold(&tests, &[cell.to_owned()]),
                expect,
                "{condition} on {cell}"
            );
        };
        check("{column: c, equals: C1}", "C1", true);
        check("{column: c, one_of: [a, b]}", "c", false);
        check(
            "[{column: c, starts_with: C}, {column: c, not_starts_with: CX}]",
            "C1",
            true,
        );
        check(
            "[{column: c, starts_with: C}, {column: c, not_starts_with: CX}]",
            "CX1",
            false,
        );
        check("{column: c, missing: true}", "", true);
        check("{column: c, missing: false}", "", false);
        check("{column: c, below: 0}", "-1", true);
        check("{column: c, above: 0}", "text", false);
    }
}
