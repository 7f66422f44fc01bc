//! What can be wrong with what is learned from, or with a stored model.

/// Why there is no model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// A limit of `kith_base::limits`.
    #[error("{what}: at most {most}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        most: usize,
    },
    /// A line that cannot be read.
    #[error("line {line}: {what}")]
    Line {
        /// Counted from one.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A file without what is needed.
    #[error("{0}")]
    Input(String),
    /// Nothing to learn from.
    #[error("nothing to learn from: {0}")]
    Empty(&'static str),
    /// The normal equations of a linear model have no solution.
    #[error("{items} items: the matrix is not positive definite at regularization {lambda}")]
    Singular {
        /// Size of the matrix.
        items: usize,
        /// What was added to its diagonal.
        lambda: f64,
    },
    /// A setting that is no number a model can use.
    #[error("{name} is {value}: {hint}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        hint: &'static str,
    },
    /// A stored model that is cut, damaged or of another version.
    #[error("stored model: {0}")]
    Stored(#[from] crate::artefact::Damage),
}
