//! Grants of offers: what is asked of the one writer, and the codes that go with them.

use std::fmt;

use kith_base::{Digest, NodeId, Timestamp, digest};
use serde::{Deserialize, Serialize};

/// A coupon code. It is worth money, so it never shows where a program writes down what it does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(pub String);

impl fmt::Debug for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(a code)")
    }
}

/// Letters of generated codes: none that is mistaken for another (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of a generated code, five bits each.
const LETTERS_PER_CODE: usize = 12;

impl Code {
    /// The code that follows from a random number and how often it was drawn anew.
    pub fn generate(prefix: &str, seed: Digest, again: u64) -> Self {
        let drawn = digest("coupon", &[&seed.0, &again.to_be_bytes()]);
        let mut code = prefix.to_owned();
        for byte in &drawn.0[..LETTERS_PER_CODE] {
            code.push(char::from(LETTERS[usize::from(byte & 31)]));
        }
        Code(code)
    }
}

/// Somebody is to get an offer that has limits. Whether they do is decided when it is applied,
/// one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantAsked {
    /// Id of the offer.
    pub offer: String,
    /// A node of the person.
    pub node: NodeId,
    /// When.
    pub at: Timestamp,
    /// Id of the grant: the same when the record comes again.
    pub grant_id: NodeId,
    /// Random, for a code.
    pub seed: Digest,
}

/// Codes that go with grants of an offer, in the order in which they are given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponsAdded {
    /// Id of the offer.
    pub offer: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The codes; those the offer had before are left out.
    pub codes: Vec<Code>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_follow_from_their_seed_and_are_not_told() {
        let seed = |text: &str| digest("test", &[text.as_bytes()]);
        let code = Code::generate("HELLO-", seed("a"), 0);
        assert_eq!(code.0.len(), "HELLO-".len() + LETTERS_PER_CODE);
        assert_eq!(code, Code::generate("HELLO-", seed("a"), 0));
        assert_ne!(code, Code::generate("HELLO-", seed("a"), 1));
        assert_ne!(code, Code::generate("HELLO-", seed("b"), 0));
        assert!(!format!("{code:?}").contains(&code.0));
    }
}
