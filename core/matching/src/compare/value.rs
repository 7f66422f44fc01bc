//! Two different values of one kind: how far they agree.

use crate::columns::Kind;
use crate::records::Field;
use crate::text::{jaro_winkler, osa_within};

/// The level of two values that are there and not equal.
pub fn level(field: &Field, one: u32, other: u32) -> u8 {
    let (a, b) = (field.texts.text(one), field.texts.text(other));
    match field.kind {
        Kind::BirthDate => date(a.as_bytes(), b.as_bytes()),
        Kind::Email => email(a, b),
        Kind::Phone => phone(a, b),
        Kind::Postcode => postcode(a, b),
        Kind::Identifier => {
            let close = a.len().min(b.len()) >= 5 && osa_within(a, b, 1).is_some();
            if close { 2 } else { 3 }
        }
        Kind::StreetNumber => {
            let close = osa_within(a, b, 1).is_some() && a.len().min(b.len()) >= 2;
            if close { 2 } else { 3 }
        }
        Kind::City | Kind::Category => place(field, one, other),
        Kind::Organisation | Kind::Address | Kind::Text => words(field, one, other),
        _ => 2,
    }
}

fn date(a: &[u8], b: &[u8]) -> u8 {
    if a.len() != 8 || b.len() != 8 {
        return 7;
    }
    let off = a.iter().zip(b).filter(|(a, b)| a != b).count();
    let swapped = (0..7).any(|at| a[at] == b[at + 1] && a[at + 1] == b[at] && a[at] != b[at]);
    let year = a[..4] == b[..4];
    let off_year = a[..4].iter().zip(&b[..4]).filter(|(a, b)| a != b).count();
    let (month, day) = (a[4..6] == b[4..6], a[6..] == b[6..]);
    let partly = [a, b]
        .iter()
        .any(|date| &date[4..] == b"0000" || &date[6..] == b"00");
    if partly {
        return if year && (month || a[4..] == *b"0000" || b[4..] == *b"0000") {
            5
        } else {
            7
        };
    }
    if off == 1 || off == 2 && swapped {
        2
    } else if year && a[4..6] == b[6..] && a[6..] == b[4..6] {
        3
    } else if month && day {
        4
    } else if year && (month || day) || off_year == 1 && a[4..6] == b[6..] && a[6..] == b[4..6] {
        5
    } else if year {
        6
    } else {
        7
    }
}

fn email(a: &str, b: &str) -> u8 {
    let (local_a, domain_a) = a.split_once('@').unwrap_or((a, ""));
    let (local_b, domain_b) = b.split_once('@').unwrap_or((b, ""));
    if local_a == local_b {
        return 2;
    }
    let long = local_a.len().min(local_b.len()) >= 5;
    if domain_a == domain_b && osa_within(local_a, local_b, if long { 2 } else { 1 }).is_some() {
        return 3;
    }
    if long && osa_within(local_a, local_b, 1).is_some() {
        return 3;
    }
    if hidden(local_a, local_b) || hidden(local_b, local_a) || same_digits(local_a, local_b) {
        return 4;
    }
    let alike = domain_a == domain_b && jaro_winkler(local_a, local_b) > 0.88;
    if alike { 5 } else { 6 }
}

/// `jan***` hides the end of `janet12`.
fn hidden(masked: &str, whole: &str) -> bool {
    let shown = masked.trim_end_matches('*');
    shown.len() < masked.len() && !shown.is_empty() && whole.starts_with(shown)
}

/// The digits of one are those of the other, or begin or end them: at least five.
fn same_digits(a: &str, b: &str) -> bool {
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let (a, b) = (digits(a), digits(b));
    a.len().min(b.len()) >= 5
        && (a.ends_with(&b) || b.ends_with(&a) || a.starts_with(&b) || b.starts_with(&a))
}

fn phone(a: &str, b: &str) -> u8 {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let tail = |text: &str| text.get(text.len().saturating_sub(7)..).map(str::to_owned);
    if short.len() >= 7 && (long.contains(short) || tail(a) == tail(b)) {
        2
    } else if short.len() >= 7 && osa_within(a, b, 1).is_some() {
        3
    } else {
        4
    }
}

fn postcode(a: &str, b: &str) -> u8 {
    let district = |text: &str| {
        text.get(..text.len().saturating_sub(3).max(2))
            .map(str::to_owned)
    };
    if osa_within(a, b, 1).is_some() {
        2
    } else if a.len() == b.len() && district(a) == district(b) {
        3
    } else if a.get(..2) == b.get(..2) {
        4
    } else {
        5
    }
}

fn place(field: &Field, one: u32, other: u32) -> u8 {
    let (a, b) = (field.texts.text(one), field.texts.text(other));
    let long = a.len().min(b.len()) >= 4;
    if long && (osa_within(a, b, 1).is_some() || jaro_winkler(a, b) >= 0.94) {
        return 2;
    }
    let shared = shared(
        &field.value_words[one as usize],
        &field.value_words[other as usize],
    );
    if shared.count() > 0 { 3 } else { 4 }
}

fn words(field: &Field, one: u32, other: u32) -> u8 {
    let (words_a, words_b) = (
        &field.value_words[one as usize],
        &field.value_words[other as usize],
    );
    let total = field.codes.len() as f32;
    let weight = |word: u32| {
        (total / field.words.count(word).max(1) as f32)
            .ln()
            .max(0.1)
    };
    let sum = |words: &[u32]| words.iter().map(|word| weight(*word)).sum::<f32>();
    let common: f32 = shared(words_a, words_b).map(weight).sum();
    let (all_a, all_b) = (sum(words_a), sum(words_b));
    let overlap = 2.0 * common / (all_a + all_b);
    let inside = common / all_a.min(all_b);
    let (a, b) = (field.texts.text(one), field.texts.text(other));
    if overlap >= 0.75 || inside >= 0.9 && overlap >= 0.5 || jaro_winkler(a, b) >= 0.95 {
        2
    } else if overlap >= 0.5 || inside >= 0.8 || jaro_winkler(a, b) >= 0.9 {
        3
    } else if overlap >= 0.25 {
        4
    } else {
        5
    }
}

/// Words in both of two ascending lists.
pub fn shared<'a>(one: &'a [u32], other: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    one.iter()
        .copied()
        .filter(|word| other.binary_search(word).is_ok())
}
