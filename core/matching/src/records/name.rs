//! A person's name taken apart: given name, surname, the other words, and the generation.

use super::nicknames::Nicknames;
use crate::columns::Kind;
use crate::dictionary::{Dictionary, MISSING};
use crate::text::{fold, is_nothing, phonetic, words};

/// Most words of a name kept beside given name and surname.
pub const OTHERS_MAX: usize = 5;

/// Words that are no name.
const TITLES: [&str; 16] = [
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "professor",
    "sir",
    "dame",
    "rev",
    "reverend",
    "mx",
    "herr",
    "frau",
    "mme",
    "md",
];

/// Which of several of the same name: 0 unknown.
const GENERATIONS: [(&str, u8); 9] = [
    ("sr", 1),
    ("senior", 1),
    ("snr", 1),
    ("jr", 2),
    ("junior", 2),
    ("jnr", 2),
    ("ii", 2),
    ("iii", 3),
    ("iv", 4),
];

/// The name of one record, in codes of the words of all names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Name {
    /// The first given name.
    pub given: u32,
    /// The whole surname, written together.
    pub surname: u32,
    /// The other words, without repetition.
    pub others: [u32; OTHERS_MAX],
    /// Junior, senior; 0 when not told.
    pub generation: u8,
}

impl Name {
    /// The words beside given name and surname.
    pub fn others(&self) -> impl Iterator<Item = u32> + '_ {
        self.others
            .iter()
            .copied()
            .take_while(|word| *word != MISSING)
    }

    fn add_other(&mut self, word: u32) {
        if word == MISSING
            || word == self.given
            || word == self.surname
            || self.others.contains(&word)
        {
            return;
        }
        if let Some(place) = self.others.iter_mut().find(|place| **place == MISSING) {
            *place = word;
        }
    }
}

/// What is known of each word of names.
#[derive(Clone, Debug)]
pub struct Words {
    /// Every word.
    pub texts: Dictionary,
    /// Given names: how many.
    pub as_given: Vec<u32>,
    /// Surnames: how many.
    pub as_surname: Vec<u32>,
    /// Other words: how many.
    pub as_other: Vec<u32>,
    /// How the word sounds.
    pub sounds: Vec<u64>,
    /// Lines of the list of nicknames.
    pub nicknames: Vec<[u16; 4]>,
    /// How much more often a word is a surname than a given name where columns tell them apart.
    pub leaning: Vec<i32>,
}

impl Default for Words {
    fn default() -> Self {
        Words {
            texts: Dictionary::default(),
            as_given: vec![0],
            as_surname: vec![0],
            as_other: vec![0],
            sounds: vec![0],
            nicknames: vec![[0; 4]],
            leaning: vec![0],
        }
    }
}

impl Words {
    fn code(&mut self, text: &str, nicknames: &Nicknames) -> u32 {
        let code = self.texts.code(text);
        while self.sounds.len() < self.texts.len() {
            let text = self.texts.text(self.sounds.len() as u32);
            self.sounds.push(phonetic(text));
            self.nicknames.push(nicknames.lines(text));
            self.as_given.push(0);
            self.as_surname.push(0);
            self.as_other.push(0);
            self.leaning.push(0);
        }
        code
    }

    /// Counts the words of a name.
    pub fn count(&mut self, name: &Name) {
        self.as_given[name.given as usize] += 1;
        self.as_surname[name.surname as usize] += 1;
        for word in name.others() {
            self.as_other[word as usize] += 1;
        }
    }

    /// Forgets the words taken in last.
    pub fn truncate(&mut self, length: usize) {
        self.texts.truncate(length);
        self.sounds.truncate(length);
        self.nicknames.truncate(length);
        self.as_given.truncate(length);
        self.as_surname.truncate(length);
        self.as_other.truncate(length);
        self.leaning.truncate(length);
    }

    /// Counts a value of a column of given names or of surnames that so many records hold.
    pub fn lean(&mut self, kind: Kind, part: &Part, count: u32) {
        let (word, by) = match (kind, part.words.as_slice()) {
            (Kind::GivenName, [first, ..]) => (*first, -1),
            (Kind::Surname, [.., last]) => (*last, 1),
            _ => return,
        };
        self.leaning[word as usize] += by * i32::try_from(count).unwrap_or(i32::MAX);
    }

    /// How many names hold the word anywhere.
    pub fn anywhere(&self, word: u32) -> u32 {
        let word = word as usize;
        self.as_given[word] + self.as_surname[word] + self.as_other[word]
    }
}

/// One value of a column of names, taken apart.
#[derive(Clone, Debug, Default)]
pub struct Part {
    words: Vec<u32>,
    /// The words written together.
    whole: u32,
    /// Where `Surname, Given` has its comma: words before it.
    comma: usize,
    generation: u8,
}

/// Takes a value apart.
pub fn part(value: &str, words_known: &mut Words, nicknames: &Nicknames) -> Part {
    let folded = fold(value);
    if is_nothing(&folded) || folded.contains('@') {
        return Part::default();
    }
    let folded = folded.as_str();
    let mut part = Part::default();
    let mut whole = String::new();
    let (head, tail) = folded.split_once(',').unwrap_or((folded, ""));
    for (place, piece) in [head, tail].into_iter().enumerate() {
        for word in words(piece) {
            if let Some((_, generation)) = GENERATIONS.iter().find(|(text, _)| *text == word) {
                part.generation = *generation;
            } else if !TITLES.contains(&word.as_str()) {
                whole.push_str(&word);
                part.words.push(words_known.code(&word, nicknames));
            }
        }
        if place == 0 && !tail.is_empty() {
            part.comma = part.words.len();
        }
    }
    // "Morris I" is the first of the name: an initial stands before a surname, not at the end.
    if head.ends_with(" i") && part.generation == 0 {
        part.generation = 1;
    }
    part.whole = words_known.code(&whole, nicknames);
    part
}

/// Puts the parts of one record together.
pub fn assemble<'a>(parts: impl Iterator<Item = (Kind, &'a Part)> + Clone, words: &Words) -> Name {
    let mut name = Name::default();
    for (kind, part) in parts.clone() {
        name.generation = name.generation.max(part.generation);
        match kind {
            Kind::GivenName if name.given == MISSING => {
                name.given = part.words.first().copied().unwrap_or_default();
            }
            Kind::Surname if name.surname == MISSING => name.surname = part.whole,
            _ => {}
        }
    }
    if name.given == MISSING && name.surname == MISSING {
        let full = parts
            .clone()
            .find(|(kind, part)| *kind == Kind::FullName && !part.words.is_empty());
        if let Some((_, part)) = full {
            split(&mut name, part, &words.leaning);
        }
    }
    for (kind, part) in parts {
        if kind == Kind::Surname && part.words.len() < 2 {
            continue;
        }
        for word in &part.words {
            name.add_other(*word);
        }
    }
    name
}

/// `Given … Surname`, `Surname, Given …`, or `Surname Given` where both words are used so in
/// columns that tell them apart.
fn split(name: &mut Name, part: &Part, leaning: &[i32]) {
    let words = &part.words;
    if let [first, .., last] = words.as_slice()
        && part.comma == 0
        && leaning[*first as usize] > 0
        && leaning[*last as usize] < 0
    {
        (name.surname, name.given) = (*first, *last);
        return;
    }
    if part.comma == 1 && words.len() > 1 {
        (name.surname, name.given) = (words[0], words[1]);
    } else if words.len() > 1 {
        (name.given, name.surname) = (words[0], words[words.len() - 1]);
    } else {
        name.surname = words[0];
    }
}
