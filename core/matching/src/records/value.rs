//! Values brought to the one form of their kind.

use crate::columns::Kind;
use crate::text::{fold, is_nothing, words};

/// Mail services that ignore dots in the local part.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];
/// Legal forms and other words that do not tell firms apart.
const LEGAL: [&str; 22] = [
    "inc",
    "incorporated",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "corp",
    "corporation",
    "co",
    "company",
    "sa",
    "srl",
    "spa",
    "bv",
    "nv",
    "pty",
    "the",
    "and",
];
/// Words of addresses, long and short.
const STREETS: [(&str, &str); 26] = [
    ("street", "st"),
    ("str", "st"),
    ("strasse", "st"),
    ("avenue", "ave"),
    ("av", "ave"),
    ("road", "rd"),
    ("drive", "dr"),
    ("lane", "ln"),
    ("place", "pl"),
    ("court", "ct"),
    ("boulevard", "blvd"),
    ("blv", "blvd"),
    ("crescent", "cres"),
    ("circuit", "cct"),
    ("terrace", "tce"),
    ("close", "cl"),
    ("parade", "pde"),
    ("highway", "hwy"),
    ("suite", "ste"),
    ("apartment", "apt"),
    ("apartments", "apt"),
    ("building", "bldg"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
];

/// The one form of a value; empty when it stands for nothing.
pub fn normal(kind: Kind, value: &str, day_first: bool) -> String {
    let folded = fold(value);
    if is_nothing(&folded) {
        return String::new();
    }
    match kind {
        Kind::Email => email(&folded),
        Kind::Phone => phone(&folded),
        Kind::BirthDate => date(&folded, day_first).unwrap_or_default(),
        Kind::Postcode => compact(&folded),
        Kind::Identifier => compact(&folded),
        Kind::Gender => gender(&folded),
        Kind::Organisation => joined(&folded, |word| !LEGAL.contains(&word)),
        Kind::Address | Kind::StreetNumber => address(&folded),
        Kind::City | Kind::Region => joined(&folded, |word| {
            word != "of" && word != "the" && word != "city"
        }),
        _ => joined(&folded, |_| true),
    }
}

fn joined(folded: &str, keep: impl Fn(&str) -> bool) -> String {
    let all: Vec<String> = words(folded).collect();
    let kept: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|word| keep(word))
        .collect();
    if kept.is_empty() {
        all.join(" ")
    } else {
        kept.join(" ")
    }
}

/// Letters and digits alone; nothing when all are the same, such as `999999999`.
fn compact(folded: &str) -> String {
    let kept: String = folded.chars().filter(char::is_ascii_alphanumeric).collect();
    let first = kept.bytes().next().unwrap_or_default();
    let same = kept.len() > 3 && kept.bytes().all(|byte| byte == first);
    if same || kept == "0" {
        String::new()
    } else {
        kept
    }
}

/// `local@domain`: what is around it dropped, the tag of the local part too. A value without `@`
/// keeps its letters and digits.
fn email(folded: &str) -> String {
    let inner = folded
        .rsplit_once('<')
        .map_or(folded, |(_, rest)| rest.trim_end_matches('>'));
    let inner = inner.trim().trim_start_matches("mailto:");
    let Some((local, domain)) = inner.rsplit_once('@') else {
        let digits: String = inner.chars().filter(char::is_ascii_alphanumeric).collect();
        return digits;
    };
    let local: String = local
        .chars()
        .filter(|symbol| !symbol.is_whitespace())
        .collect();
    let local = local
        .split_once('+')
        .map_or(local.as_str(), |(before, _)| before);
    let domain: String = domain
        .chars()
        .filter(|symbol| !symbol.is_whitespace())
        .collect();
    let domain = domain.trim_end_matches('.');
    if DOTLESS.contains(&domain) {
        return format!("{}@gmail.com", local.replace('.', ""));
    }
    format!("{local}@{domain}")
}

/// Digits alone, without a leading `00` or `0`.
fn phone(folded: &str) -> String {
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    let first = digits.bytes().next().unwrap_or_default();
    if digits.len() < 5 || digits.bytes().all(|byte| byte == first) {
        return String::new();
    }
    digits.to_owned()
}

fn gender(folded: &str) -> String {
    match folded.trim_end_matches('.') {
        "m" | "male" | "man" | "mr" | "masculine" | "herr" => "m",
        "f" | "female" | "woman" | "mrs" | "ms" | "miss" | "w" | "feminine" | "frau" => "f",
        "u" | "not specified" => "",
        other => return joined(other, |_| true),
    }
    .to_owned()
}

fn address(folded: &str) -> String {
    let one_form = |word: String| {
        let short = STREETS.iter().find(|(long, _)| *long == word);
        short.map_or(word, |(_, short)| (*short).to_owned())
    };
    let words: Vec<String> = words(folded).map(one_form).collect();
    words.join(" ")
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Eight digits, year first; `0000` for parts that are not told.
fn date(folded: &str, day_first: bool) -> Option<String> {
    let mut parts: Vec<(u32, usize)> = Vec::new();
    let mut named_month = None;
    let text = folded
        .split_once('t')
        .filter(|(day, _)| day.len() == 10)
        .map_or(folded, |(day, _)| day);
    let text = if text.len() > 11 && text.contains(':') {
        text.split(' ').next().unwrap_or(text)
    } else {
        text
    };
    for piece in text
        .split(|symbol: char| !symbol.is_ascii_alphanumeric())
        .filter(|p| !p.is_empty())
    {
        let number = piece.trim_end_matches(|symbol: char| symbol.is_ascii_alphabetic());
        if let Ok(found) = number.parse::<u32>() {
            parts.push((found, number.len()));
        } else if let Some(month) = MONTHS.iter().position(|month| piece.starts_with(month)) {
            named_month = Some(month as u32 + 1);
        }
    }
    let (year, month, day) = match (parts.as_slice(), named_month) {
        ([(whole, 8)], None) if whole / 10_000 > 1231 => {
            (whole / 10_000, whole / 100 % 100, whole % 100)
        }
        ([(whole, 8)], None) => (whole % 10_000, whole / 100 % 100, whole / 1_000_000),
        ([(year, 4)], month) => (*year, month.unwrap_or(0), 0),
        ([(day, _), (year, width)], Some(month)) => (full_year(*year, *width), month, *day),
        ([(year, 4), (month, _), (day, _)], None) => (*year, *month, *day),
        ([(one, _), (other, _), (year, width)], None) => {
            let year = full_year(*year, *width);
            let day_first = if *one > 12 {
                true
            } else if *other > 12 {
                false
            } else {
                day_first
            };
            if day_first {
                (year, *other, *one)
            } else {
                (year, *one, *other)
            }
        }
        ([(year, 4), (month, _)], None) => (*year, *month, 0),
        _ => return None,
    };
    Some(format!(
        "{:04}{:02}{:02}",
        year % 10_000,
        month % 100,
        day % 100
    ))
}

/// A year of two digits is of this century up to 29.
fn full_year(year: u32, width: usize) -> u32 {
    if width > 2 {
        year
    } else if year < 30 {
        2_000 + year
    } else {
        1_900 + year
    }
}

/// Whether dates such as `13/04/1970` are more than such as `04/13/1970`.
pub fn day_first<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    let (mut day, mut month) = (0, 0);
    for value in values {
        let mut parts = value
            .split(['/', '.', '-'])
            .map(|part| part.trim().parse::<u32>());
        if let (Some(Ok(one)), Some(Ok(other))) = (parts.next(), parts.next()) {
            day += u32::from(one > 12 && one <= 31 && other <= 12);
            month += u32::from(other > 12 && other <= 31 && one <= 12);
        }
    }
    day > month
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: Kind, value: &str, expect: &str) {
        assert_eq!(normal(kind, value, false), expect, "{value:?}");
    }

    #[test]
    fn brings_values_to_one_form() {
        check(
            Kind::Email,
            "Jane.Doe+x@Example.COM ",
            "jane.doe@example.com",
        );
        check(
            Kind::Email,
            "\"Jay Jones\" <j.jones@gmail.com>",
            "jjones@gmail.com",
        );
        check(Kind::Phone, "+1-450-555-0181 x1945", "145055501811945");
        check(Kind::Phone, "000-000-0000", "");
        check(Kind::BirthDate, "1971-06-24", "19710624");
        check(Kind::BirthDate, "19710624", "19710624");
        check(Kind::BirthDate, "Mar 1 1970", "19700301");
        check(Kind::BirthDate, "24-May-11", "20110524");
        check(Kind::BirthDate, "24/06/1971", "19710624");
        check(Kind::BirthDate, "06/24/71", "19710624");
        check(Kind::BirthDate, "1970-05-01T00:00:00Z", "19700501");
        check(Kind::Postcode, " TQ13 8DF", "tq138df");
        check(Kind::Identifier, "999-99-9999", "");
        check(Kind::Gender, "Female", "f");
        check(
            Kind::Address,
            "123 Main Street, Apartment 4",
            "123 main st apt 4",
        );
        check(
            Kind::Organisation,
            "Universal Exports, Inc.",
            "universal exports",
        );
    }
}
