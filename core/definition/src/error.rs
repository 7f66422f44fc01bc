//! Errors of a definition: all of them at once, each with its field.

use serde::{Deserialize, Serialize};

/// One thing wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldError {
    /// Path from the top of the document: `spec.strategies[1].strategy`.
    pub field: String,
    /// What is wrong, with the value and the fix.
    pub message: String,
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.field, self.message)
    }
}

/// Errors being collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(Vec<FieldError>);

impl Errors {
    /// Adds one.
    pub fn push(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    }

    /// True when a field, or something inside it, is wrong already: a check across fields then
    /// has nothing to say about it.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|error| {
            error.field.strip_prefix(field).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
            })
        })
    }

    /// `value` when nothing was added.
    pub fn into_result<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }

    /// What was added.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
