//! A short code for how a name sounds: names that sound alike share it.

/// At most eight letters: the first letter, then consonants by group, vowels dropped, doubles
/// single. Kinder than Soundex to beginnings (`ph`, `kn`, `wr`, `c`/`k`).
pub fn phonetic(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let (mut code, mut length, mut last) = (0u64, 0, 0u8);
    let mut at = 0;
    while at < bytes.len() && length < 8 {
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        let (group, taken) = group(bytes[at], next, at == 0);
        at += taken;
        if group == 0 {
            // A vowel parts two consonants of one group.
            last = 0;
            continue;
        }
        if group == b'h' && length > 0 {
            continue;
        }
        if group != last {
            code = code << 8 | u64::from(group);
            length += 1;
        }
        last = group;
    }
    code
}

fn group(symbol: u8, next: u8, first: bool) -> (u8, usize) {
    match (symbol, next) {
        (b'p', b'h') => (b'f', 2),
        (b'k' | b'g', b'n') if first => (b'n', 2),
        (b'w', b'r') if first => (b'r', 2),
        (b'c', b'k') => (b'k', 2),
        (b's', b'c') | (b't', b'z') => (b's', 2),
        (b'c', b'h') | (b's', b'h') => (b'x', 2),
        (b'g', b'h') => (0, 2),
        (b'c', b'e' | b'i' | b'y') => (b's', 1),
        (b'c' | b'k' | b'q' | b'g', _) => (b'k', 1),
        (b's' | b'z' | b'x', _) => (b's', 1),
        (b'd' | b't', _) => (b't', 1),
        (b'f' | b'v', _) => (b'f', 1),
        (b'b' | b'p', _) => (b'p', 1),
        (b'm' | b'n', _) => (b'n', 1),
        (b'j', _) => (if first { b'j' } else { 0 }, 1),
        (b'a' | b'e' | b'i' | b'o' | b'u' | b'y', _) => (if first { b'a' } else { 0 }, 1),
        (b'w', _) => (if first { b'w' } else { 0 }, 1),
        (other, _) if other.is_ascii_alphanumeric() => (other, 1),
        _ => (0, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::phonetic;

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (one, other) in [
            ("smith", "smyth"),
            ("catherine", "kathryn"),
            ("philip", "filip"),
            ("thompson", "tompson"),
            ("meyer", "maier"),
        ] {
            assert_eq!(phonetic(one), phonetic(other), "{one} {other}");
        }
        assert_ne!(phonetic("smith"), phonetic("jones"));
    }
}
