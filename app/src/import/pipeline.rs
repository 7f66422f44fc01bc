//! The import itself: rows in, batches of events out, a checkpoint after each.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use anyhow::Result;
use kith_base::{Digest, Timestamp, digest};
use kith_event::Event;
use serde_json::{Map, Value};

use super::cell::Complaint;
use super::checkpoint::Checkpoint;
use super::compile::Compiled;
use super::draft::Fate;
use super::group::{Group, Groups};
use super::mapping::Mapping;
use super::rejects::Rejects;
use super::rows::{Reading, Row, Rows};
use crate::output::BadInput;

/// Events in one batch: one durable append or one request.
const BATCH_EVENTS: usize = 1_000;
/// Items in one batch.
const BATCH_ITEMS: usize = 1_000;
/// Rows between two looks at the progress bar.
const PROGRESS_ROWS: u64 = 1_000;

/// Where events and items go.
pub trait Sink {
    /// Writes a batch durably and answers which events were refused, by index.
    fn events(&mut self, events: &[Event]) -> Result<Vec<(usize, Complaint)>>;

    /// The same for catalog items.
    fn items(&mut self, items: &[Map<String, Value>]) -> Result<Vec<(usize, Complaint)>>;
}

/// What to import, and where the import keeps its notes.
pub struct Job {
    /// The data.
    pub file: PathBuf,
    /// The mapping's text.
    pub mapping: String,
    /// Source the events belong to.
    pub source: String,
    /// Notes on how far it came.
    pub checkpoint: PathBuf,
    /// Rows that were refused.
    pub rejects: PathBuf,
    /// The clock.
    pub now: Timestamp,
}

/// Told how the work goes.
pub trait Watch {
    /// So many rows and packed bytes were read.
    fn progress(&self, rows: u64, bytes: u64);
    /// Something a person should read now.
    fn note(&self, text: &str);
}

/// Runs an import to its end, from wherever an earlier run stopped.
pub fn run(job: &Job, sink: &mut dyn Sink, watch: &dyn Watch) -> Result<Checkpoint> {
    let checkpoint = Checkpoint::load(&job.checkpoint)?;
    if checkpoint.finished {
        return Ok(checkpoint);
    }
    let (compiled, rows) = open(job)?;
    let rejects = Rejects::open(&job.rejects, checkpoint.rejects_bytes, checkpoint.rejected)?;
    let mut run = Run::new(job, compiled, checkpoint, rejects, sink, watch);
    if run.compiled.item.is_some() && !run.checkpoint.items_done {
        run.import_items()?;
    }
    if !run.compiled.events.is_empty() {
        run.import_events(rows)?;
    }
    run.checkpoint.finished = true;
    run.save()?;
    Ok(run.checkpoint)
}

/// The compiled mapping and the opened file; every mistake of the mapping in one message.
fn open(job: &Job) -> Result<(Compiled, Rows)> {
    let mapping = |text: &str| -> Result<Mapping> {
        Ok(serde_norway::from_str(text)
            .map_err(|error| BadInput(format!("the mapping: {error}")))?)
    };
    let wanted = Compiled::columns_of(mapping(&job.mapping)?);
    let rows = Rows::open(&job.file, &mapping(&job.mapping)?, &wanted)?;
    match Compiled::new(mapping(&job.mapping)?, rows.columns().to_vec()) {
        Ok(compiled) => Ok((compiled, rows)),
        Err(errors) => {
            let list = errors.join(
                "
  ",
            );
            Err(BadInput(format!(
                "the mapping does not fit the file:
  {list}"
            ))
            .into())
        }
    }
}

struct Run<'a> {
    job: &'a Job,
    compiled: Compiled,
    /// Saved after every batch.
    checkpoint: Checkpoint,
    /// Rows below this were counted by an earlier run.
    counted_before: u64,
    rejects: Rejects,
    sink: &'a mut dyn Sink,
    watch: &'a dyn Watch,
    batch: Vec<(u64, Vec<Row>, Event)>,
    /// Groups written or in the batch, with the ordinal of their last row.
    written: VecDeque<(Digest, u64)>,
}

impl<'a> Run<'a> {
    fn new(
        job: &'a Job,
        compiled: Compiled,
        checkpoint: Checkpoint,
        rejects: Rejects,
        sink: &'a mut dyn Sink,
        watch: &'a dyn Watch,
    ) -> Self {
        let counted_before = checkpoint.read_row;
        let (batch, written) = (Vec::new(), VecDeque::new());
        Run {
            job,
            compiled,
            checkpoint,
            counted_before,
            rejects,
            sink,
            watch,
            batch,
            written,
        }
    }

    fn import_events(&mut self, mut rows: Rows) -> Result<()> {
        let mut groups = Groups::new(self.compiled.group.as_ref().map_or(0, |(_, rows)| *rows));
        let done = self.checkpoint.written_groups.iter();
        let done: BTreeSet<Digest> = done.filter_map(|key| parse_key(key)).collect();
        self.written = done.iter().map(|key| (*key, self.counted_before)).collect();
        let start = self.checkpoint.resume_row;
        let mut ordinal: u64 = 0;
        while let Some(reading) = rows.next()? {
            let this = ordinal;
            ordinal += 1;
            if this.is_multiple_of(PROGRESS_ROWS) {
                self.watch.progress(this, rows.bytes_read());
            }
            if this < start {
                continue;
            }
            let Some(row) = self.wanted(reading, this)? else {
                continue;
            };
            match self.compiled.key(&row) {
                None => self.draft(vec![row])?,
                // An earlier run has written this group, this row included.
                Some(key) if this < self.counted_before && done.contains(&key) => {}
                Some(key) => {
                    let complete = groups.add(key, row, this);
                    self.draft_groups(complete)?;
                }
            }
            if self.batch.len() >= BATCH_EVENTS {
                self.flush(groups.earliest().unwrap_or(ordinal), ordinal)?;
            }
        }
        let complete = groups.finish();
        self.draft_groups(complete)?;
        self.watch.progress(ordinal, rows.bytes_read());
        self.flush(ordinal, ordinal)
    }

    /// The row, unless it is broken or left out; both are counted once, however often they are
    /// read.
    fn wanted(&mut self, reading: Reading, ordinal: u64) -> Result<Option<Row>> {
        let is_new = ordinal >= self.counted_before;
        match reading {
            Err((line, complaint)) => {
                if is_new {
                    self.reject(line, &complaint, &[])?;
                }
                Ok(None)
            }
            Ok(row) => match self.compiled.fate(&row) {
                Fate::Wanted => Ok(Some(row)),
                Fate::Skipped(reason) => {
                    if is_new {
                        *self
                            .checkpoint
                            .skipped
                            .entry(reason.to_owned())
                            .or_default() += 1;
                    }
                    Ok(None)
                }
            },
        }
    }

    fn draft_groups(&mut self, groups: Vec<Group>) -> Result<()> {
        for group in groups {
            self.written.push_back((group.key, group.last));
            self.draft(group.rows)?;
        }
        Ok(())
    }

    fn draft(&mut self, rows: Vec<Row>) -> Result<()> {
        let line = rows[0].line;
        match self.compiled.event(&self.job.source, &rows, self.job.now) {
            Ok(event) => self.batch.push((line, rows, event)),
            Err(complaint) => self.reject(line, &complaint, &rows)?,
        }
        Ok(())
    }

    /// Writes the batch, then notes that every row before `resume_row` is done.
    fn flush(&mut self, resume_row: u64, read_row: u64) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        let mut sources = Vec::with_capacity(batch.len());
        let mut events = Vec::with_capacity(batch.len());
        for (line, rows, event) in batch {
            sources.push((line, rows));
            events.push(event);
        }
        let refused = if events.is_empty() {
            Vec::new()
        } else {
            self.sink.events(&events)?
        };
        self.checkpoint.events += (events.len() - refused.len()) as u64;
        for (index, complaint) in refused {
            let (line, rows) = &sources[index];
            self.reject(*line, &complaint, rows)?;
        }
        self.written.retain(|(_, last)| *last >= resume_row);
        self.checkpoint.written_groups = self
            .written
            .iter()
            .map(|(key, _)| format!("{key:?}"))
            .collect();
        self.checkpoint.resume_row = resume_row;
        self.checkpoint.read_row = read_row;
        self.save()
    }

    fn save(&mut self) -> Result<()> {
        self.checkpoint.rejected = self.rejects.count();
        self.checkpoint.rejects_bytes = self.rejects.bytes();
        self.checkpoint.save(&self.job.checkpoint)
    }

    /// A pass of its own, so that an interrupted import writes the same items as a whole one.
    fn import_items(&mut self) -> Result<()> {
        let (_, mut rows) = open(self.job)?;
        let has_events = !self.compiled.events.is_empty();
        let mut seen = BTreeSet::new();
        let mut batch = Vec::new();
        self.checkpoint.items = 0;
        let mut ordinal: u64 = 0;
        while let Some(reading) = rows.next()? {
            if ordinal.is_multiple_of(PROGRESS_ROWS) {
                self.watch.progress(ordinal, rows.bytes_read());
            }
            ordinal += 1;
            // Broken lines are reported by the pass over the events, where there is one.
            let row = match reading {
                Ok(row) => row,
                Err((line, complaint)) if !has_events => {
                    self.reject(line, &complaint, &[])?;
                    continue;
                }
                Err(_) => continue,
            };
            if matches!(self.compiled.fate(&row), Fate::Skipped(_)) {
                continue;
            }
            let item = match self.compiled.catalog_item(&row) {
                Ok(item) => item,
                Err(complaint) => {
                    self.reject(row.line, &complaint, std::slice::from_ref(&row))?;
                    continue;
                }
            };
            match item.get("item_id").map(Value::to_string) {
                Some(id) if seen.insert(digest("item", &[id.as_bytes()])) => {
                    batch.push((row, item))
                }
                Some(_) => {}
                // Beside events it is an event about no item.
                None if has_events => {}
                None => {
                    let message = "the row has no item id";
                    let fix = "fill in the id, or skip such rows";
                    let complaint = Complaint::new("item_id", "", message, fix);
                    self.reject(row.line, &complaint, std::slice::from_ref(&row))?;
                }
            }
            if batch.len() >= BATCH_ITEMS {
                self.write_items(&mut batch)?;
            }
        }
        self.write_items(&mut batch)?;
        if !has_events {
            self.checkpoint.read_row = ordinal;
        }
        self.checkpoint.items_done = true;
        self.save()
    }

    fn write_items(&mut self, batch: &mut Vec<(Row, Map<String, Value>)>) -> Result<()> {
        let (rows, items): (Vec<Row>, Vec<_>) = batch.drain(..).unzip();
        if items.is_empty() {
            return Ok(());
        }
        let refused = self.sink.items(&items)?;
        self.checkpoint.items += (items.len() - refused.len()) as u64;
        for (index, complaint) in refused {
            let row = &rows[index];
            self.reject(row.line, &complaint, std::slice::from_ref(row))?;
        }
        Ok(())
    }

    fn reject(&mut self, line: u64, complaint: &Complaint, rows: &[Row]) -> Result<()> {
        let shown = self
            .rejects
            .keep(line, complaint, &self.compiled.columns, rows)?;
        if let Some(text) = shown {
            self.watch.note(&text);
        }
        Ok(())
    }
}

fn parse_key(text: &str) -> Option<Digest> {
    kith_base::NodeId::parse(text).map(|id| Digest(id.0))
}
