//! House rules as a test: what the compiler and clippy do not check.
//!
//! Each rule is a function from the files of a repository to the problems found, so that tests
//! run it on a few lines of text. [`run`] applies them all to this repository.

mod layers;
mod links;
mod mask;
mod rust;
mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// Folders that hold no source of ours.
const SKIPPED_FOLDERS: [&str; 5] = [".git", "target", "node_modules", "dist", "kith-demo-data"];
/// Text files are read; everything else counts only by its name.
const TEXT_ENDINGS: [&str; 16] = [
    "rs", "ts", "tsx", "js", "mjs", "css", "html", "md", "toml", "yaml", "yml", "json", "ndjson",
    "lock", "sh", "Makefile",
];

/// Every file of the repository by its path from the root, with `/`; text where it is text.
pub type Files = BTreeMap<String, String>;

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// File, from the root.
    pub path: String,
    /// Line from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.path, self.message),
            line => write!(out, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks this repository; an error names how many rules are broken, after printing each.
pub fn run(root: &Path) -> Result<()> {
    let files = read(root)?;
    let problems = check(&files);
    for problem in &problems {
        eprintln!("{problem}");
    }
    if !problems.is_empty() {
        bail!("tidy: {} problems in {} files", problems.len(), files.len());
    }
    println!("tidy: {} files in order", files.len());
    Ok(())
}

/// All rules over all files.
fn check(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(layers::check(files));
    problems.extend(rust::check(files));
    problems.extend(tree::check(files));
    problems.extend(links::check(files));
    problems.sort();
    problems
}

fn read(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let entries = fs::read_dir(&path).with_context(|| format!("reading {}", path.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let inner = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type()?.is_dir() {
                if !SKIPPED_FOLDERS.contains(&name.as_str()) {
                    folders.push(inner);
                }
            } else {
                let text = text_of(&entry.path(), &name)?;
                files.insert(inner, text);
            }
        }
    }
    Ok(files)
}

/// The text of a text file; an empty text for pictures and other binaries.
fn text_of(path: &Path, name: &str) -> Result<String> {
    let ending = name
        .rsplit('.')
        .next()
        .expect("a split yields at least one part");
    if !TEXT_ENDINGS.contains(&ending) {
        return Ok(String::new());
    }
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Shared by the tests of every rule: files from pairs of path and text.
#[cfg(test)]
fn files(pairs: &[(&str, &str)]) -> Files {
    pairs
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_repository_is_in_order() {
        let files = super::read(&crate::root()).expect("the repository can be read");
        let problems = super::check(&files);
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "\n{}", lines.join("\n"));
    }
}
