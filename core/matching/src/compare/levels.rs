//! The levels of agreement of each kind of value, strongest first.

use crate::columns::Kind;

/// The level of a comparison in which a value is missing.
pub const NONE: u8 = 0;
/// The level of equal values, in every kind.
pub const EXACT: u8 = 1;

/// One level: its name, and how often matching records are expected on it before anything is
/// learned.
#[derive(Clone, Copy, Debug)]
pub struct Level {
    /// Shown in explanations.
    pub name: &'static str,
    /// Share of matching pairs.
    pub prior: f32,
}

const fn level(name: &'static str, prior: f32) -> Level {
    Level { name, prior }
}

/// Given names and surnames.
pub mod name {
    /// A form of the same name.
    pub const FORM: u8 = 2;
    /// One edit, or nearly.
    pub const CLOSE: u8 = 3;
    /// Found among the other words of the name, or both swapped.
    pub const ELSEWHERE: u8 = 4;
    /// One is the beginning of the other.
    pub const BEGINNING: u8 = 5;
    /// Sounds alike.
    pub const SOUND: u8 = 6;
    /// Somewhat alike.
    pub const LOOSE: u8 = 7;
    /// Something else.
    pub const DIFFERENT: u8 = 8;
}
/// Levels of given names and surnames.
pub const NAME: &[Level] = &[
    level("same", 0.70),
    level("another form of the name", 0.05),
    level("one letter off", 0.09),
    level("found elsewhere in the name", 0.05),
    level("beginning of the other", 0.03),
    level("sounds alike", 0.015),
    level("somewhat alike", 0.015),
    level("different", 0.05),
];
/// Words of a name beside given name and surname.
pub const OTHERS: &[Level] = &[
    level("all shared", 0.6),
    level("some shared", 0.2),
    level("alike or initials", 0.1),
    level("different", 0.1),
];
/// Days of birth.
pub const DATE: &[Level] = &[
    level("same", 0.75),
    level("one digit off", 0.10),
    level("day and month swapped", 0.03),
    level("same day and month", 0.03),
    level("same year and month, or year and day", 0.03),
    level("same year", 0.02),
    level("different", 0.04),
];
/// E-mail addresses.
pub const EMAIL: &[Level] = &[
    level("same", 0.70),
    level("same before the @", 0.08),
    level("one or two letters off", 0.08),
    level("same digits, or part hidden", 0.02),
    level("alike", 0.02),
    level("different", 0.10),
];
/// Phone numbers.
pub const PHONE: &[Level] = &[
    level("same", 0.70),
    level("one ends like the other", 0.08),
    level("one digit off", 0.05),
    level("different", 0.17),
];
/// Postal codes.
pub const POSTCODE: &[Level] = &[
    level("same", 0.70),
    level("one letter off", 0.07),
    level("same district", 0.08),
    level("same area", 0.05),
    level("different", 0.10),
];
/// Numbers of documents.
pub const IDENTIFIER: &[Level] = &[
    level("same", 0.85),
    level("one letter off", 0.07),
    level("different", 0.08),
];
/// Places, occupations, groups.
pub const PLACE: &[Level] = &[
    level("same", 0.70),
    level("one letter off", 0.08),
    level("words shared", 0.07),
    level("different", 0.15),
];
/// Texts compared by their words.
pub const WORDS: &[Level] = &[
    level("same", 0.55),
    level("nearly all words shared", 0.20),
    level("most words shared", 0.10),
    level("some words shared", 0.05),
    level("different", 0.10),
];
/// Values that are the same or not.
pub const SAME: &[Level] = &[level("same", 0.85), level("different", 0.15)];

/// The levels of a kind.
pub fn of(kind: Kind) -> &'static [Level] {
    match kind {
        Kind::GivenName | Kind::MiddleName | Kind::Surname => NAME,
        Kind::FullName => OTHERS,
        Kind::Organisation | Kind::Address | Kind::Text => WORDS,
        Kind::BirthDate => DATE,
        Kind::Email => EMAIL,
        Kind::Phone => PHONE,
        Kind::Postcode => POSTCODE,
        Kind::Identifier | Kind::StreetNumber => IDENTIFIER,
        Kind::City | Kind::Category => PLACE,
        Kind::Region | Kind::Gender | Kind::Ignored => SAME,
    }
}
