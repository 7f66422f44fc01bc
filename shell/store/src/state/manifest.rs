//! The tree's list of its own files, checked before the tree reads it.
//!
//! The tree stores a checksum of the list and does not compare it when opening; with a damaged
//! list it stops the process instead of answering an error. So it is compared here. `current`
//! holds the number of the list (8 bytes), its XXH3 checksum (16) and the kind of checksum (1).

use std::{fs, io, path::Path};

use xxhash_rust::xxh3::xxh3_128;

const CURRENT_LEN: usize = 25;
const KIND_XXH3: u8 = 0;

/// What is wrong with the lists of a database folder, if anything.
pub(super) fn fault(dir: &Path) -> io::Result<Option<String>> {
    let folders = match fs::read_dir(dir.join("keyspaces")) {
        Ok(folders) => folders,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    for folder in folders {
        let folder = folder?.path();
        if !intact(&folder)? {
            return Ok(Some(format!(
                "the list of files in {} is not intact",
                folder.display()
            )));
        }
    }
    Ok(None)
}

fn intact(folder: &Path) -> io::Result<bool> {
    let Some(current) = read(&folder.join("current"))? else {
        // Created, and killed before the first list was written.
        return Ok(true);
    };
    let Ok(current) = <[u8; CURRENT_LEN]>::try_from(current) else {
        return Ok(false);
    };
    let (number, rest) = current
        .split_first_chunk::<8>()
        .expect("25 bytes begin with 8");
    let (check, kind) = rest
        .split_first_chunk::<16>()
        .expect("17 bytes begin with 16");
    let Some(list) = read(&folder.join(format!("v{}", u64::from_le_bytes(*number))))? else {
        return Ok(false);
    };
    Ok(*kind == [KIND_XXH3] && u128::from_le_bytes(*check) == xxh3_128(&list))
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
