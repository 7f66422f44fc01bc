//! What the words of a header say.

use super::Kind;
use crate::text::fold;

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// The kind.
    Kind(Kind),
    /// A number of a row, if it is different in every row.
    RowId,
    /// The answer: which records belong together.
    Truth,
    /// Nothing known.
    Nothing,
}

/// Words of a header, all of which must be there, and what they mean. The first that fits counts.
const MEANINGS: &[(&[&str], Named)] = &[
    (&["cluster"], Named::Truth),
    (&["ground", "truth"], Named::Truth),
    (&["truth"], Named::Truth),
    (&["entity", "id"], Named::Truth),
    (&["master", "id"], Named::Truth),
    (&["true", "id"], Named::Truth),
    (&["duplicate", "of"], Named::Truth),
    (&["match", "id"], Named::Truth),
    (&["email"], Named::Kind(Kind::Email)),
    (&["e", "mail"], Named::Kind(Kind::Email)),
    (&["mail"], Named::Kind(Kind::Email)),
    (&["phone", "type"], Named::Kind(Kind::Ignored)),
    (&["addr", "type"], Named::Kind(Kind::Ignored)),
    (&["address", "type"], Named::Kind(Kind::Ignored)),
    (&["id", "type"], Named::Kind(Kind::Ignored)),
    (&["number", "type"], Named::Kind(Kind::Ignored)),
    (&["record", "type"], Named::Kind(Kind::Category)),
    (&["data", "source"], Named::Kind(Kind::Ignored)),
    (&["source", "system"], Named::Kind(Kind::Category)),
    (&["ip"], Named::Kind(Kind::Category)),
    (&["phone"], Named::Kind(Kind::Phone)),
    (&["telephone"], Named::Kind(Kind::Phone)),
    (&["tel"], Named::Kind(Kind::Phone)),
    (&["mobile"], Named::Kind(Kind::Phone)),
    (&["cell"], Named::Kind(Kind::Phone)),
    (&["fax"], Named::Kind(Kind::Phone)),
    (&["date", "birth"], Named::Kind(Kind::BirthDate)),
    (&["birth", "place"], Named::Kind(Kind::City)),
    (&["birthplace"], Named::Kind(Kind::City)),
    (&["birth", "city"], Named::Kind(Kind::City)),
    (&["birth", "country"], Named::Kind(Kind::Region)),
    (&["dob"], Named::Kind(Kind::BirthDate)),
    (&["birthday"], Named::Kind(Kind::BirthDate)),
    (&["birthdate"], Named::Kind(Kind::BirthDate)),
    (&["birth"], Named::Kind(Kind::BirthDate)),
    (&["born"], Named::Kind(Kind::BirthDate)),
    (&["geburtsdatum"], Named::Kind(Kind::BirthDate)),
    (&["passport", "country"], Named::Kind(Kind::Ignored)),
    (&["license", "state"], Named::Kind(Kind::Ignored)),
    (&["licence", "state"], Named::Kind(Kind::Ignored)),
    (&["id", "country"], Named::Kind(Kind::Ignored)),
    (&["ssn"], Named::Kind(Kind::Identifier)),
    (&["soc", "sec"], Named::Kind(Kind::Identifier)),
    (&["social", "security"], Named::Kind(Kind::Identifier)),
    (&["national", "id"], Named::Kind(Kind::Identifier)),
    (&["passport"], Named::Kind(Kind::Identifier)),
    (&["license"], Named::Kind(Kind::Identifier)),
    (&["licence"], Named::Kind(Kind::Identifier)),
    (&["tax", "id"], Named::Kind(Kind::Identifier)),
    (&["vat"], Named::Kind(Kind::Identifier)),
    (&["lei"], Named::Kind(Kind::Identifier)),
    (&["nhs"], Named::Kind(Kind::Identifier)),
    (&["iban"], Named::Kind(Kind::Identifier)),
    (&["loyalty"], Named::Kind(Kind::Identifier)),
    (&["postcode"], Named::Kind(Kind::Postcode)),
    (&["postal"], Named::Kind(Kind::Postcode)),
    (&["zip"], Named::Kind(Kind::Postcode)),
    (&["zipcode"], Named::Kind(Kind::Postcode)),
    (&["plz"], Named::Kind(Kind::Postcode)),
    (&["post", "code"], Named::Kind(Kind::Postcode)),
    (&["given", "name"], Named::Kind(Kind::GivenName)),
    (&["first", "surname"], Named::Kind(Kind::FullName)),
    (&["first", "last"], Named::Kind(Kind::FullName)),
    (&["first", "name"], Named::Kind(Kind::GivenName)),
    (&["name", "first"], Named::Kind(Kind::GivenName)),
    (&["firstname"], Named::Kind(Kind::GivenName)),
    (&["forename"], Named::Kind(Kind::GivenName)),
    (&["fname"], Named::Kind(Kind::GivenName)),
    (&["givenname"], Named::Kind(Kind::GivenName)),
    (&["vorname"], Named::Kind(Kind::GivenName)),
    (&["prenom"], Named::Kind(Kind::GivenName)),
    (&["middle"], Named::Kind(Kind::MiddleName)),
    (&["surname"], Named::Kind(Kind::Surname)),
    (&["last", "name"], Named::Kind(Kind::Surname)),
    (&["lastname"], Named::Kind(Kind::Surname)),
    (&["lname"], Named::Kind(Kind::Surname)),
    (&["family", "name"], Named::Kind(Kind::Surname)),
    (&["nachname"], Named::Kind(Kind::Surname)),
    (&["user", "name"], Named::Kind(Kind::Identifier)),
    (&["username"], Named::Kind(Kind::Identifier)),
    (&["org"], Named::Kind(Kind::Organisation)),
    (&["organisation"], Named::Kind(Kind::Organisation)),
    (&["organization"], Named::Kind(Kind::Organisation)),
    (&["company"], Named::Kind(Kind::Organisation)),
    (&["business"], Named::Kind(Kind::Organisation)),
    (&["firm"], Named::Kind(Kind::Organisation)),
    (&["employer"], Named::Kind(Kind::Organisation)),
    (&["full", "name"], Named::Kind(Kind::FullName)),
    (&["fullname"], Named::Kind(Kind::FullName)),
    (&["native", "name"], Named::Kind(Kind::FullName)),
    (&["person", "name"], Named::Kind(Kind::FullName)),
    (&["customer", "name"], Named::Kind(Kind::FullName)),
    (&["street", "number"], Named::Kind(Kind::StreetNumber)),
    (&["house", "number"], Named::Kind(Kind::StreetNumber)),
    (&["street", "no"], Named::Kind(Kind::StreetNumber)),
    (&["city"], Named::Kind(Kind::City)),
    (&["town"], Named::Kind(Kind::City)),
    (&["suburb"], Named::Kind(Kind::City)),
    (&["place"], Named::Kind(Kind::City)),
    (&["locality"], Named::Kind(Kind::City)),
    (&["municipality"], Named::Kind(Kind::City)),
    (&["county"], Named::Kind(Kind::Region)),
    (&["state"], Named::Kind(Kind::Region)),
    (&["region"], Named::Kind(Kind::Region)),
    (&["province"], Named::Kind(Kind::Region)),
    (&["country"], Named::Kind(Kind::Region)),
    (&["street"], Named::Kind(Kind::Address)),
    (&["address"], Named::Kind(Kind::Address)),
    (&["addr"], Named::Kind(Kind::Address)),
    (&["line"], Named::Kind(Kind::Address)),
    (&["gender"], Named::Kind(Kind::Gender)),
    (&["sex"], Named::Kind(Kind::Gender)),
    (&["name"], Named::Kind(Kind::FullName)),
    (&["id"], Named::RowId),
    (&["uid"], Named::RowId),
    (&["uuid"], Named::RowId),
    (&["row"], Named::RowId),
    (&["record"], Named::RowId),
    (&["index"], Named::RowId),
    (&["key"], Named::RowId),
];

/// What a header says.
pub fn kind(header: &str) -> Named {
    let words = words(header);
    let says =
        |meaning: &&(&[&str], Named)| meaning.0.iter().all(|word| words.iter().any(|w| w == word));
    MEANINGS
        .iter()
        .find(says)
        .map_or(Named::Nothing, |meaning| meaning.1)
}

/// Words of headers of numbers that an office gives a person once.
const EXCLUSIVE: &[&[&str]] = &[
    &["ssn"],
    &["soc", "sec"],
    &["social", "security"],
    &["national", "id"],
    &["passport"],
    &["license"],
    &["licence"],
    &["tax", "id"],
    &["nhs"],
    &["lei"],
];

/// Whether a person or firm has one such number alone.
pub fn is_exclusive(header: &str) -> bool {
    let words = words(header);
    let says = |all: &&[&str]| all.iter().all(|word| words.iter().any(|w| w == word));
    EXCLUSIVE.iter().any(says)
}

/// Words in any style of writing: `dateOfBirth`, `DATE_OF_BIRTH`, `Date of birth`; digits at a
/// word's end are not part of it.
fn words(header: &str) -> Vec<String> {
    let mut spaced = String::new();
    let mut before = ' ';
    for symbol in header.chars() {
        if symbol.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if symbol.is_alphanumeric() {
            symbol
        } else {
            ' '
        });
        before = symbol;
    }
    fold(&spaced)
        .split(' ')
        .map(|word| {
            word.trim_end_matches(|symbol: char| symbol.is_ascii_digit())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_headers_in_any_style() {
        for (header, expect) in [
            ("dateOfBirth", Named::Kind(Kind::BirthDate)),
            ("DATE_OF_BIRTH", Named::Kind(Kind::BirthDate)),
            ("Given name", Named::Kind(Kind::GivenName)),
            ("ADDR_LINE1", Named::Kind(Kind::Address)),
            ("PRIMARY_NAME_ORG", Named::Kind(Kind::Organisation)),
            ("PRIMARY_NAME_LAST", Named::Kind(Kind::Surname)),
            ("E-mail", Named::Kind(Kind::Email)),
            ("id", Named::RowId),
            ("cluster", Named::Truth),
            ("colour", Named::Nothing),
        ] {
            assert_eq!(kind(header), expect, "{header}");
        }
    }
}
