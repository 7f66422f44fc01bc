//! Layout of a data folder, and its lock: one process at a time.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use rustix::{fs::FlockOperation, io::Errno};

use crate::OpenError;

/// Folder of the log.
pub(crate) const LOG_DIR: &str = "log";
/// Folder of the state.
pub(crate) const STATE_DIR: &str = "state";
const LOCK_FILE: &str = "LOCK";
const VERSION_FILE: &str = "VERSION";
const FORMAT: &str = "kith-data 1";

/// Held as long as this process uses the folder. The system releases it when the process dies.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Creates the folder when absent, locks it, and checks that this program can read it.
    pub fn take(dir: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(dir).map_err(folder(dir))?;
        let lock = Self::flock(dir)?;
        let version = dir.join(VERSION_FILE);
        match fs::read_to_string(&version) {
            Ok(text) => check_format(dir, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                refuse_foreign(dir)?;
                write_version(dir, &version).map_err(folder(&version))?;
            }
            Err(error) => return Err(folder(&version)(error)),
        }
        for name in [LOG_DIR, STATE_DIR] {
            let path = dir.join(name);
            fs::create_dir_all(&path).map_err(folder(&path))?;
        }
        sync_dir(dir).map_err(folder(dir))?;
        Ok(lock)
    }

    /// Locks a folder that must exist already.
    pub fn take_existing(dir: &Path) -> Result<Self, OpenError> {
        let version = dir.join(VERSION_FILE);
        let text = fs::read_to_string(&version).map_err(folder(&version))?;
        check_format(dir, &text)?;
        Self::flock(dir)
    }

    fn flock(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(LOCK_FILE);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(folder(&path))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Lock { _file: file }),
            Err(Errno::WOULDBLOCK) => Err(OpenError::InUse(dir.to_owned())),
            Err(errno) => Err(folder(&path)(errno.into())),
        }
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn check_format(dir: &Path, text: &str) -> Result<(), OpenError> {
    let found = text.lines().next().unwrap_or_default().to_owned();
    if found == FORMAT {
        return Ok(());
    }
    Err(OpenError::Format {
        dir: dir.to_owned(),
        found,
        expected: FORMAT,
    })
}

/// A folder with data but without a `VERSION` was not written by us, or lost a file.
fn refuse_foreign(dir: &Path) -> Result<(), OpenError> {
    for name in [LOG_DIR, STATE_DIR] {
        let path = dir.join(name);
        let empty = fs::read_dir(&path).map_or(true, |mut entries| entries.next().is_none());
        if !empty {
            return Err(OpenError::Format {
                dir: dir.to_owned(),
                found: String::new(),
                expected: FORMAT,
            });
        }
    }
    Ok(())
}

fn write_version(dir: &Path, path: &Path) -> io::Result<()> {
    let draft = dir.join("VERSION.new");
    let mut file = File::create(&draft)?;
    writeln!(file, "{FORMAT}")?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_dir(dir)
}

fn folder(path: &Path) -> impl FnOnce(io::Error) -> OpenError {
    let path: PathBuf = path.to_owned();
    move |source| OpenError::Folder { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap();
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::InUse(_)), "{error}");
        assert!(error.to_string().contains("in use by another process"));
        drop(lock);
        Lock::take(dir.path()).unwrap();
    }

    #[test]
    fn refuses_another_format() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(VERSION_FILE), "kith-data 2\n").unwrap();
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(&error, OpenError::Format { found, .. } if found == "kith-data 2"));
        fs::remove_file(dir.path().join(VERSION_FILE)).unwrap();
        fs::create_dir_all(dir.path().join("log/something")).unwrap();
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(matches!(&error, OpenError::Format { found, .. } if found.is_empty()));
    }
}
