//! Rows that became no event, kept with the reason, one JSON object a line.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::cell::Complaint;
use super::rows::Row;

/// How many complaints are also shown to the person at the terminal.
const SHOWN_MAX: u64 = 10;

/// The rejects file; created with the first complaint.
pub struct Rejects {
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    count: u64,
}

impl Rejects {
    /// Goes on after `bytes` of an earlier run: what lies beyond belongs to work done anew.
    pub fn open(path: &Path, bytes: u64, count: u64) -> Result<Self> {
        let mut rejects = Rejects {
            path: path.to_owned(),
            file: None,
            bytes,
            count,
        };
        if bytes > 0 {
            rejects.file()?;
        } else if path.exists() {
            std::fs::remove_file(path).with_context(|| format!("removing {}", path.display()))?;
        }
        Ok(rejects)
    }

    /// How many complaints there are, the earlier run's included.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Length of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Keeps rows that were refused, and answers what to show a person, for the first few.
    pub fn keep(
        &mut self,
        line: u64,
        complaint: &Complaint,
        columns: &[String],
        rows: &[Row],
    ) -> Result<Option<String>> {
        let row_json = |row: &Row| -> Value {
            let pairs = columns.iter().zip(&row.cells);
            let cells: Map<String, Value> = pairs
                .map(|(name, cell)| (name.clone(), Value::from(cell.as_str())))
                .collect();
            json!({"line": row.line, "cells": cells})
        };
        let mut entry = serde_json::to_vec(&json!({
            "line": line,
            "column": complaint.column,
            "value": complaint.value,
            "message": complaint.message,
            "fix": complaint.fix,
            "rows": rows.iter().map(row_json).collect::<Vec<_>>(),
        }))?;
        entry.push(b'\n');
        self.file()?.write_all(&entry)?;
        self.bytes += entry.len() as u64;
        self.count += 1;
        let shown = (self.count <= SHOWN_MAX).then(|| {
            let Complaint {
                column,
                value,
                message,
                fix,
            } = complaint;
            let place = if column.is_empty() {
                String::new()
            } else {
                format!(", {column}")
            };
            let found = if value.is_empty() {
                String::new()
            } else {
                format!(" ({value:?})")
            };
            format!("line {line}{place}: {message}{found}; {fix}")
        });
        Ok(shown)
    }

    fn file(&mut self) -> Result<&mut File> {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            let opened = options
                .write(true)
                .create(true)
                .truncate(false)
                .open(&self.path);
            let mut file = opened.with_context(|| format!("writing {}", self.path.display()))?;
            file.set_len(self.bytes)?;
            file.seek(SeekFrom::End(0))?;
            self.file = Some(file);
        }
        Ok(self.file.as_mut().expect("just opened"))
    }
}
