//! Members of a list at the border: JSON or CSV in, identifiers out, a reason for every row that
//! names nobody.

use kith_base::limits;
use kith_engine::Project;
use kith_event::Identifier;
use serde::Deserialize;

use crate::problem::{self, Problem};
use crate::wire::{self, MemberProblem};

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// An array of `namespace:value` or `{"namespace":…,"value":…}`.
    Json,
    /// A table.
    Csv,
}

/// What a body holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Sound identifiers, as written.
    pub accepted: Vec<Identifier>,
    /// The other rows.
    pub rejected: Vec<MemberProblem>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum JsonRow {
    Text(String),
    Parts(wire::Identifier),
    Other(serde::de::IgnoredAny),
}

/// Reads a body, up to the limit on rows.
pub fn read(body: &[u8], form: Form, project: &Project) -> Result<Members, Problem> {
    let rows = match form {
        Form::Json => json_rows(body)?,
        Form::Csv => csv_rows(body)?,
    };
    if rows.len() > limits::MEMBERS_PER_REQUEST_MAX {
        let most = limits::MEMBERS_PER_REQUEST_MAX;
        let detail = format!("the body holds {} rows, the limit is {most}", rows.len());
        return Err(Problem::new(problem::BODY_TOO_LARGE, detail));
    }
    let mut members = Members::default();
    for (index, row) in rows.into_iter().enumerate() {
        let checked = row.and_then(|identifier| match project.identity.normalise(&identifier) {
            Ok(_) => Ok(identifier),
            Err(blocked) => Err(format!(
                "{}:{} names nobody: {blocked}",
                identifier.namespace, identifier.value
            )),
        });
        match checked {
            Ok(identifier) => members.accepted.push(identifier),
            Err(message) => members.rejected.push(MemberProblem {
                index: index as u64,
                message,
            }),
        }
    }
    Ok(members)
}

type Row = Result<Identifier, String>;

fn json_rows(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let rows: Vec<JsonRow> = crate::query::parse(body)?;
    let row = |row: JsonRow| match row {
        JsonRow::Text(text) => of_text(&text),
        JsonRow::Parts(parts) => of_parts(&parts.namespace, &parts.value),
        JsonRow::Other(_) => {
            Err("write \"namespace:value\" or {\"namespace\":…,\"value\":…}".to_owned())
        }
    };
    Ok(rows.into_iter().map(row).collect())
}

/// What the columns of a table hold.
enum Columns {
    /// One column of `namespace:value`.
    Whole,
    /// Namespace and value, by place.
    Parts(usize, usize),
    /// A namespace each; the first filled cell of a row counts.
    Namespaces(Vec<String>),
}

/// The first line is a head unless it is itself `namespace:value`.
fn csv_rows(body: &[u8]) -> Result<Vec<Row>, Problem> {
    let text = std::str::from_utf8(body)
        .map_err(|_| Problem::new(problem::INVALID_BODY, "the body is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = table(text).into_iter().peekable();
    let Some(first) = lines.peek() else {
        return Ok(Vec::new());
    };
    let names: Vec<String> = first
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let place = |wanted: &str| names.iter().position(|name| name == wanted);
    let columns = match (place("namespace"), place("value")) {
        (Some(namespace), Some(value)) => Columns::Parts(namespace, value),
        _ if names.len() == 1 && names[0].contains(':') => Columns::Whole,
        _ if names.len() == 1 && names[0] == "identifier" => Columns::Whole,
        _ => Columns::Namespaces(names.clone()),
    };
    if !(matches!(columns, Columns::Whole) && names[0].contains(':')) {
        lines.next();
    }
    Ok(lines.map(|cells| of_cells(&columns, &cells)).collect())
}

fn of_cells(columns: &Columns, cells: &[String]) -> Row {
    let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
    match columns {
        Columns::Whole => of_text(cell(0)),
        Columns::Parts(namespace, value) => of_parts(cell(*namespace), cell(*value)),
        Columns::Namespaces(names) => {
            let filled = (0..names.len()).find(|place| !cell(*place).is_empty());
            filled.map_or_else(
                || Err("the row is empty".to_owned()),
                |place| of_parts(&names[place], cell(place)),
            )
        }
    }
}

fn of_text(text: &str) -> Row {
    Identifier::parse(text.trim())
        .ok_or_else(|| format!("{text:?} is not of the form namespace:value"))
}

fn of_parts(namespace: &str, value: &str) -> Row {
    of_text(&format!("{}:{}", namespace.trim(), value.trim()))
}

/// Cells as in RFC 4180; empty lines are left out. Rows beyond the limit are not read.
fn table(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => {
                cell.push('"');
                signs.next();
            }
            '"' => quoted = !quoted,
            ',' | ';' | '\t' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                end_row(&mut rows, &mut row, &mut cell);
                if rows.len() > limits::MEMBERS_PER_REQUEST_MAX + 1 {
                    return rows;
                }
            }
            other => cell.push(other),
        }
    }
    end_row(&mut rows, &mut row, &mut cell);
    rows
}

fn end_row(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>, cell: &mut String) {
    row.push(std::mem::take(cell));
    let row = std::mem::take(row);
    if row.iter().any(|cell| !cell.trim().is_empty()) {
        rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: &[&str]) {
        let rows = csv_rows(body.as_bytes()).unwrap().into_iter();
        let told = rows.map(|row| match row {
            Ok(identifier) => format!("{}:{}", identifier.namespace, identifier.value),
            Err(message) => message,
        });
        assert_eq!(told.collect::<Vec<_>>(), expect, "{body:?}");
    }

    #[test]
    fn tables_of_every_form_are_read() {
        check("user_id:1\nemail:a@b.c\n", &["user_id:1", "email:a@b.c"]);
        check("identifier\r\nuser_id:1\r\n\r\n", &["user_id:1"]);
        check("Namespace;Value\nuser_id;1\n", &["user_id:1"]);
        check(
            "\u{feff}email,user_id\n\"a@b.c\",\n,\"4\"\"2\"\n",
            &["email:a@b.c", "user_id:4\"2"],
        );
        check("email\nuser_id:1", &["email:user_id:1"]);
        check("", &[]);
        check(
            "user_id:1\nnobody",
            &["user_id:1", "\"nobody\" is not of the form namespace:value"],
        );
    }
}
