//! Folding: case, diacritics, width, invisible characters, look-alikes and other scripts.

use kith_base::limits;

use super::confusable;

/// Texts that stand for no value, after folding.
const NOTHING: [&str; 30] = [
    "",
    "null",
    "none",
    "nan",
    "n/a",
    "#n/a",
    "nil",
    "undefined",
    "unknown",
    "unk",
    "missing",
    "not available",
    "not provided",
    "not known",
    "not applicable",
    "(null)",
    "[null]",
    "<null>",
    "(none)",
    "\\n",
    "\\\\n",
    "-",
    "--",
    "---",
    ".",
    "?",
    "??",
    "tbd",
    "[object object]",
    "none given",
];

/// Lower case Latin text of `value`: invisible characters gone, look-alike letters and other
/// scripts replaced, blanks single. Longer values lose their end.
pub fn fold(value: &str) -> String {
    let mut folded = String::with_capacity(value.len().min(64));
    if value.is_ascii() {
        for byte in value.bytes().take(limits::MATCH_VALUE_MAX_CHARS) {
            push(&mut folded, char::from(byte));
        }
    } else {
        let short: String = value.chars().take(limits::MATCH_VALUE_MAX_CHARS).collect();
        for word in short.split_inclusive(|symbol: char| !is_part_of_word(symbol)) {
            fold_word(word, &mut folded);
        }
    }
    while folded.ends_with(' ') {
        folded.pop();
    }
    folded
}

/// Whether the text stands for no value at all.
pub fn is_nothing(folded: &str) -> bool {
    let bare = folded.trim_matches(['"', '\'', ' ']);
    NOTHING.contains(&bare)
}

/// The words of a folded text: letters and digits; apostrophes join.
pub fn words(folded: &str) -> impl Iterator<Item = String> + '_ {
    folded
        .split(|symbol: char| !symbol.is_ascii_alphanumeric() && symbol != '\'' && symbol != '`')
        .map(|word| word.replace(['\'', '`'], ""))
        .filter(|word| !word.is_empty())
}

fn push(folded: &mut String, symbol: char) {
    if symbol.is_ascii_whitespace() || symbol.is_ascii_control() {
        if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    } else {
        folded.push(symbol.to_ascii_lowercase());
    }
}

fn is_part_of_word(symbol: char) -> bool {
    symbol.is_alphanumeric()
        || is_invisible(symbol)
        || !symbol.is_ascii() && !symbol.is_whitespace()
}

/// Zero-width and combining characters, marks of direction, soft hyphens, variation selectors.
fn is_invisible(symbol: char) -> bool {
    matches!(u32::from(symbol),
        0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180E
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF
        | 0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

fn fold_word(word: &str, folded: &mut String) {
    let mixed = word.chars().any(|symbol| symbol.is_ascii_alphabetic());
    let mut before_is_lower = false;
    for symbol in word.chars().filter(|symbol| !is_invisible(*symbol)) {
        if symbol.is_ascii() {
            push(folded, symbol);
            continue;
        }
        if mixed && let Some(latin) = confusable::latin(symbol) {
            push(folded, latin);
            continue;
        }
        if symbol.is_whitespace() {
            push(folded, ' ');
            continue;
        }
        // Syllables of scripts without letter case come as "Wang" "Jie": they are words.
        let sound = any_ascii::any_ascii_char(symbol);
        let syllable =
            !symbol.is_uppercase() && sound.starts_with(|first: char| first.is_ascii_uppercase());
        if syllable && before_is_lower {
            push(folded, ' ');
        }
        for letter in sound.chars() {
            push(folded, letter);
        }
        before_is_lower = sound.ends_with(|last: char| last.is_ascii_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expect: &str) {
        assert_eq!(fold(value), expect, "{value:?}");
    }

    #[test]
    fn brings_text_to_one_form() {
        check("  José   MÜLLER ", "jose muller");
        check("C\u{feff}ar\u{200b}t\u{200b}er", "carter");
        check("\u{421}ho", "cho");
        check("Ｊｏｈｎ", "john");
        check("e\u{301}mile", "emile");
        check("王杰", "wang jie");
        check("Александр", "aleksandr");
        check("Straße", "strasse");
    }

    #[test]
    fn knows_nothing_when_it_sees_it() {
        for value in ["", " ", "NULL", "n/a", "'None'", "\u{200b}", "-"] {
            assert!(is_nothing(&fold(value)), "{value:?}");
        }
        assert!(!is_nothing("nullmann"));
    }

    #[test]
    fn cuts_what_is_too_long() {
        let long = "x".repeat(10_000);
        assert_eq!(fold(&long).len(), limits::MATCH_VALUE_MAX_CHARS);
        let long = "é".repeat(10_000);
        assert_eq!(fold(&long).len(), limits::MATCH_VALUE_MAX_CHARS);
    }
}
