//! Reads formulas.

use kith_base::limits;

use super::Parser;
use crate::Error;
use crate::error::At;
use crate::expr::{Literal, Term};
use crate::formula::{Call, Part, Sign};
use crate::token::Token;

/// Reads one formula and nothing else.
pub(crate) fn parse_formula(text: &str) -> Result<Part, Error> {
    let mut parser = Parser::new(text)?;
    if parser.tokens.len() > limits::RULE_NODES_MAX {
        let fix = format!("keep it within {} parts", limits::RULE_NODES_MAX);
        return Err(Error::new(super::START, "the formula is too long", fix));
    }
    let root = parser.sum()?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("+ - * / or the end of the formula"));
    }
    Ok(root)
}

impl Parser {
    fn sum(&mut self) -> Result<Part, Error> {
        self.joined(&[("+", Sign::Plus), ("-", Sign::Minus)], Parser::product)
    }

    fn product(&mut self) -> Result<Part, Error> {
        self.joined(&[("*", Sign::Times), ("/", Sign::Over)], Parser::factor)
    }

    fn joined(
        &mut self,
        signs: &[(&str, Sign)],
        part: fn(&mut Parser) -> Result<Part, Error>,
    ) -> Result<Part, Error> {
        let mut left = part(self)?;
        while let Some((symbol, sign)) = signs.iter().find(|(symbol, _)| self.is_symbol(symbol)) {
            // A chain is a tree as deep as it is long.
            let at = self.at();
            self.take_symbol(symbol);
            self.enter(at)?;
            left = Part::Join(*sign, Box::new((left, part(self)?)));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Part, Error> {
        let at = self.at();
        if self.take_symbol("-") {
            self.enter(at)?;
            let negated = (Part::Number(-1.0), self.factor()?);
            self.nesting -= 1;
            return Ok(Part::Join(Sign::Times, Box::new(negated)));
        }
        if self.take_symbol("(") {
            self.enter(at)?;
            let inner = self.sum()?;
            self.expect_symbol(")")?;
            self.nesting -= 1;
            return Ok(inner);
        }
        match self.peek() {
            Token::Int(int) => {
                let number = *int as f64;
                self.next += 1;
                Ok(Part::Number(number))
            }
            Token::Float(float) => {
                let number = *float;
                self.next += 1;
                Ok(Part::Number(number))
            }
            Token::Word(word) => {
                let word = word.clone();
                self.named(at, &word)
            }
            _ => Err(self.unexpected("a number, a fact or a term")),
        }
    }

    /// A function, a term of the asker or a fact.
    fn named(&mut self, at: At, word: &str) -> Result<Part, Error> {
        let follows = |symbol: &str| {
            let next = self.tokens.get(self.next + 1);
            matches!(next, Some((_, Token::Symbol(found))) if *found == symbol)
        };
        let (called, dotted) = (follows("("), follows("."));
        let call = Call::ALL.into_iter().find(|(name, _)| *name == word);
        if let Some((_, call)) = call.filter(|_| called) {
            self.next += 2;
            return self.arguments(at, call);
        }
        if word == "offer" && dotted {
            self.next += 1;
            let path = self.path()?;
            return Ok(Part::Term(at, format!("offer.{}", path.parts().join("."))));
        }
        if !called && !dotted && word != "local_hour" {
            self.next += 1;
            return Ok(Part::Term(at, word.to_owned()));
        }
        match self.word(at)? {
            Term::Fact(key) => Ok(Part::Fact(at, key)),
            Term::Literal(Literal::Int(int)) => Ok(Part::Number(int as f64)),
            _ => {
                let fix = "write a number or a fact that is one";
                Err(Error::new(at, format!("{word} is not a number"), fix))
            }
        }
    }

    fn arguments(&mut self, at: At, call: Call) -> Result<Part, Error> {
        self.enter(at)?;
        let mut parts = vec![self.sum()?];
        while self.take_symbol(",") {
            parts.push(self.sum()?);
        }
        self.expect_symbol(")")?;
        self.nesting -= 1;
        Ok(Part::Call(call, parts))
    }
}
