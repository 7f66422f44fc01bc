//! How many persons of an account a rule is about.

/// How many of the persons of somebody's accounts, themselves among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
    /// Not one.
    No,
}

impl Quantifier {
    /// Every quantifier.
    pub const ALL: [Quantifier; 3] = [Quantifier::Any, Quantifier::All, Quantifier::No];

    /// The word a rule begins with.
    pub const fn as_str(self) -> &'static str {
        match self {
            Quantifier::Any => "any",
            Quantifier::All => "all",
            Quantifier::No => "no",
        }
    }

    /// Reads the word, in upper or lower case.
    pub fn parse(word: &str) -> Option<Self> {
        let mut all = Quantifier::ALL.into_iter();
        all.find(|known| known.as_str().eq_ignore_ascii_case(word))
    }

    /// As written in a rule, with whom it counts.
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Quantifier::Any => "any person",
            Quantifier::All => "all persons",
            Quantifier::No => "no person",
        }
    }

    /// Who is in an audience, in words, when the answer is `holds`.
    pub(crate) const fn in_words(self, holds: bool) -> &'static str {
        match (self, holds) {
            (Quantifier::Any, true) | (Quantifier::No, false) => "somebody of their account is",
            (Quantifier::Any, false) | (Quantifier::No, true) => "nobody of their account is",
            (Quantifier::All, true) => "everybody of their account is",
            (Quantifier::All, false) => "not everybody of their account is",
        }
    }
}
