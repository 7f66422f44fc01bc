//! Lists of contacts for ad platforms, in the form each platform takes an upload in.
//!
//! A contact is sent as the SHA-256 of its normalised form, in lower-case hexadecimal, so that a
//! platform can recognise whom it knows already and nobody else. Google and TikTok hash phone
//! numbers as E.164 with the plus sign, Meta without. Google also drops dots and what follows a
//! plus sign from addresses of Gmail, and nobody else does.

use std::io::Write;

use csv::Writer;
use kith_base::Value;
use sha2::{Digest, Sha256};

use crate::people::{People, Person};
use crate::write::{Counts, Error};

/// An ad platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// Google Ads, Customer Match.
    Google,
    /// Meta, customer list of a custom audience.
    Meta,
    /// TikTok, customer file.
    TikTok,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Platform; 3] = [Platform::Google, Platform::Meta, Platform::TikTok];

    /// The name in commands and addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Platform::Google => "google",
            Platform::Meta => "meta",
            Platform::TikTok => "tiktok",
        }
    }

    const fn head(self) -> [&'static str; 2] {
        match self {
            Platform::Google => ["Email", "Phone"],
            Platform::Meta => ["email", "phone"],
            Platform::TikTok => ["EMAIL_SHA256", "PHONE_SHA256"],
        }
    }

    fn email(self, text: &str) -> Option<String> {
        let email = text.trim().to_lowercase();
        let (local, domain) = email.rsplit_once('@')?;
        if local.is_empty() || !domain.contains('.') || email.contains(char::is_whitespace) {
            return None;
        }
        let gmail = matches!(domain, "gmail.com" | "googlemail.com");
        if self != Platform::Google || !gmail {
            return Some(hash(&email));
        }
        let local = local.split('+').next().unwrap_or_default().replace('.', "");
        (!local.is_empty()).then(|| hash(&format!("{local}@{domain}")))
    }

    fn phone(self, text: &str) -> Option<String> {
        let text = text.trim();
        let international = text.strip_prefix('+')?;
        let sign = |sign: &char| !matches!(sign, ' ' | '-' | '.' | '(' | ')');
        let digits: String = international.chars().filter(sign).collect();
        let fits = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        fits.then(|| match self {
            Platform::Meta => hash(&digits),
            Platform::Google | Platform::TikTok => hash(&format!("+{digits}")),
        })
    }
}

fn hash(text: &str) -> String {
    let digits = Sha256::digest(text.as_bytes());
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A list under way. Nothing in it needs quotes, and nothing can be a formula.
pub(crate) struct List<'a> {
    writer: Writer<&'a mut (dyn Write + Send)>,
    gate: Gate<'a>,
}

/// Who may be on a list.
pub(crate) struct Gate<'a> {
    pub platform: Platform,
    /// Category everybody on it said yes to.
    pub consent: &'a str,
}

/// Never asked.
const NOT_ASKED: &str = "no-consent";
/// Said no.
const REFUSED: &str = "consent-refused";
/// Neither a sound e-mail address nor a sound phone number.
const NO_CONTACT: &str = "no-contact";

impl Gate<'_> {
    /// The hashed contacts of a person, or why they are left out. Consent is asked first: of who
    /// did not give it, nothing is read.
    pub(crate) fn contacts(
        &self,
        people: &People<'_>,
        person: &Person,
    ) -> Result<[String; 2], &'static str> {
        let project = &people.view.project;
        match person.standing.consent(project, self.consent, people.now) {
            Some(true) => {}
            Some(false) => return Err(REFUSED),
            None => return Err(NOT_ASKED),
        }
        let contact = |name: &str, hashed: &dyn Fn(&str) -> Option<String>| {
            let own = person.standing.identifiers().iter();
            let mut own = own.filter(|one| one.namespace == name);
            let by_identifier = own.find_map(|one| hashed(&one.value));
            by_identifier.or_else(|| {
                let (unready, now) = (&people.unready, people.now);
                match person.standing.trait_value(project, unready, name, now) {
                    Value::Text(text) => hashed(&text),
                    _ => None,
                }
            })
        };
        let email = contact("email", &|text| self.platform.email(text));
        let phone = contact("phone", &|text| self.platform.phone(text));
        match email.is_none() && phone.is_none() {
            true => Err(NO_CONTACT),
            false => Ok([email.unwrap_or_default(), phone.unwrap_or_default()]),
        }
    }
}

impl<'a> List<'a> {
    pub(crate) fn new(out: &'a mut (dyn Write + Send), gate: Gate<'a>) -> Result<Self, Error> {
        let mut writer = crate::csv::writer(out);
        writer.write_record(gate.platform.head())?;
        Ok(List { writer, gate })
    }

    pub(crate) fn add(
        &mut self,
        people: &People<'_>,
        person: &Person,
        counts: &mut Counts,
    ) -> Result<(), Error> {
        match self.gate.contacts(people, person) {
            Ok(contacts) => {
                self.writer.write_record(&contacts)?;
                counts.rows += 1;
            }
            Err(reason) => *counts.withheld.entry(reason.to_owned()).or_default() += 1,
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.writer.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Platform::{Google, Meta, TikTok};
    use super::*;

    /// Made by `printf … | sha256sum`.
    const ADA: &str = "b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514";

    #[test]
    fn a_hash_is_lower_case_hexadecimal_of_the_normalised_form() {
        assert_eq!(Google.email(" User@Example.COM ").as_deref(), Some(ADA));
        assert_eq!(Meta.email("user@example.com").as_deref(), Some(ADA));
        assert_eq!(hash("").len(), 64);
    }

    #[test]
    fn only_google_folds_addresses_of_gmail() {
        let plain = hash("janedoe@gmail.com");
        assert_eq!(Google.email("Jane.Doe+shop@gmail.com"), Some(plain));
        let google = hash("janedoe@googlemail.com");
        assert_eq!(Google.email("jane.doe@googlemail.com"), Some(google));
        assert_eq!(
            Meta.email("Jane.Doe+shop@gmail.com"),
            Some(hash("jane.doe+shop@gmail.com"))
        );
        assert_eq!(
            Google.email("jane.doe+x@a.example"),
            Some(hash("jane.doe+x@a.example"))
        );
        for none in [
            "",
            "jane",
            "@gmail.com",
            "+x@gmail.com",
            "jane@host",
            "a b@c.de",
        ] {
            assert_eq!(Google.email(none), None, "{none}");
        }
    }

    #[test]
    fn phones_keep_the_plus_sign_except_for_meta() {
        assert_eq!(
            Google.phone("+886 912-345-678"),
            Some(hash("+886912345678"))
        );
        assert_eq!(TikTok.phone("+886912345678"), Some(hash("+886912345678")));
        assert_eq!(Meta.phone("+886912345678"), Some(hash("886912345678")));
        for none in [
            "0912345678",
            "+0912345678",
            "+1234567",
            "+1234567890123456",
            "+88691x",
        ] {
            assert_eq!(Google.phone(none), None, "{none}");
        }
    }
}
