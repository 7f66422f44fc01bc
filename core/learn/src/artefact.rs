//! A model as bytes: versioned, checked, and refused when anything is missing.
//!
//! Layout: `KITHLRN` and a zero byte; version, 2 bytes; length of the body, 8 bytes; XXH3-64 of
//! version, length and body, 8 bytes; the body in postcard. Numbers are little-endian. A version
//! once written is read by every later program: a new one gets its own branch in [`decode`].

use kith_base::limits;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::Model;
use crate::choose::{Evaluation, Spec};

const MAGIC: &[u8; 8] = b"KITHLRN\0";
const VERSION: u16 = 2;
const HEAD: usize = 26;
/// Bytes of a file that [`head`] needs at most: all that stands before the ids of the items.
pub const HEAD_MAX_BYTES: usize = 16 * 1024;

/// A model with the ids that its numbers stand for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artefact {
    /// What it is, in words.
    pub title: String,
    /// The latest event it learned from, in milliseconds since 1970.
    pub learned_until: i64,
    /// How it came to be.
    pub about: About,
    /// Ids of items by number.
    pub items: Vec<String>,
    /// The model.
    pub model: Model,
}

/// How a model came to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Histories it learned from; items, of a model of their contents.
    pub histories: u64,
    /// What was chosen to learn with, in words.
    pub chosen: String,
    /// The same as settings; empty where there was nothing to choose.
    pub parts: Vec<(f32, Spec)>,
    /// Settings that were tried.
    pub tried: u32,
    /// How well the choice did on what it never saw.
    pub evaluation: Option<Evaluation>,
}

/// What a stored model says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The latest event it learned from, in milliseconds since 1970.
    pub learned_until: i64,
    /// How it came to be; nothing of it in files of version 1.
    pub about: About,
}

/// As version 1 was written: without [`About`].
#[derive(Serialize, Deserialize)]
struct First {
    title: String,
    learned_until: i64,
    items: Vec<String>,
    model: Model,
}

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Damage {
    /// The first bytes are others.
    #[error("this is no model: it does not begin with KITHLRN")]
    Foreign,
    /// Written by a later program.
    #[error("version {found} is not known; this program reads versions up to {VERSION}")]
    Version {
        /// What it says.
        found: u16,
    },
    /// Bytes are missing, such as of a file cut in half.
    #[error("cut short: {found} of {expected} bytes are there")]
    Short {
        /// Bytes there.
        found: usize,
        /// Bytes that should be.
        expected: usize,
    },
    /// There is more than was written.
    #[error("{more} bytes follow the model")]
    Long {
        /// How many.
        more: usize,
    },
    /// The bytes are not those that were written.
    #[error("damaged: the checksum does not match")]
    Checksum,
    /// The bytes are whole and say something impossible.
    #[error("unreadable: {0}")]
    Content(&'static str),
    /// More than a model may have.
    #[error("{found} bytes; at most {most} are read")]
    Large {
        /// How many.
        found: u64,
        /// The limit.
        most: usize,
    },
}

/// As bytes.
pub fn encode(artefact: &Artefact) -> Result<Vec<u8>, Damage> {
    let unwritable = |_| Damage::Content("a value cannot be written");
    let body = postcard::to_allocvec(artefact).map_err(unwritable)?;
    if body.len() > limits::LEARN_MODEL_MAX_BYTES {
        let most = limits::LEARN_MODEL_MAX_BYTES;
        return Err(Damage::Large {
            found: body.len() as u64,
            most,
        });
    }
    let mut bytes = Vec::with_capacity(HEAD + body.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&checksum(&bytes[8..18], &body).to_le_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// From bytes, all of them.
pub fn decode(bytes: &[u8]) -> Result<Artefact, Damage> {
    let frame = frame(bytes, bytes.len() as u64)?;
    let body = &bytes[HEAD..];
    if checksum(&bytes[8..18], body) != frame.sum {
        return Err(Damage::Checksum);
    }
    let unreadable = |_| Damage::Content("the body does not follow its layout");
    let (artefact, rest) = match frame.version {
        1 => {
            let (first, rest) = postcard::take_from_bytes::<First>(body).map_err(unreadable)?;
            (first.into(), rest)
        }
        _ => postcard::take_from_bytes::<Artefact>(body).map_err(unreadable)?,
    };
    if !rest.is_empty() {
        return Err(Damage::Content("bytes follow the body"));
    }
    if artefact.items.len() != artefact.model.items() {
        return Err(Damage::Content("items and their ids differ in number"));
    }
    if !artefact.model.is_sound() {
        return Err(Damage::Content("a table is out of range"));
    }
    Ok(artefact)
}

/// What a file of this length that begins with these bytes says of itself. That nothing is cut is
/// seen, that no byte is changed is not: that takes all of them, and [`decode`].
pub fn head(bytes: &[u8], length: u64) -> Result<Head, Damage> {
    let frame = frame(bytes, length)?;
    let unreadable = |_| Damage::Content("the body does not follow its layout");
    let body = &bytes[HEAD..];
    let (learned_until, about) = match frame.version {
        1 => {
            let told = postcard::take_from_bytes::<(String, i64)>(body);
            let ((_, learned_until), _) = told.map_err(unreadable)?;
            (learned_until, About::default())
        }
        _ => {
            let told = postcard::take_from_bytes::<(String, i64, About)>(body);
            let ((_, learned_until, about), _) = told.map_err(unreadable)?;
            (learned_until, about)
        }
    };
    Ok(Head {
        learned_until,
        about,
    })
}

/// What stands before the body.
struct Frame {
    version: u16,
    sum: u64,
}

/// Reads it, of a file of a length that begins with these bytes.
fn frame(bytes: &[u8], length: u64) -> Result<Frame, Damage> {
    let begins = bytes.len().min(MAGIC.len());
    if bytes[..begins] != MAGIC[..begins] {
        return Err(Damage::Foreign);
    }
    let short = |expected| Damage::Short {
        found: length as usize,
        expected,
    };
    if bytes.len() < HEAD {
        return Err(short(HEAD));
    }
    let number = |from: usize| {
        let bytes = bytes[from..from + 8]
            .try_into()
            .expect("eight bytes were taken");
        u64::from_le_bytes(bytes)
    };
    let version = u16::from_le_bytes([bytes[8], bytes[9]]);
    if version == 0 || version > VERSION {
        return Err(Damage::Version { found: version });
    }
    let (of_body, sum) = (number(10), number(18));
    if of_body > limits::LEARN_MODEL_MAX_BYTES as u64 {
        let most = limits::LEARN_MODEL_MAX_BYTES;
        return Err(Damage::Large {
            found: of_body,
            most,
        });
    }
    let expected = of_body.saturating_add(HEAD as u64);
    if length < expected {
        return Err(short(usize::try_from(expected).unwrap_or(usize::MAX)));
    }
    if length > expected {
        let more = usize::try_from(length - expected).unwrap_or(usize::MAX);
        return Err(Damage::Long { more });
    }
    Ok(Frame { version, sum })
}

impl From<First> for Artefact {
    fn from(first: First) -> Self {
        Artefact {
            title: first.title,
            learned_until: first.learned_until,
            about: About::default(),
            items: first.items,
            model: first.model,
        }
    }
}

fn checksum(head: &[u8], body: &[u8]) -> u64 {
    let mut sum = Xxh3::new();
    sum.update(head);
    sum.update(body);
    sum.digest()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::again::Again;
    use crate::choose::{self, Spec};
    use crate::content::{self, Description};
    use crate::interactions::Interactions;
    use crate::model::Part;
    use crate::{factors, linear, neighbours};

    fn artefact() -> Artefact {
        let rows: [&[u32]; 4] = [&[0, 1], &[0, 1, 2], &[2], &[0, 2]];
        let interactions = Interactions::from_lists(3, rows);
        let factors = factors::Settings {
            factors: 4,
            lambda: 1.0,
            alpha: 2.0,
            rounds: 2,
            seed: 1,
        };
        let parts = [
            (1.0, Spec::Popular),
            (
                0.5,
                Spec::Neighbours(neighbours::Settings {
                    following: 2.0,
                    decay: 0.8,
                }),
            ),
            (
                0.5,
                Spec::Linear(linear::Settings {
                    lambda: 1.0,
                    dropout: 0.1,
                }),
            ),
            (0.5, Spec::Factors(factors)),
        ];
        let mut model = choose::fit(&parts, &interactions).unwrap();
        let again = Again {
            decay: 0.9,
            half_life: 7,
            kinds: [1.0; 4],
        };
        let text = |text| Description {
            text,
            ..Description::default()
        };
        let content = content::fit([text("a b"), text("b c"), text("c")]);
        model
            .parts
            .extend([(1.0, Part::Again(again)), (1.0, Part::Content(content))]);
        let items = vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        Artefact {
            title: "all parts".to_owned(),
            learned_until: 5,
            about: About {
                histories: 4,
                chosen: choose::describe(&parts),
                parts: parts.to_vec(),
                ..About::default()
            },
            items,
            model,
        }
    }

    /// The same bytes as another version.
    fn framed(version: u16, body: &[u8]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&version.to_le_bytes());
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&checksum(&bytes[8..18], body).to_le_bytes());
        [&*bytes, body].concat()
    }

    #[test]
    fn the_first_version_is_read_and_a_later_one_is_not() {
        let artefact = artefact();
        let first = First {
            title: artefact.title.clone(),
            learned_until: artefact.learned_until,
            items: artefact.items.clone(),
            model: artefact.model.clone(),
        };
        let bytes = framed(1, &postcard::to_allocvec(&first).unwrap());
        let read = decode(&bytes).unwrap();
        assert_eq!(
            (&read.model, &read.about),
            (&artefact.model, &About::default())
        );
        assert_eq!(head(&bytes, bytes.len() as u64).unwrap().learned_until, 5);
        assert_eq!(decode(&framed(3, &[])), Err(Damage::Version { found: 3 }));
        assert_eq!(decode(&framed(0, &[])), Err(Damage::Version { found: 0 }));
    }

    #[test]
    fn the_head_is_read_without_the_rest() {
        let artefact = artefact();
        let bytes = encode(&artefact).unwrap();
        let told = head(&bytes[..bytes.len() / 2], bytes.len() as u64).unwrap();
        assert_eq!(told.about, artefact.about);
        let half = bytes.len() / 2;
        let cut = head(&bytes[..half], half as u64).unwrap_err();
        assert!(matches!(cut, Damage::Short { .. }), "{cut}");
    }

    #[test]
    fn reads_what_was_written() {
        let artefact = artefact();
        assert_eq!(decode(&encode(&artefact).unwrap()), Ok(artefact));
    }

    #[test]
    fn a_cut_at_any_byte_is_refused() {
        let bytes = encode(&artefact()).unwrap();
        for end in 0..bytes.len() {
            let error = decode(&bytes[..end]).unwrap_err();
            assert!(matches!(error, Damage::Short { .. }), "{end}: {error}");
        }
        let longer = [&*bytes, b"x"].concat();
        assert_eq!(decode(&longer), Err(Damage::Long { more: 1 }));
    }

    #[test]
    fn a_changed_byte_is_refused() {
        let bytes = encode(&artefact()).unwrap();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 0x40;
            assert!(decode(&changed).is_err(), "{place}");
        }
        assert_eq!(decode(b"{\"model\":1}"), Err(Damage::Foreign));
    }

    #[test]
    fn whole_bytes_that_cannot_be_are_refused() {
        let mut other = artefact();
        other.items.pop();
        let refused = decode(&encode(&other).unwrap());
        assert!(matches!(refused, Err(Damage::Content(_))), "{refused:?}");
    }
}
