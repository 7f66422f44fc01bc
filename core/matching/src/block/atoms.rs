//! What records can agree on: per record one code for each aspect of a value.

use crate::columns::Kind;
use crate::dictionary::{Dictionary, MISSING};
use crate::records::{Field, Records};

/// Groups of fields begin here; before are those of names.
pub const ASPECT_GROUPS_FROM: u8 = 2;
/// Most aspects of a record.
pub const ATOMS_MAX: usize = 32;

/// One aspect of all records, such as the month and year of birth.
pub struct Atom {
    /// Aspects of one value have one group: agreement counts once, by the first that agrees.
    pub group: u8,
    /// The code of each record; 0 is missing.
    pub codes: Vec<u32>,
    /// How many records have each code.
    pub counts: Vec<u32>,
}

/// All aspects, strongest first within a group.
pub fn atoms(records: &Records) -> Vec<Atom> {
    let mut atoms = Vec::new();
    if records.named {
        names(records, &mut atoms);
    }
    for (group, field) in (ASPECT_GROUPS_FROM..).zip(&records.fields) {
        for aspect in aspects(field.kind) {
            atoms.push(of_field(field, group, *aspect));
        }
    }
    atoms.truncate(ATOMS_MAX);
    atoms
}

fn atom(group: u8, codes: Vec<u32>) -> Atom {
    let most = codes.iter().copied().max().unwrap_or_default() as usize;
    let mut counts = vec![0; most + 1];
    for code in &codes {
        counts[*code as usize] += 1;
    }
    counts[0] = 0;
    Atom {
        group,
        codes,
        counts,
    }
}

fn names(records: &Records, atoms: &mut Vec<Atom>) {
    let words = &records.words;
    let mut dense = Dictionary::default();
    let mut sound = |word: u32| match word {
        MISSING => MISSING,
        word => dense.code(&format!("{:x}", words.sounds[word as usize])),
    };
    let sounds: Vec<u32> = (0..words.texts.len() as u32).map(&mut sound).collect();
    let lines = 1_024;
    let canonical = |word: u32| match (
        word,
        words
            .nicknames
            .get(word as usize)
            .map_or(0, |lines| lines[0]),
    ) {
        (MISSING, _) => MISSING,
        (word, 0) => word + lines,
        (_, line) => u32::from(line),
    };
    let each =
        |pick: &dyn Fn(&crate::records::Name) -> u32| records.names.iter().map(pick).collect();
    atoms.push(atom(0, each(&|name| name.surname)));
    atoms.push(atom(0, each(&|name| sounds[name.surname as usize])));
    atoms.push(atom(1, each(&|name| canonical(name.given))));
    atoms.push(atom(1, each(&|name| sounds[name.given as usize])));
}

/// A part of a text.
pub type Aspect = fn(&str) -> &str;

/// Aspects of a kind's values: parts of the text.
pub fn aspects(kind: Kind) -> &'static [Aspect] {
    match kind {
        Kind::BirthDate => &[whole, |date| part(date, 0, 6), |date| part(date, 4, 8)],
        Kind::Postcode => &[whole, outward],
        Kind::Email => &[whole, local],
        Kind::Phone => &[whole, |digits| {
            part(digits, digits.len().saturating_sub(7), digits.len())
        }],
        Kind::Identifier => &[whole, |text| part(text, 0, text.len() * 2 / 3)],
        Kind::Gender | Kind::Region => &[],
        _ => &[whole],
    }
}

fn whole(text: &str) -> &str {
    text
}

fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or_default()
}

fn local(email: &str) -> &str {
    let local = email.split('@').next().unwrap_or_default();
    if local.len() >= 4 { local } else { "" }
}

/// What a postcode begins with: all but the last three characters, at least two.
fn outward(postcode: &str) -> &str {
    part(postcode, 0, postcode.len().saturating_sub(3).max(2))
}

fn of_field(field: &Field, group: u8, aspect: Aspect) -> Atom {
    let mut dense = Dictionary::default();
    let codes: Vec<u32> = (0..field.texts.len() as u32)
        .map(|code| dense.code(aspect(field.texts.text(code))))
        .collect();
    atom(
        group,
        field
            .codes
            .iter()
            .map(|code| codes[*code as usize])
            .collect(),
    )
}
