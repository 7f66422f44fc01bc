//! What a command says: one JSON object on stdout for programs, sentences on stderr for people.

use std::io::Write;
use std::process::ExitCode;

use serde_json::{Value, json};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit 0.
    Done,
    /// A check found something: exit 1.
    CheckFailed,
}

/// An error in what the user gave: exit 2, every other error exits 1.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// For `--json` or without.
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    /// A line for a person; goes to stderr, so that stdout stays the program's.
    pub fn say(&self, text: &str) {
        eprintln!("{text}");
    }

    /// The result: the object with `--json`, else the text on stderr.
    pub fn result(&self, object: &Value, text: &str) {
        if self.json {
            // A reader that has gone away is no failure of the command.
            let _ = writeln!(std::io::stdout(), "{object}");
        } else {
            self.say(text);
        }
    }

    /// The exit code of a command, after its error was told.
    pub fn finish(&self, outcome: anyhow::Result<Verdict>) -> ExitCode {
        let error = match outcome {
            Ok(Verdict::Done) => return ExitCode::SUCCESS,
            Ok(Verdict::CheckFailed) => return ExitCode::from(1),
            Err(error) => error,
        };
        let message = sentence(&error);
        self.result(
            &json!({"error": {"message": message}}),
            &format!("error: {message}"),
        );
        let bad_input = error.chain().any(|cause| cause.is::<BadInput>());
        ExitCode::from(if bad_input { 2 } else { 1 })
    }
}

/// The error and its causes; a cause that the sentence holds already is not said twice.
fn sentence(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |said, cause| match () {
            () if said.is_empty() => cause,
            () if said.contains(&cause) => said,
            () => format!("{said}: {cause}"),
        })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn exit_codes_follow_the_outcome() {
        let output = Output::new(false);
        let code = |outcome| format!("{:?}", output.finish(outcome));
        let expect = |number: u8| format!("{:?}", ExitCode::from(number));
        assert_eq!(code(Ok(Verdict::Done)), expect(0));
        assert_eq!(code(Ok(Verdict::CheckFailed)), expect(1));
        assert_eq!(code(Err(anyhow::anyhow!("disk"))), expect(1));
        let bad: anyhow::Result<Verdict> = Err(BadInput("no such column".into()).into());
        assert_eq!(code(bad.context("importing")), expect(2));
    }
}
