//! The data folder as a whole: its lock, `kill -9`, and the doctor's check.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use kith_engine::state::{Read, Tx};
use kith_runtime::log::Log;
use kith_store::{OpenError, Options, damage};

use super::log::{record, records};

const CHILD_DIR: &str = "KITH_TEST_KILLED_DIR";

/// What the child does until it is killed: appends, commits, and says how far it is.
fn work(dir: &Path) {
    let mut store = kith_store::open(dir, Options::small()).unwrap();
    let mut stdout = std::io::stdout();
    let reader = store.log.reader();
    loop {
        let applied = applied(&store);
        for (number, record) in reader.read(applied, 7).unwrap() {
            store.state.put(&key(number), record);
            store.state.put(b"end", (number + 1).to_be_bytes().to_vec());
        }
        store.state.commit().unwrap();
        let end = reader.end();
        if applied == end {
            store.log.append(&records(end..end + 7)).unwrap();
            writeln!(stdout, "acknowledged {}", end + 7).unwrap();
        }
    }
}

fn applied(store: &kith_store::Store) -> u64 {
    let row = store.state.get(b"end").unwrap();
    row.map_or(0, |row| u64::from_be_bytes(row.try_into().unwrap()))
}

fn key(number: u64) -> [u8; 9] {
    let mut key = [b'k'; 9];
    key[1..].copy_from_slice(&number.to_be_bytes());
    key
}

fn spawn(dir: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "conformance::store::kill_9_loses_nothing_acknowledged",
            "--nocapture",
        ])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn kill_9_loses_nothing_acknowledged() {
    if let Some(dir) = std::env::var_os(CHILD_DIR) {
        return work(Path::new(&dir));
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 1..=5 {
        let mut child = spawn(dir.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut number = |line: String| {
            acknowledged = line.strip_prefix("acknowledged ")?.parse().ok()?;
            Some(())
        };
        let heard = lines.by_ref().filter_map(|line| number(line.unwrap()));
        assert_eq!(heard.take(30 * round).count(), 30 * round);
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            number(line);
        }
        verify(dir.path(), acknowledged);
    }
}

fn verify(dir: &Path, acknowledged: u64) {
    let store = kith_store::open(dir, Options::small()).unwrap();
    let end = store.log.reader().end();
    assert!(
        end >= acknowledged,
        "{end} records, {acknowledged} were acknowledged"
    );
    let rows = store.log.reader().read(0, usize::MAX).unwrap();
    assert!(
        rows.iter()
            .all(|(position, bytes)| *bytes == record(*position))
    );
    // Some prefix of the commits is left; the child goes on from there.
    let applied = applied(&store);
    assert!(
        0 < applied && applied <= end,
        "state is at {applied} of {end}"
    );
    let rows = store.state.range(b"k", b"l", usize::MAX).unwrap();
    assert_eq!(rows.len() as u64, applied);
    assert!(
        (0..)
            .zip(&rows)
            .all(|(number, row)| row.0 == key(number) && row.1 == record(number))
    );
}

#[test]
fn a_folder_has_one_owner() {
    let dir = tempfile::tempdir().unwrap();
    let store = kith_store::open(dir.path(), Options::small()).unwrap();
    let again = kith_store::open(dir.path(), Options::small());
    assert!(matches!(again, Err(OpenError::InUse(_))));
    assert!(matches!(check(dir.path()), Err(OpenError::InUse(_))));
    let kith_store::Store { state, log } = store;
    drop(state);
    let again = kith_store::open(dir.path(), Options::small());
    assert!(
        matches!(again, Err(OpenError::InUse(_))),
        "the log still holds the folder"
    );
    drop(log);
    kith_store::open(dir.path(), Options::small()).unwrap();
}

fn check(dir: &Path) -> Result<damage::Report, OpenError> {
    damage::check(dir, Options::small(), &mut |_| ())
}

fn filled() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut store = kith_store::open(dir.path(), Options::small()).unwrap();
    for group in 0..200 {
        store
            .log
            .append(&records(group * 100..group * 100 + 100))
            .unwrap();
        store
            .state
            .put(format!("n{group}").as_bytes(), vec![1; 100]);
        store
            .state
            .put(format!("p{}", group % 7).as_bytes(), vec![2; 10]);
        store.state.commit().unwrap();
        store.state.sync().unwrap();
    }
    store.state.flush().unwrap();
    dir
}

#[test]
fn the_check_counts_everything() {
    let dir = filled();
    let mut seen = Vec::new();
    let report = damage::check(dir.path(), Options::small(), &mut |progress| {
        seen.push(progress)
    })
    .unwrap();
    assert!(report.healthy(), "{report:?}");
    assert_eq!((report.log.frames, report.log.records), (200, 20_000));
    assert!(report.log.segments > 2 && report.log.stored_bytes < report.log.raw_bytes);
    assert_eq!(seen.len() as u64, report.log.segments);
    assert_eq!(report.state.batches, 200);
    assert_eq!(report.state.tables["n"].rows, 200);
    assert_eq!(report.state.tables["n"].value_bytes, 20_000);
    assert_eq!(report.state.tables["p"].rows, 7);
    assert_eq!(
        report.state.tables.len(),
        2,
        "the store's own rows are not shown"
    );
}

#[test]
fn the_check_names_what_is_wrong() {
    let dir = filled();
    let mut segments: Vec<_> = fs::read_dir(dir.path().join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
        .collect();
    segments.sort();
    flip_middle(&segments[1]);
    let newest = segments.last().unwrap();
    let mut bytes = fs::read(newest).unwrap();
    bytes.extend([1, 2, 3]);
    fs::write(newest, bytes).unwrap();
    flip_middle(&largest_table(&dir.path().join("state/keyspaces")));
    let report = check(dir.path()).unwrap();
    assert!(!report.healthy());
    assert_eq!(report.log.torn_bytes, 3, "{report:?}");
    assert_eq!(report.log.damages.len(), 1, "{report:?}");
    let name = segments[1].file_name().unwrap().to_str().unwrap();
    assert!(report.log.damages[0].contains(name), "{report:?}");
    assert_eq!(report.state.damages.len(), 1, "{report:?}");
    assert!(
        report.state.damages[0].contains("kith replay"),
        "{report:?}"
    );
}

fn flip_middle(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 0x20;
    fs::write(path, bytes).unwrap();
}

fn largest_table(dir: &Path) -> std::path::PathBuf {
    let mut largest = (0, dir.to_owned());
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.metadata().unwrap().len() > largest.0 {
                largest = (path.metadata().unwrap().len(), path);
            }
        }
    }
    largest.1
}
