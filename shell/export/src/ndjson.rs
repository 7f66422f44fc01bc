//! One JSON object a line, with every identifier.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

use kith_base::Value;
use serde::Serialize;

use crate::columns::{Column, Origin};
use crate::people::{People, Person};
use crate::write::Error;

/// A file under way.
pub(crate) struct Ndjson<'a> {
    out: BufWriter<&'a mut (dyn Write + Send)>,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Line<'a> {
    person_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    identifiers: BTreeMap<&'a str, Vec<&'a str>>,
    traits: BTreeMap<&'a str, Value>,
    features: BTreeMap<&'a str, Value>,
}

impl<'a> Ndjson<'a> {
    pub(crate) fn new(out: &'a mut (dyn Write + Send), columns: Vec<Column>) -> Self {
        let out = BufWriter::new(out);
        Ndjson { out, columns }
    }

    pub(crate) fn add(&mut self, people: &People<'_>, person: &Person) -> Result<(), Error> {
        let mut line = Line {
            person_id: person.standing.person.to_string(),
            since: person.since.map(|since| since.to_string()),
            identifiers: BTreeMap::new(),
            traits: BTreeMap::new(),
            features: BTreeMap::new(),
        };
        for column in &self.columns {
            let (values, name) = match &column.origin {
                Origin::PersonId | Origin::Since => continue,
                Origin::Identifier(name) => {
                    let all = person.standing.identifiers().iter();
                    let own = all.filter(|one| one.namespace == *name);
                    let own: Vec<&str> = own.map(|one| one.value.as_str()).collect();
                    if !own.is_empty() {
                        line.identifiers.insert(name, own);
                    }
                    continue;
                }
                Origin::Trait(name) => (&mut line.traits, name),
                Origin::Feature(id) => (&mut line.features, id),
            };
            let value = column.value(people, person);
            if !value.is_null() {
                values.insert(name, value);
            }
        }
        serde_json::to_writer(&mut self.out, &line).map_err(std::io::Error::from)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.out.flush()?;
        Ok(())
    }
}
