//! One form for each identifier, and the values that identify nobody.

use kith_base::limits;
use kith_definition::Normalise;
use kith_event::Identifier;

use crate::Rules;

/// Why an identifier was left out of identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Blocked {
    /// A value that stands for nobody.
    #[error("the value stands for nobody")]
    Placeholder,
    /// Nothing but zeros and dashes.
    #[error("the value is only zeros and dashes")]
    Zeros,
    /// Not an e-mail address.
    #[error("the value is not an e-mail address")]
    NotAnEmail,
    /// Not a phone number with its country code.
    #[error("the value is not an E.164 phone number such as +886912345678")]
    NotAPhone,
    /// Longer than the limit.
    #[error("the value is too long")]
    TooLong,
}

impl Rules {
    /// The identifier in its one form, or why it identifies nobody.
    pub fn normalise(&self, identifier: &Identifier) -> Result<Identifier, Blocked> {
        let value = identifier.value.trim();
        if value.chars().count() > limits::IDENTIFIER_MAX_CHARS {
            return Err(Blocked::TooLong);
        }
        let unquoted = value.trim_matches(['"', '\'']).to_lowercase();
        if unquoted.is_empty() || self.blocked_values.contains(&unquoted) {
            return Err(Blocked::Placeholder);
        }
        if value.chars().all(|symbol| matches!(symbol, '0' | '-')) {
            return Err(Blocked::Zeros);
        }
        let value = match self.namespace(&identifier.namespace).normalise {
            Normalise::None => value.to_owned(),
            Normalise::Lower => value.to_lowercase(),
            Normalise::Email => email(value).ok_or(Blocked::NotAnEmail)?,
            Normalise::Phone => phone(value).ok_or(Blocked::NotAPhone)?,
        };
        Ok(Identifier {
            namespace: identifier.namespace.clone(),
            value,
        })
    }
}

impl Rules {
    /// True for an identifier that these rules leave out.
    pub fn blocks(&self, identifier: &Identifier) -> bool {
        self.normalise(identifier).is_err()
    }
}

/// Lower case; the local part keeps dots and tags, which are significant with most providers.
fn email(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (local, domain) = lower.rsplit_once('@')?;
    let plausible = !local.is_empty()
        && local.len() <= 64
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !lower
            .chars()
            .any(|symbol| symbol.is_whitespace() || symbol.is_control());
    plausible.then_some(lower)
}

/// E.164 (ITU-T E.164, 2010): separators are dropped, `00` becomes `+`; a number without its
/// country code is ambiguous and is not taken.
fn phone(text: &str) -> Option<String> {
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00"))?;
    let mut digits = String::with_capacity(16);
    digits.push('+');
    for symbol in rest.chars() {
        match symbol {
            '0'..='9' => digits.push(symbol),
            ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' => {}
            _ => return None,
        }
    }
    let count = digits.len() - 1;
    ((7..=15).contains(&count) && !digits.starts_with("+0")).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, Blocked>) {
        let identifier = Identifier::parse(text).expect("a test writes namespace:value");
        let normal = Rules::default()
            .normalise(&identifier)
            .map(|found| found.to_string());
        assert_eq!(normal, expect.map(str::to_owned), "{text}");
    }

    #[test]
    fn brings_values_to_one_form() {
        check(
            "email: Jane.Doe+x@Example.COM ",
            Ok("email:jane.doe+x@example.com"),
        );
        check("phone:+886 (912) 345-678", Ok("phone:+886912345678"));
        check("phone:0044 20 7946 0958", Ok("phone:+442079460958"));
        check("user_id: 42 ", Ok("user_id:42"));
    }

    #[test]
    fn blocks_values_that_stand_for_nobody() {
        for value in [
            "null",
            "NULL",
            "'null'",
            "\"undefined\"",
            "[object Object]",
            "NaN",
            "-1",
        ] {
            check(&format!("user_id:{value}"), Err(Blocked::Placeholder));
        }
        check("user_id:0000-0000", Err(Blocked::Zeros));
        check("email:jane", Err(Blocked::NotAnEmail));
        check("email:jane@localhost", Err(Blocked::NotAnEmail));
        check("phone:0912345678", Err(Blocked::NotAPhone));
        check("phone:+12345", Err(Blocked::NotAPhone));
    }

    #[test]
    fn length_is_limited() {
        check(
            &format!("user_id:{}", "x".repeat(256)),
            Ok(&format!("user_id:{}", "x".repeat(256))),
        );
        check(
            &format!("user_id:{}", "x".repeat(257)),
            Err(Blocked::TooLong),
        );
    }
}
