//! One command of a longer run: streams its output and counts the tests it reports.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

/// Tests that passed and failed, as the test runners themselves say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
}

impl Counts {
    /// Sum of both.
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

/// Runs `program` in `directory`, showing its output as it comes.
/// Answers whether it succeeded, and what its test runners counted on stdout.
pub fn run(
    directory: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<(bool, Counts)> {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{program} could not be started: is it installed?"))?;
    let output = child.stdout.take().expect("stdout was asked to be piped");
    let mut counts = Counts::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        counts = counts.plus(counts_in(&line));
    }
    Ok((child.wait()?.success(), counts))
}

/// Runs a command whose failure ends everything.
pub fn must(directory: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    let (succeeded, _) = run(directory, program, arguments, &[])?;
    anyhow::ensure!(succeeded, "{program} {} failed", arguments.join(" "));
    Ok(())
}

/// Reads the closing line of cargo test, vitest and node's runner; anything else counts nothing.
fn counts_in(line: &str) -> Counts {
    let plain = without_colours(line);
    let words: Vec<&str> = plain
        .split([' ', ';', '(', ')', '|'])
        .filter(|w| !w.is_empty())
        .collect();
    let before = |word: &str| -> u64 {
        let place = words.iter().position(|candidate| *candidate == word);
        place
            .and_then(|at| words.get(at.checked_sub(1)?)?.parse().ok())
            .unwrap_or(0)
    };
    match words.as_slice() {
        ["test", "result:", ..] | ["Tests", _, "passed" | "failed" | "skipped" | "todo", ..] => {
            Counts {
                passed: before("passed"),
                failed: before("failed"),
            }
        }
        ["#" | "ℹ", "pass", number] => Counts {
            passed: number.parse().unwrap_or(0),
            failed: 0,
        },
        ["#" | "ℹ", "fail", number] => Counts {
            passed: 0,
            failed: number.parse().unwrap_or(0),
        },
        _ => Counts::default(),
    }
}

/// The line without terminal escape sequences.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, passed: u64, failed: u64) {
        assert_eq!(counts_in(line), Counts { passed, failed }, "{line}");
    }

    #[test]
    fn reads_closing_lines_of_every_runner() {
        check(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured",
            12,
            0,
        );
        check("test result: FAILED. 3 passed; 2 failed; 0 ignored", 3, 2);
        check("      Tests  1 failed | 17 passed (18)", 17, 1);
        check(
            "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m8 passed\u{1b}[39m (8)",
            8,
            0,
        );
        check("# pass 5", 5, 0);
        check("ℹ fail 2", 0, 2);
        check("# passing things along", 0, 0);
        check(" Test Files  3 passed (3)", 0, 0);
        check("Tests are good", 0, 0);
    }
}
