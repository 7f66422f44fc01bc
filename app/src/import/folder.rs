//! Imports into a data folder that no server uses: straight into the log.

use std::time::Duration;

use anyhow::Result;
use kith_admin::items;
use kith_definition::Catalog;
use kith_event::{CatalogChange, Event, Record};
use kith_runtime::{AppendError, Handle};
use serde_json::{Map, Value};

use super::cell::Complaint;
use super::pipeline::Sink;
use crate::keys::{default_source, source_definition};
use crate::wiring::block_on;

/// An engine over the folder.
pub struct Folder {
    handle: Handle,
    catalog: Catalog,
}

impl Folder {
    /// Makes the source, of type import, when the folder does not know it.
    pub fn new(handle: Handle, source: &str) -> Result<Self> {
        if !handle.project().sources.contains_key(source) {
            let spec = default_source("import")?;
            let change = source_definition(source, source, &spec, kith_runtime::now());
            append(&handle, vec![Record::Definition(change)])?;
        }
        let catalog = items::shape(&*handle.view().state)
            .map_err(|problem| anyhow::anyhow!("reading the catalog: {problem:?}"))?;
        Ok(Folder { handle, catalog })
    }
}

impl Sink for Folder {
    fn events(&mut self, events: &[Event]) -> Result<Vec<(usize, Complaint)>> {
        append(
            &self.handle,
            events.iter().cloned().map(Record::Event).collect(),
        )?;
        Ok(Vec::new())
    }

    fn items(&mut self, items: &[Map<String, Value>]) -> Result<Vec<(usize, Complaint)>> {
        let now = kith_runtime::now();
        let mut refused = Vec::new();
        let mut change = CatalogChange {
            at: now,
            items: Vec::new(),
        };
        for (index, item) in items.iter().enumerate() {
            let text = serde_json::to_vec(item)?;
            match items::check(&text, None, &self.catalog, now) {
                Ok(item) => {
                    let stored = items::to_stored(&item);
                    change.items.push((item.item_id, Some(stored)));
                }
                Err(error) => {
                    let fix = "correct the item, or its columns in the mapping";
                    let complaint = Complaint::new(&error.field, "", error.message, fix);
                    refused.push((index, complaint));
                }
            }
        }
        append(&self.handle, vec![Record::Catalog(change)])?;
        Ok(refused)
    }
}

/// Durable and applied; waits while the engine is behind.
fn append(handle: &Handle, records: Vec<Record>) -> Result<()> {
    loop {
        match block_on(handle.append_applied(records.clone()))? {
            Ok(_) => return Ok(()),
            Err(AppendError::Overloaded { retry_after_s }) => {
                std::thread::sleep(Duration::from_secs(u64::from(retry_after_s)));
            }
            Err(error) => return Err(error.into()),
        }
    }
}
