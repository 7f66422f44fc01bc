//! Two names: given name, surname and the other words together, because they change places.

use super::levels::{EXACT, NONE, name::*};
use super::memo::Memo;
use crate::dictionary::MISSING;
use crate::records::{Name, Words};
use crate::text::{jaro_winkler, osa_within};

/// The levels of given name, surname and the other words.
pub fn levels(words: &Words, memo: &mut Memo, one: &Name, other: &Name) -> [u8; 3] {
    let mut given = word(words, memo, one.given, other.given);
    let mut surname = word(words, memo, one.surname, other.surname);
    if given > CLOSE && surname > CLOSE || (given == NONE) != (surname == NONE) {
        let crossed = word(words, memo, one.given, other.surname);
        let back = word(words, memo, one.surname, other.given);
        if close(crossed) && close(back) {
            (given, surname) = (ELSEWHERE, ELSEWHERE);
        }
    }
    if given > ELSEWHERE && elsewhere(one.given, one, other, other.given) {
        given = ELSEWHERE;
    }
    if surname > ELSEWHERE && elsewhere(one.surname, one, other, other.surname) {
        surname = ELSEWHERE;
    }
    [given, surname, others(words, memo, one, other)]
}

fn close(level: u8) -> bool {
    (EXACT..=CLOSE).contains(&level)
}

/// Whether either side's word is among the other words of the other side.
fn elsewhere(word: u32, one: &Name, other: &Name, word_other: u32) -> bool {
    let among = |word: u32, name: &Name| {
        word != MISSING
            && (name.given == word || name.surname == word || name.others.contains(&word))
    };
    among(word, other) || among(word_other, one)
}

/// The level of two words of names.
pub fn word(words: &Words, memo: &mut Memo, one: u32, other: u32) -> u8 {
    if one == MISSING || other == MISSING {
        return NONE;
    }
    if one == other {
        return EXACT;
    }
    memo.level(0, one, other, || different(words, one, other))
}

fn different(words: &Words, one: u32, other: u32) -> u8 {
    let (lines, lines_other) = (
        words.nicknames[one as usize],
        words.nicknames[other as usize],
    );
    if lines
        .iter()
        .any(|line| *line != 0 && lines_other.contains(line))
    {
        return FORM;
    }
    // Two well-known names, such as Mark and Mary, are no slips of one another.
    let both_known = lines[0] != 0 && lines_other[0] != 0;
    let (a, b) = (words.texts.text(one), words.texts.text(other));
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let similarity = jaro_winkler(a, b);
    if both_known {
        if similarity >= 0.9 { LOOSE } else { DIFFERENT }
    } else if short.len() >= 3 && osa_within(a, b, 1).is_some()
        || short.len() >= 5 && similarity >= 0.93
    {
        CLOSE
    } else if long.starts_with(short) && (short.len() != 2 || long.len() > 3) {
        BEGINNING
    } else if sounds_alike(words, one, other) {
        SOUND
    } else if similarity >= 0.82 {
        LOOSE
    } else {
        DIFFERENT
    }
}

fn sounds_alike(words: &Words, one: u32, other: u32) -> bool {
    let sound = words.sounds[one as usize];
    sound == words.sounds[other as usize] && sound > 0xFF
}

/// Words beside given name and surname, each looked for in all of the other name.
fn others(words: &Words, memo: &mut Memo, one: &Name, other: &Name) -> u8 {
    if one.others[0] == MISSING || other.others[0] == MISSING {
        return NONE;
    }
    let (mut count, mut same, mut alike) = (0, 0, 0);
    let (small, large) = if one.others().count() <= other.others().count() {
        (one, other)
    } else {
        (other, one)
    };
    for candidate in small.others() {
        count += 1;
        if large.others.contains(&candidate) {
            same += 1;
        } else if large
            .others()
            .any(|against| word(words, memo, candidate, against) <= BEGINNING)
        {
            alike += 1;
        }
    }
    match (same, alike) {
        (same, _) if same == count => 1,
        (1.., _) => 2,
        (_, 1..) => 3,
        _ => 4,
    }
}

/// The rarest word that both names have beside given name and surname: how many names hold it.
pub fn rarest_shared(words: &Words, one: &Name, other: &Name) -> Option<u32> {
    let shared = one.others().filter(|word| other.others.contains(word));
    shared.map(|word| words.as_other[word as usize]).min()
}
