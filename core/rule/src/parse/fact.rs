//! Reads facts: a word, and what belongs to it.

use kith_definition::nearest;

use super::{FIXES, Parser};
use crate::error::At;
use crate::expr::{Days, Literal, Term};
use crate::path::is_bare_property;
use crate::token::Token;
use crate::{Error, FactKey, Function, Path, Quantifier};

/// Words that begin a fact, besides the functions of aggregates.
const ROOTS: [&str; 15] = [
    "traits",
    "account",
    "features",
    "context",
    "item",
    "consent",
    "affinity",
    "identifier",
    "sequence",
    "reachable",
    "anniversary",
    "days_until",
    "days_since",
    "local_hour",
    "local_weekday",
];

impl Parser {
    pub(super) fn word(&mut self, at: At) -> Result<Term, Error> {
        for flag in [true, false] {
            if self.take_keyword(if flag { "true" } else { "false" }) {
                return Ok(Term::Literal(Literal::Flag(flag)));
            }
        }
        if self.take_keyword("now") {
            return Ok(Term::Now);
        }
        let Token::Word(root) = self.take() else {
            return Err(self.unexpected("a fact"));
        };
        for days in [Days::Since, Days::Until] {
            if root == days.as_str() {
                return self.days(at, days);
            }
        }
        let key = if self.in_condition {
            self.property(at, root)?
        } else {
            self.fact(at, &root)?
        };
        Ok(Term::Fact(key))
    }

    fn fact(&mut self, at: At, root: &str) -> Result<FactKey, Error> {
        let mut functions = Function::ALL.into_iter();
        if let Some(function) = functions.find(|known| known.as_str() == root) {
            return Ok(self.aggregate(at, function)?.key());
        }
        Ok(match root {
            "traits" => FactKey::Trait(self.path()?),
            "account" => FactKey::Account(self.path()?),
            "context" => FactKey::Context(self.path()?),
            "item" => FactKey::Item(self.path()?),
            "features" => self.feature()?,
            "consent" => FactKey::Consent(self.name("consent")?),
            "identifier" => FactKey::Identifier(self.argument()?),
            "reachable" => FactKey::Reachable(self.argument()?),
            "affinity" => self.affinity()?,
            "sequence" => FactKey::Sequence(self.sequence(at)?),
            "anniversary" => self.anniversary()?,
            "local_hour" => FactKey::LocalHour,
            "local_weekday" => FactKey::LocalWeekday,
            word if word.eq_ignore_ascii_case("in") => FactKey::Audience(self.audience()?),
            other => match Quantifier::parse(other) {
                Some(quantifier) => self.account_persons(quantifier)?,
                None => return Err(unknown_word(at, other)),
            },
        })
    }

    /// A name inside a condition.
    fn property(&mut self, at: At, root: String) -> Result<FactKey, Error> {
        if matches!(self.peek(), Token::Symbol("(")) {
            let fix = "ask about properties, such as category = \"shoes\"";
            let message = format!("{root}(…) is not known of one event");
            return Err(Error::new(at, message, fix));
        }
        match root.as_str() {
            "context" => Ok(FactKey::Context(self.path()?)),
            "properties" => Ok(FactKey::Property(self.path()?)),
            _ if is_bare_property(&root) => {
                let mut parts = vec![root];
                if matches!(self.peek(), Token::Symbol(".")) {
                    parts.extend(self.path()?.parts().iter().cloned());
                }
                Path::new(parts)
                    .map(FactKey::Property)
                    .ok_or_else(|| self.unexpected("a name"))
            }
            _ => {
                let message = format!("{root} is not a property of an event");
                let fix = format!("write properties.{root} if the property has this name");
                Err(Error::new(at, message, fix))
            }
        }
    }

    fn days(&mut self, at: At, days: Days) -> Result<Term, Error> {
        self.expect_symbol("(")?;
        let next = self.peek().clone();
        let nested = |days: Days| next == Token::Word(days.as_str().to_owned());
        if nested(Days::Since) || nested(Days::Until) {
            let fix = "write a time, such as traits.renewal_at";
            return Err(Error::new(at, "days are counted from a time", fix));
        }
        let of = self.operand()?;
        self.expect_symbol(")")?;
        Ok(Term::Days(days, Box::new(of)))
    }

    /// After `in`.
    fn audience(&mut self) -> Result<String, Error> {
        self.expect_keyword("audience")?;
        self.text()
    }

    /// After `any`, `all` or `no`.
    fn account_persons(&mut self, quantifier: Quantifier) -> Result<FactKey, Error> {
        if !self.take_keyword("person") && !self.take_keyword("persons") {
            return Err(self.unexpected("person of account in audience \"…\""));
        }
        for word in ["of", "account", "in"] {
            self.expect_keyword(word)?;
        }
        Ok(FactKey::AccountPersons {
            quantifier,
            audience: self.audience()?,
        })
    }

    fn anniversary(&mut self) -> Result<FactKey, Error> {
        self.expect_symbol("(")?;
        if !self.take_keyword("traits") {
            return Err(self.unexpected("a trait, such as traits.birthday"));
        }
        let path = self.path()?;
        self.expect_symbol(")")?;
        Ok(FactKey::Anniversary(path))
    }

    pub(super) fn path(&mut self) -> Result<Path, Error> {
        self.expect_symbol(".")?;
        self.path_parts()
    }

    /// A path without a word before it.
    pub(super) fn path_parts(&mut self) -> Result<Path, Error> {
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                Token::Word(part) | Token::Text(part) => parts.push(part.clone()),
                _ => return Err(self.unexpected("a name")),
            }
            self.next += 1;
            if !self.take_symbol(".") {
                return Path::new(parts).ok_or_else(|| self.unexpected("a name"));
            }
        }
    }

    fn name(&mut self, root: &str) -> Result<String, Error> {
        let at = self.at();
        let path = self.path()?;
        match path.parts() {
            [name] => Ok(name.clone()),
            _ => {
                let fix = match (root, path.parts()) {
                    ("features", [name, key]) => {
                        format!("write features.{name}, or features.{name}[{key:?}] for one key")
                    }
                    _ => format!("write {root}.{}", path.first()),
                };
                let message = format!("{root} have one name, without further dots");
                Err(Error::new(at, message, fix))
            }
        }
    }

    /// After `features`.
    fn feature(&mut self) -> Result<FactKey, Error> {
        let feature = self.name("features")?;
        Ok(match self.key()? {
            Some(key) => FactKey::Keyed { feature, key },
            None => FactKey::Feature(feature),
        })
    }

    fn argument(&mut self) -> Result<String, Error> {
        self.expect_symbol("(")?;
        let argument = self.text()?;
        self.expect_symbol(")")?;
        Ok(argument)
    }

    fn affinity(&mut self) -> Result<FactKey, Error> {
        self.expect_symbol("(")?;
        let dimension = self.text()?;
        self.expect_symbol(",")?;
        let key = self.text()?;
        self.expect_symbol(")")?;
        Ok(FactKey::Affinity { dimension, key })
    }

    fn text(&mut self) -> Result<String, Error> {
        let Token::Text(text) = self.peek() else {
            return Err(self.unexpected("a text in double quotes"));
        };
        let text = text.clone();
        self.next += 1;
        Ok(text)
    }
}

fn unknown_word(at: At, word: &str) -> Error {
    let mut fixes = FIXES.iter();
    let fixed = fixes.find(|(foreign, _)| word.eq_ignore_ascii_case(foreign));
    let functions = Function::ALL.into_iter().map(Function::as_str);
    let fix = match (fixed, nearest(word, ROOTS.into_iter().chain(functions))) {
        (Some((_, fix)), _) => (*fix).to_owned(),
        (None, Some(root)) => format!("did you mean {root}?"),
        (None, None) => format!("write traits.{word}, features.{word} or \"{word}\" in quotes"),
    };
    Error::new(at, format!("{word} is not a fact"), fix)
}
