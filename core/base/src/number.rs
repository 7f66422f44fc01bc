//! Numbers in a JSON text that no 64-bit float can hold: valid by the grammar, readable by nobody.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// A number beyond the range of a float.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value} is beyond what a number can hold, about 1.8e308: send a smaller one, or text")]
pub struct OutOfRange {
    /// The way to it: `properties.lines[2].price`; empty when it is the whole text.
    pub path: String,
    /// The number, cut after some characters.
    pub value: String,
}

/// Characters of a value that are shown.
const SHOWN_CHARS: usize = 40;
/// A number needs an exponent of three digits to be out of range, or more digits than this.
const DIGITS_MAX: usize = 100;

/// The first such number of a valid JSON text.
pub fn out_of_range(text: &str) -> Option<OutOfRange> {
    if !may_hold_one(text.as_bytes()) {
        return None;
    }
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    find(raw, &mut String::new())
}

fn find(raw: &RawValue, path: &mut String) -> Option<OutOfRange> {
    let text = raw.get();
    let length = path.len();
    match text.as_bytes().first()? {
        b'{' => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            members.into_iter().find_map(|(name, member)| {
                path.truncate(length);
                path.push_str(if length > 0 { "." } else { "" });
                path.push_str(&name);
                find(member, path)
            })
        }
        b'[' => {
            let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            elements.into_iter().enumerate().find_map(|(n, element)| {
                path.truncate(length);
                path.push_str(&format!("[{n}]"));
                find(element, path)
            })
        }
        b'-' | b'0'..=b'9' => {
            let infinite = text.parse::<f64>().is_ok_and(f64::is_infinite);
            infinite.then(|| OutOfRange {
                path: path.clone(),
                value: text.chars().take(SHOWN_CHARS).collect(),
            })
        }
        _ => None,
    }
}

/// Rules nearly every text out without reading it: hexadecimal ids look like exponents here and
/// there, but no number begins before them.
fn may_hold_one(bytes: &[u8]) -> bool {
    let exponent = |at: usize| {
        matches!(bytes.get(at..at + 5), Some([a, b, c, d, e])
            if (b | 0x20) == b'e' && a.is_ascii_digit() && d.is_ascii_digit()
                && e.is_ascii_digit() && (c.is_ascii_digit() || matches!(c, b'+' | b'-')))
    };
    let begins_a_number = |at: usize| {
        let before = bytes[..at].iter().rev();
        let mut before = before.skip_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-'));
        let mark = before.find(|byte| !byte.is_ascii_whitespace());
        mark.is_none_or(|byte| matches!(byte, b':' | b',' | b'['))
    };
    let exponents = (0..bytes.len()).filter(|at| exponent(*at));
    let long = |at: &usize| {
        let run = bytes[*at..].iter().take_while(|byte| byte.is_ascii_digit());
        run.take(DIGITS_MAX).count() == DIGITS_MAX
    };
    exponents.into_iter().any(begins_a_number)
        || (0..bytes.len()).step_by(DIGITS_MAX).any(|at| long(&at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(&str, &str)>) {
        let found = out_of_range(text);
        let found = found
            .as_ref()
            .map(|one| (one.path.as_str(), one.value.as_str()));
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn names_the_first_number_that_no_float_holds() {
        check(
            r#"{"a":1e308,"b":[0,{"c":-1e309}]}"#,
            Some(("b[1].c", "-1e309")),
        );
        check(r#"{"a": 1.5E+400 }"#, Some(("a", "1.5E+400")));
        check("1e999", Some(("", "1e999")));
        check(r#"{"a":1e-999,"b":1e099}"#, None);
        check(r#"{"a":"1e999","b":"x:1e999","c":"00e111-1e999"}"#, None);
        check(r#"{"id":"6f1e1234-3e77-4e88-9e99-000000e12345"}"#, None);
    }

    #[test]
    fn many_digits_count_as_well_as_an_exponent() {
        let digits = |count: usize| format!(r#"{{"a":{}}}"#, "9".repeat(count));
        check(&digits(308), None);
        check(&digits(309), Some(("a", &"9".repeat(SHOWN_CHARS))));
        check(
            &format!(r#"{{"a":{}e99}}"#, "9".repeat(250)),
            Some(("a", &"9".repeat(SHOWN_CHARS))),
        );
        check(&format!(r#"{{"a":"{}"}}"#, "9".repeat(400)), None);
    }
}
