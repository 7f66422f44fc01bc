//! Reads every byte of a data folder and reports what is wrong, for `kith doctor`.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use crate::{
    Lock, OpenError, Options, lock,
    log::segment::{self, frame, scan},
    state,
};

/// What a data folder holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The log.
    pub log: LogReport,
    /// The state.
    pub state: StateReport,
}

/// What the log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogReport {
    /// Segment files.
    pub segments: u64,
    /// Frames whose checksum is right and whose records can be read.
    pub frames: u64,
    /// Records in them.
    pub records: u64,
    /// Bytes of those records.
    pub raw_bytes: u64,
    /// Bytes of the segment files.
    pub stored_bytes: u64,
    /// Bytes after the last whole group: what a crash left of an append that was never
    /// acknowledged. The next opening cuts them.
    pub torn_bytes: u64,
    /// One sentence for each place that cannot be read.
    pub damages: Vec<String>,
}

/// What the state holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateReport {
    /// Batches committed since the state was created.
    pub batches: u64,
    /// Rows by table, which is the first byte of a key.
    pub tables: BTreeMap<String, TableSize>,
    /// One sentence for each thing that is wrong.
    pub damages: Vec<String>,
}

/// Size of one table, uncompressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Rows.
    pub rows: u64,
    /// Bytes of their keys.
    pub key_bytes: u64,
    /// Bytes of their values.
    pub value_bytes: u64,
}

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// So many of all log segments were read.
    Segments {
        /// Read.
        done: u64,
        /// There are.
        total: u64,
    },
    /// So many rows of state were read.
    Rows(u64),
}

impl Report {
    /// True when nothing is damaged. A torn tail is no damage.
    pub fn healthy(&self) -> bool {
        self.log.damages.is_empty() && self.state.damages.is_empty()
    }
}

/// Rows between two calls of `progress`.
const ROWS_PER_PROGRESS: u64 = 100_000;

/// Checks a data folder that no process is using. Changes nothing in the log; opening the state
/// finishes what a crash interrupted there, as every opening does.
pub fn check(
    dir: &Path,
    options: Options,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, OpenError> {
    let lock = Arc::new(Lock::take_existing(dir)?);
    let log = check_log(&dir.join(lock::LOG_DIR), progress)?;
    let state = check_state(&dir.join(lock::STATE_DIR), options, lock, progress);
    Ok(Report { log, state })
}

fn check_log(dir: &Path, progress: &mut dyn FnMut(Progress)) -> Result<LogReport, OpenError> {
    let files = segment::list(dir)?;
    let mut report = LogReport {
        segments: files.len() as u64,
        ..LogReport::default()
    };
    let (mut expected, mut decoder) = (Some(0), frame::Decoder::new());
    for (index, (first, path)) in files.iter().enumerate() {
        if expected.is_some_and(|expected| expected != *first) {
            let file = path.display();
            let gap = format!("the log has a gap before position {first}, where {file} begins");
            report.damages.push(gap);
        }
        let newest = index + 1 == files.len();
        expected = match scan::segment(path, *first, &mut |header, stored| {
            let block = frame::decode(&mut decoder, header, stored.to_vec())?;
            report.frames += 1;
            report.records += u64::from(header.records);
            report.raw_bytes += (block.first..block.end())
                .map(|position| block.record(position).len() as u64)
                .sum::<u64>();
            Ok(())
        }) {
            Ok(scan) => {
                report.stored_bytes += scan.file_len;
                let torn_bytes = scan.file_len - scan.good_len;
                if newest {
                    report.torn_bytes = torn_bytes;
                } else if torn_bytes > 0 {
                    let file = path.display();
                    report
                        .damages
                        .push(format!("{file} is sealed but ends in a torn frame"));
                }
                Some(scan.end)
            }
            Err(error) => {
                report.damages.push(error.to_string());
                None
            }
        };
        progress(Progress::Segments {
            done: index as u64 + 1,
            total: report.segments,
        });
    }
    Ok(report)
}

fn check_state(
    dir: &Path,
    options: Options,
    lock: Arc<Lock>,
    progress: &mut dyn FnMut(Progress),
) -> StateReport {
    let mut report = StateReport::default();
    let disk = match state::Disk::open(dir, options, Some(lock)) {
        Ok(disk) => disk,
        Err(error) => {
            report.damages.push(error.to_string());
            return report;
        }
    };
    report.batches = disk.batches();
    let mut seen = 0;
    let visited = disk.visit(&mut |key, value| {
        let table = key
            .first()
            .map(|byte| byte.escape_ascii().to_string())
            .unwrap_or_default();
        let size = report.tables.entry(table).or_default();
        size.rows += 1;
        size.key_bytes += key.len() as u64;
        size.value_bytes += value.len() as u64;
        seen += 1;
        if seen % ROWS_PER_PROGRESS == 0 {
            progress(Progress::Rows(seen));
        }
    });
    if let Err(error) = visited {
        report.damages.push(error.to_string());
    }
    report
}
