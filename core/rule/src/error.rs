//! What is wrong with a rule, where, and what to write instead.

use std::fmt;

/// A place in a rule text. Two expressions that differ only in places are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct At {
    /// Bytes before it.
    pub offset: u32,
    /// From 1; 0 when the expression did not come from a text.
    pub line: u32,
    /// Characters, from 1.
    pub column: u32,
}

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}

/// A rule text that cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub struct Error {
    /// Where it starts.
    pub at: At,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub fix: String,
}

impl Error {
    pub(crate) fn new(at: At, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Error {
            at,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { line, column, .. } = self.at;
        write!(
            out,
            "line {line}, column {column}: {}; {}",
            self.message, self.fix
        )
    }
}

/// A rule tree that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct TreeError {
    /// Where in the tree: `all[1].left`.
    pub path: String,
    /// What is wrong and what to write instead.
    pub message: String,
}
