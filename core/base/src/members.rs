//! Members of a stored map, found without reading their values.
//!
//! Whoever looks at everybody asks for few members of each row. The others are passed over by the
//! lengths that stand in front of them: see the
//! [MessagePack specification](https://github.com/msgpack/msgpack/blob/master/spec.md).

use std::fmt;

/// Bytes that are no MessagePack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the bytes are not MessagePack, or end too early")
    }
}

impl std::error::Error for Malformed {}

/// The members of a MessagePack map in their order: name and value, each with all that follows it.
/// A value is passed over when the next member is asked for. O(1) memory; time by the values that
/// are nested, not by their bytes.
#[derive(Clone, Debug)]
pub struct Members<'a> {
    rest: &'a [u8],
    left: usize,
    /// The rest begins with the value of the member given last.
    given: bool,
}

impl<'a> Members<'a> {
    /// Of the map that `bytes` begin with.
    pub fn of(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let (head, count) = match bytes.first() {
            Some(first @ 0x80..=0x8f) => (1, usize::from(first & 0x0f)),
            Some(0xde) => (3, number(bytes, 1, 2)?),
            Some(0xdf) => (5, number(bytes, 1, 4)?),
            _ => return Err(Malformed),
        };
        Ok(Members {
            rest: &bytes[head..],
            left: count,
            given: false,
        })
    }

    fn step(&mut self) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        if self.given {
            self.rest = &self.rest[extent(self.rest)?..];
        }
        let (name, rest) = self.rest.split_at(extent(self.rest)?);
        (self.rest, self.given) = (rest, true);
        Ok((name, rest))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = Result<(&'a [u8], &'a [u8]), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let both = self.step();
        if both.is_err() {
            self.left = 0;
        }
        Some(both)
    }
}

/// The content of the text or byte string that `stored` begins with.
pub fn content(stored: &[u8]) -> Result<&[u8], Malformed> {
    let (head, length) = match *stored.first().ok_or(Malformed)? {
        first @ 0xa0..=0xbf => (1, usize::from(first & 0x1f)),
        0xc4 | 0xd9 => (2, number(stored, 1, 1)?),
        0xc5 | 0xda => (3, number(stored, 1, 2)?),
        0xc6 | 0xdb => (5, number(stored, 1, 4)?),
        _ => return Err(Malformed),
    };
    stored.get(head..head + length).ok_or(Malformed)
}

/// The text that `stored` begins with.
pub fn text(stored: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(content(stored)?).map_err(|_| Malformed)
}

/// The yes or no that `stored` begins with.
pub fn flag(stored: &[u8]) -> Result<bool, Malformed> {
    match stored.first() {
        Some(0xc2) => Ok(false),
        Some(0xc3) => Ok(true),
        _ => Err(Malformed),
    }
}

/// The whole number, not negative, that `stored` begins with.
pub fn unsigned(stored: &[u8]) -> Result<u64, Malformed> {
    match stored.first() {
        Some(first @ 0..=0x7f) => Ok(u64::from(*first)),
        Some(0xcc) => Ok(number(stored, 1, 1)? as u64),
        Some(0xcd) => Ok(number(stored, 1, 2)? as u64),
        Some(0xce) => Ok(number(stored, 1, 4)? as u64),
        Some(0xcf) => Ok(number(stored, 1, 8)? as u64),
        _ => Err(Malformed),
    }
}

/// Bytes that the value takes which `bytes` begin with.
fn extent(bytes: &[u8]) -> Result<usize, Malformed> {
    // Of each value still to come at least one byte is.
    let (mut at, mut values) = (0, 1_usize);
    while values > 0 {
        let (taken, nested) = shape(bytes.get(at..).ok_or(Malformed)?)?;
        at += taken;
        values += nested;
        values -= 1;
        if values > bytes.len() {
            return Err(Malformed);
        }
    }
    if at > bytes.len() {
        return Err(Malformed);
    }
    Ok(at)
}

/// How many bytes a value takes without those nested in it, and how many these are.
fn shape(bytes: &[u8]) -> Result<(usize, usize), Malformed> {
    let sized = |width: usize, more: usize| Ok((1 + width + more + number(bytes, 1, width)?, 0));
    match *bytes.first().ok_or(Malformed)? {
        0x00..=0x7f | 0xe0..=0xff | 0xc0 | 0xc2 | 0xc3 => Ok((1, 0)),
        first @ 0x80..=0x8f => Ok((1, 2 * usize::from(first & 0x0f))),
        first @ 0x90..=0x9f => Ok((1, usize::from(first & 0x0f))),
        first @ 0xa0..=0xbf => Ok((1 + usize::from(first & 0x1f), 0)),
        0xc1 => Err(Malformed),
        0xc4 | 0xd9 => sized(1, 0),
        0xc5 | 0xda => sized(2, 0),
        0xc6 | 0xdb => sized(4, 0),
        0xc7 => sized(1, 1),
        0xc8 => sized(2, 1),
        0xc9 => sized(4, 1),
        0xcc | 0xd0 => Ok((2, 0)),
        0xcd | 0xd1 => Ok((3, 0)),
        0xca | 0xce | 0xd2 => Ok((5, 0)),
        0xcb | 0xcf | 0xd3 => Ok((9, 0)),
        first @ 0xd4..=0xd8 => Ok((2 + (1 << (first - 0xd4)), 0)),
        0xdc => Ok((3, number(bytes, 1, 2)?)),
        0xdd => Ok((5, number(bytes, 1, 4)?)),
        0xde => Ok((3, 2 * number(bytes, 1, 2)?)),
        0xdf => Ok((5, 2 * number(bytes, 1, 4)?)),
    }
}

/// A big-endian number of so many bytes.
fn number(bytes: &[u8], from: usize, width: usize) -> Result<usize, Malformed> {
    let digits = bytes.get(from..from + width).ok_or(Malformed)?;
    Ok(digits
        .iter()
        .fold(0, |number, digit| number << 8 | usize::from(*digit)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn map(members: &[(&[u8], &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xde, 0, members.len() as u8];
        for (name, value) in members {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(value);
        }
        bytes
    }

    /// One value of every form of the specification.
    fn forms() -> Vec<Vec<u8>> {
        let sized = |head: &[u8], size: usize| [head, &vec![7; size]].concat();
        vec![
            vec![0x05],
            vec![0xff],
            vec![0xc0],
            vec![0xc2],
            vec![0xc3],
            vec![0x81, 0x01, 0x02],
            vec![0x92, 0x81, 0x01, 0x90, 0xa1, b'x'],
            sized(&[0xa3], 3),
            sized(&[0xc4, 2], 2),
            sized(&[0xc5, 1, 2], 258),
            sized(&[0xc6, 0, 1, 0, 0], 65_536),
            sized(&[0xc7, 2, 9], 2),
            sized(&[0xc8, 0, 2, 9], 2),
            sized(&[0xc9, 0, 0, 0, 2, 9], 2),
            sized(&[0xca], 4),
            sized(&[0xcb], 8),
            sized(&[0xcc], 1),
            sized(&[0xcd], 2),
            sized(&[0xce], 4),
            sized(&[0xcf], 8),
            sized(&[0xd0], 1),
            sized(&[0xd1], 2),
            sized(&[0xd2], 4),
            sized(&[0xd3], 8),
            sized(&[0xd4, 9], 1),
            sized(&[0xd5, 9], 2),
            sized(&[0xd6, 9], 4),
            sized(&[0xd7, 9], 8),
            sized(&[0xd8, 9], 16),
            sized(&[0xd9, 2], 2),
            sized(&[0xda, 0, 2], 2),
            sized(&[0xdb, 0, 0, 0, 2], 2),
            vec![0xdc, 0, 2, 1, 0xc0],
            vec![0xdd, 0, 0, 0, 2, 1, 0xc0],
            vec![0xde, 0, 1, 1, 0xc0],
            vec![0xdf, 0, 0, 0, 1, 1, 0xc0],
        ]
    }

    #[test]
    fn every_form_is_passed_over() {
        for value in forms() {
            let bytes = map(&[(b"\xa1a", &value), (b"\xa1b", b"\x07")]);
            let members: Vec<_> = Members::of(&bytes).unwrap().map(Result::unwrap).collect();
            let rest = [&value[..], b"\xa1b\x07"].concat();
            let expect: [(&[u8], &[u8]); 2] = [(b"\xa1a", &rest), (b"\xa1b", b"\x07")];
            assert_eq!(members, expect);
        }
    }

    #[test]
    fn what_ends_too_early_is_malformed() {
        for value in forms() {
            for length in 0..value.len().min(20) {
                assert_eq!(extent(&value[..length]), Err(Malformed), "{value:?}");
            }
        }
        assert_eq!(extent(&[0xc1]), Err(Malformed));
        assert_eq!(extent(&[0xdd, 0xff, 0xff, 0xff, 0xff]), Err(Malformed));
        assert_eq!(Members::of(&[0x90]).err(), Some(Malformed));
        let mut cut = Members::of(&[0x82, 0x01]).unwrap();
        let first = Some(Ok((&[0x01][..], &[][..])));
        assert_eq!((cut.next(), cut.next()), (first, Some(Err(Malformed))));
        assert_eq!(cut.next(), None);
    }

    #[test]
    fn texts_bytes_and_numbers_have_contents() {
        assert_eq!(content(b"\xa2ab"), Ok(&b"ab"[..]));
        assert_eq!(content(b"\xc4\x01a"), Ok(&b"a"[..]));
        assert_eq!(content(b"\xda\x00\x01a"), Ok(&b"a"[..]));
        assert_eq!(content(b"\xa1ab"), Ok(&b"a"[..]));
        assert_eq!(content(b"\xa2a"), Err(Malformed));
        assert_eq!(content(b"\x01"), Err(Malformed));
        assert_eq!(
            (text(b"\xa1a"), text(b"\xa1\xff")),
            (Ok("a"), Err(Malformed))
        );
        assert_eq!((flag(b"\xc2"), flag(b"\xc3")), (Ok(false), Ok(true)));
        assert_eq!(flag(b"\x01"), Err(Malformed));
        for (bytes, number) in [
            (&b"\x7f"[..], 127),
            (b"\xcc\xff", 255),
            (b"\xcd\x01\x00", 256),
            (b"\xce\x00\x01\x00\x00", 65_536),
            (b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", u64::MAX),
        ] {
            assert_eq!(unsigned(bytes), Ok(number));
        }
        assert_eq!(unsigned(b"\xff"), Err(Malformed));
    }

    proptest! {
        /// Whatever the bytes are, members stay within them and end.
        #[test]
        fn garbage_ends(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(members) = Members::of(&bytes) {
                let names: usize = members.flatten().map(|(name, _)| name.len()).sum();
                prop_assert!(names < bytes.len());
            }
        }
    }
}
