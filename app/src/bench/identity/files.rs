//! Files of records with the answer in a column.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use kith_matching::Table;

use super::metrics::Truth;
use crate::matching::read;
use crate::output::BadInput;

/// The records without the column of the answer and those to be ignored, and the answers. Of
/// several files only pairs of different ones are asked for.
pub fn load(files: &[PathBuf], truth: &str, ignore: &[String]) -> Result<(Table, Truth)> {
    let (mut records, mut entities, mut origins) = (Table::default(), Vec::new(), Vec::new());
    let mut numbers = BTreeMap::<String, u32>::new();
    for (number, file) in (0u16..).zip(files) {
        let mut whole = Table::default();
        read(file, &mut whole)?;
        let names: Vec<String> = whole.column_names().map(str::to_owned).collect();
        let missing = |option: &str, column: &str| {
            let (file, known) = (file.display(), names.join(", "));
            BadInput(format!(
                "{option}: {file} has no column {column:?}; it has {known}"
            ))
        };
        let answer = names.iter().position(|name| name == truth);
        let answer = answer.ok_or_else(|| missing("--truth", truth))?;
        if let Some(unknown) = ignore.iter().find(|one| !names.contains(one)) {
            return Err(missing("--ignore", unknown).into());
        }
        let is_kept = |at: &usize| *at != answer && !ignore.contains(&names[*at]);
        let kept: Vec<usize> = (0..names.len()).filter(is_kept).collect();
        let headers: Vec<&str> = kept.iter().map(|at| names[*at].as_str()).collect();
        records.begin_file(&headers)?;
        for row in 0..whole.rows() {
            let values: Vec<&str> = kept.iter().map(|at| whole.value(row, *at)).collect();
            records.push(&values)?;
            let next = numbers.len() as u32;
            let entity = whole.value(row, answer).to_owned();
            entities.push(*numbers.entry(entity).or_insert(next));
            origins.push(number);
        }
    }
    let across = (files.len() > 1).then_some(origins);
    let truth = Truth {
        entity: entities,
        across,
    };
    Ok((records, truth))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_answer_and_what_is_ignored_are_not_among_the_records() {
        let folder = tempfile::tempdir().unwrap();
        let one = file(
            &folder,
            "a.csv",
            "who,name,note\n7,Ann,x\n7,Anne,y\n8,Bob,z\n",
        );
        let other = file(&folder, "b.csv", "who,name,note\n8,Bobby,z\n");
        let ignore = ["note".to_owned()];
        let (records, truth) = load(std::slice::from_ref(&one), "who", &ignore).unwrap();
        assert_eq!(records.column_names().collect::<Vec<_>>(), ["name"]);
        assert_eq!((records.rows(), truth.pairs()), (3, 1));
        let (_, truth) = load(&[one.clone(), other], "who", &ignore).unwrap();
        assert_eq!(
            (truth.entity, truth.across),
            (vec![0, 0, 1, 1], Some(vec![0, 0, 0, 1]))
        );
        let error = load(&[one], "whom", &ignore).err().unwrap().to_string();
        assert!(
            error.contains("no column \"whom\"; it has who, name, note"),
            "{error}"
        );
    }
}
