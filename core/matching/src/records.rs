//! Records in codes: what is compared and blocked, column by column.

mod name;
mod nicknames;
mod value;

use crate::columns::{Kind, Plan};
use crate::dictionary::{Dictionary, MISSING};
use crate::table::Table;
use nicknames::Nicknames;

pub use name::{Name, Words};

/// All records.
pub struct Records {
    /// Which file each record is from.
    pub source: Vec<u16>,
    /// Whether there are columns of names.
    pub named: bool,
    /// The name of each record.
    pub names: Vec<Name>,
    /// The words of all names.
    pub words: Words,
    /// The other fields.
    pub fields: Vec<Field>,
    /// The codes of all fields, record by record.
    rows: Vec<u32>,
    nicknames: Nicknames,
}

/// How much there was before a record was added.
pub struct Mark {
    words: usize,
    fields: Vec<(usize, usize)>,
}

/// One field of all records.
pub struct Field {
    /// What it holds.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its different values in the form of their kind.
    pub texts: Dictionary,
    /// The code of each record's value.
    pub codes: Vec<u32>,
    /// Words of each value, for kinds compared by words: codes of `words`, ascending.
    pub value_words: Vec<Box<[u32]>>,
    /// The words of all values; how many values of records hold each.
    pub words: Dictionary,
    /// Whether dates of each column begin with the day.
    day_first: Vec<bool>,
}

impl Records {
    /// Brings every value to its form. Each different value is looked at once.
    ///
    /// `order` names a row of the table for each record.
    pub fn new(table: &Table, plan: &Plan, order: &[u32]) -> Self {
        let nicknames = Nicknames::new();
        let (names, words) = names(table, plan, order, &nicknames);
        let fields: Vec<Field> = plan
            .fields
            .iter()
            .map(|field| Field::new(table, field, order))
            .collect();
        let mut rows = vec![MISSING; order.len() * fields.len()];
        for (at, field) in fields.iter().enumerate() {
            let cells = rows.iter_mut().skip(at).step_by(fields.len());
            for (cell, code) in cells.zip(&field.codes) {
                *cell = *code;
            }
        }
        Records {
            source: order
                .iter()
                .map(|row| table.source[*row as usize])
                .collect(),
            nicknames,
            named: !plan.names.is_empty(),
            names,
            words,
            fields,
            rows,
        }
    }

    /// The codes of a record's fields.
    pub fn row(&self, record: u32) -> &[u32] {
        let width = self.fields.len();
        &self.rows[record as usize * width..][..width]
    }

    /// Adds a record: values in the order of the table's columns. Its values are not counted
    /// yet, so that rarity is what it was without it.
    pub fn push(&mut self, plan: &Plan, values: &[&str], source: u16) -> (u32, Mark) {
        let mark = Mark {
            words: self.words.texts.len(),
            fields: self
                .fields
                .iter()
                .map(|field| (field.texts.len(), field.words.len()))
                .collect(),
        };
        let value = |column: usize| values.get(column).copied().unwrap_or_default();
        let parts: Vec<(Kind, name::Part)> = plan
            .names
            .iter()
            .map(|(column, kind)| {
                (
                    *kind,
                    name::part(value(*column), &mut self.words, &self.nicknames),
                )
            })
            .collect();
        let name = name::assemble(parts.iter().map(|(kind, part)| (*kind, part)), &self.words);
        self.names.push(name);
        for (field, planned) in self.fields.iter_mut().zip(&plan.fields) {
            field.push(planned.columns.iter().map(|column| value(*column)));
            self.rows.push(field.codes[field.codes.len() - 1]);
        }
        self.source.push(source);
        (self.source.len() as u32 - 1, mark)
    }

    /// Counts the values of the record added last.
    pub fn count_last(&mut self) {
        if let Some(name) = self.names.last()
            && self.named
        {
            self.words.count(name);
        }
        for field in &mut self.fields {
            let code = field.codes.last().copied().unwrap_or(MISSING);
            field.texts.count_more(code, 1);
            if let Some(words) = field.value_words.get(code as usize) {
                for word in words {
                    field.words.count_more(*word, 1);
                }
            }
        }
    }

    /// Takes away the record added last, before it was counted.
    pub fn pop(&mut self, mark: Mark) {
        self.source.pop();
        self.names.pop();
        self.rows.truncate(self.source.len() * self.fields.len());
        self.words.truncate(mark.words);
        for (field, (texts, words)) in self.fields.iter_mut().zip(mark.fields) {
            field.codes.pop();
            field.texts.truncate(texts);
            field.words.truncate(words);
            if field.has_words() {
                field.value_words.truncate(texts);
            }
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// The code of a record's value in a slot of the comparison; of other names, none.
    pub fn code(&self, slot: usize, record: u32) -> u32 {
        let slots_of_names = if self.named {
            crate::compare::NAME_SLOTS
        } else {
            0
        };
        match slot {
            slot if slot >= slots_of_names => self.row(record)[slot - slots_of_names],
            0 => self.names[record as usize].given,
            1 => self.names[record as usize].surname,
            _ => MISSING,
        }
    }

    /// Codes of a slot are below this.
    pub fn codes(&self, slot: usize) -> usize {
        let slots_of_names = if self.named {
            crate::compare::NAME_SLOTS
        } else {
            0
        };
        match slot {
            slot if slot >= slots_of_names => self.fields[slot - slots_of_names].texts.len(),
            _ => self.words.texts.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }
}

fn names(table: &Table, plan: &Plan, order: &[u32], nicknames: &Nicknames) -> (Vec<Name>, Words) {
    let mut words = Words::default();
    let mut parts = Vec::with_capacity(plan.names.len());
    for (column, kind) in &plan.names {
        let texts = &table.columns[*column].texts;
        let of_each: Vec<name::Part> = (0..texts.len() as u32)
            .map(|code| name::part(texts.text(code), &mut words, nicknames))
            .collect();
        for (code, part) in of_each.iter().enumerate() {
            words.lean(*kind, part, texts.count(code as u32));
        }
        parts.push((*column, *kind, of_each));
    }
    let mut names = Vec::with_capacity(table.rows());
    for row in order {
        let of_row = parts.iter().map(|(column, kind, parts)| {
            (
                *kind,
                &parts[table.columns[*column].code(*row as usize) as usize],
            )
        });
        let name = name::assemble(of_row, &words);
        if !plan.names.is_empty() {
            words.count(&name);
        }
        names.push(name);
    }
    (names, words)
}

impl Field {
    fn new(table: &Table, plan: &crate::columns::PlanField, order: &[u32]) -> Self {
        let kind = plan.kind;
        let mut field = Field {
            kind,
            name: plan.name.clone(),
            texts: Dictionary::default(),
            codes: vec![MISSING; table.rows()],
            value_words: Vec::new(),
            words: Dictionary::default(),
            day_first: Vec::new(),
        };
        for column in &plan.columns {
            let column = &table.columns[*column];
            let values = || (1..column.texts.len() as u32).map(|code| column.texts.text(code));
            let day_first = kind == Kind::BirthDate && value::day_first(values());
            field.day_first.push(day_first);
            let mut codes = vec![MISSING];
            for value in values() {
                codes.push(field.texts.code(&value::normal(kind, value, day_first)));
            }
            for (row, code) in order.iter().zip(&mut field.codes) {
                let found = codes[column.code(*row as usize) as usize];
                if found != MISSING && *code == MISSING {
                    *code = found;
                }
            }
        }
        for code in &field.codes {
            field.texts.count_more(*code, 1);
        }
        if field.has_words() {
            field.take_words();
        }
        field
    }

    /// Adds the value of one more record: the first of its columns that holds any.
    fn push<'a>(&mut self, values: impl Iterator<Item = &'a str>) {
        let mut code = MISSING;
        for (value, day_first) in values.zip(&self.day_first) {
            let text = value::normal(self.kind, value, *day_first);
            if code == MISSING {
                code = self.texts.code(&text);
            }
        }
        if self.has_words() && self.value_words.len() < self.texts.len() {
            let text = self.texts.text(code);
            let words = split(text, &mut self.words);
            self.value_words.push(words);
        }
        self.codes.push(code);
    }

    /// Whether values of this kind are compared by their words.
    pub fn has_words(&self) -> bool {
        matches!(
            self.kind,
            Kind::Address | Kind::Organisation | Kind::Text | Kind::City | Kind::Category
        )
    }

    fn take_words(&mut self) {
        self.value_words.push(Box::default());
        for code in 1..self.texts.len() as u32 {
            let text = self.texts.text(code);
            let words = split(text, &mut self.words);
            for word in &words {
                self.words.count_more(*word, self.texts.count(code));
            }
            self.value_words.push(words);
        }
    }
}

/// The words of a text, ascending, each once.
fn split(text: &str, words: &mut Dictionary) -> Box<[u32]> {
    let mut codes: Vec<u32> = text.split(' ').map(|word| words.code(word)).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into()
}
