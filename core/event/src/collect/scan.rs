//! Walking over bytes that may or may not be JSON, without recursion and without failing.

use std::borrow::Cow;

/// The first place at or after `at` that is no white space.
pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    at + rest
        .iter()
        .position(|byte| !space(byte))
        .unwrap_or(rest.len())
}

/// The place after the string that opens at `at`; `None` when the bytes end first.
pub(super) fn string_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut here = at + 1;
    loop {
        match bytes.get(here)? {
            b'"' => return Some(here + 1),
            b'\\' => here += 2,
            _ => here += 1,
        }
    }
}

/// The place after the value that begins at `at`, going by brackets and quotes alone; `None`
/// when the bytes end first.
pub(super) fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut here = at;
    loop {
        match bytes.get(here)? {
            b'"' => here = string_end(bytes, here)?,
            b'{' | b'[' => {
                depth += 1;
                here += 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                here += 1;
            }
            _ if depth > 0 => {
                here += 1;
                continue;
            }
            _ => {
                let rest = &bytes[here..];
                let stop =
                    |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_control();
                return Some(here + rest.iter().position(stop).unwrap_or(rest.len()).max(1));
            }
        }
        if depth == 0 {
            return Some(here);
        }
    }
}

/// How deep the brackets of a valid JSON text go. Exact only beyond `enough`: a text with no
/// more opening brackets than that cannot be deeper.
pub(super) fn depth(text: &str, enough: usize) -> usize {
    let bytes = text.as_bytes();
    // Counting in bytes, a chunk at a time, is what the compiler can do 16 bytes at once.
    let count =
        |chunk: &[u8]| -> u8 { chunk.iter().map(|byte| u8::from(byte | 0x20 == b'{')).sum() };
    let opening: usize = bytes
        .chunks(usize::from(u8::MAX))
        .map(|chunk| usize::from(count(chunk)))
        .sum();
    if opening <= enough {
        return opening;
    }
    let (mut depth, mut deepest, mut here) = (0_usize, 0, 0);
    while let Some(byte) = bytes.get(here) {
        match byte {
            b'"' => {
                here = string_end(bytes, here).unwrap_or(bytes.len());
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        here += 1;
    }
    deepest
}

/// The same bytes with every lone surrogate escape (`\ud83d` without its other half, which
/// cutting a text in the middle of an emoji leaves behind) replaced by `\ufffd`. Such a text is
/// JSON by the letter, but no decoder can turn it into Unicode.
pub fn repaired(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\\') {
        return Cow::Borrowed(bytes);
    }
    let mut out: Option<Vec<u8>> = None;
    let mut here = 0;
    while let Some(found) = bytes
        .get(here..)
        .and_then(|rest| rest.iter().position(is_backslash))
    {
        here += found;
        match surrogate(bytes, here) {
            None => here += 2,
            Some(Surrogate::High) if surrogate(bytes, here + 6) == Some(Surrogate::Low) => {
                here += 12;
            }
            Some(_) => {
                let copy = out.get_or_insert_with(|| bytes.to_vec());
                copy[here + 2..here + 6].copy_from_slice(b"fffd");
                here += 6;
            }
        }
    }
    out.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

fn is_backslash(byte: &u8) -> bool {
    *byte == b'\\'
}

#[derive(PartialEq)]
enum Surrogate {
    High,
    Low,
}

fn surrogate(bytes: &[u8], at: usize) -> Option<Surrogate> {
    let escape = bytes.get(at..at + 6)?;
    let digits = std::str::from_utf8(escape.strip_prefix(b"\\u")?).ok()?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xD800..=0xDBFF => Some(Surrogate::High),
        0xDC00..=0xDFFF => Some(Surrogate::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_end(text: &str, expect: Option<usize>) {
        assert_eq!(value_end(text.as_bytes(), 0), expect, "{text}");
    }

    #[test]
    fn values_end_where_their_brackets_do() {
        check_end(r#"{"a":"}]\"","b":[{}]},"#, Some(21));
        check_end("12.5,", Some(4));
        check_end("\"a\\\"b\"]", Some(6));
        check_end("{\"a\":", None);
        check_end("\"open", None);
        check_end(":", Some(1));
        check_end("", None);
    }

    #[test]
    fn depth_ignores_brackets_in_text() {
        assert_eq!(depth(r#"{"a":"[[[[[[","b":[1]}"#, 2), 2);
        assert_eq!(
            depth(
                &format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)),
                2
            ),
            100_000
        );
    }

    #[test]
    fn lone_surrogates_are_replaced_and_pairs_kept() {
        let check = |text: &str, expect: &str| {
            assert_eq!(repaired(text.as_bytes()), expect.as_bytes(), "{text}");
        };
        check(r#""\ud83d\ude00""#, r#""\ud83d\ude00""#);
        check(r#""a\ud83d""#, r#""a\ufffd""#);
        check(r#""\uDE00\ud83dx""#, r#""\ufffd\ufffdx""#);
        check(r#""\\ud83d""#, r#""\\ud83d""#);
        check(r#""\u00e9\ud83"#, r#""\u00e9\ud83"#);
    }
}
