//! Reads a rule text, by recursive descent over its tokens.

use kith_base::limits;

use crate::error::At;
use crate::expr::{Comparison, Expr, Literal, Operand, Question, Span, Term, Test, Unit};
use crate::token::{Token, tokens};
use crate::{Aggregate, Error, FactKey, Filter, Function};

mod events;
mod fact;
mod formula;

pub(crate) use formula::parse_formula;

const START: At = At {
    offset: 0,
    line: 1,
    column: 1,
};

/// Reads a text; blank text is a rule that always holds.
pub(crate) fn parse(text: &str) -> Result<Expr, Error> {
    let start = START;
    let mut parser = Parser::new(text)?;
    if *parser.peek() == Token::End {
        return Ok(Expr::Always(true));
    }
    let expr = parser.any()?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("and, or, or the end of the rule"));
    }
    let (depth, nodes) = (expr.depth(), expr.nodes());
    if depth > limits::RULE_DEPTH_MAX {
        return Err(too_deep(start));
    }
    if nodes > limits::RULE_NODES_MAX {
        let message = format!("the rule has {nodes} parts");
        let fix = format!("keep it within {}, or split it", limits::RULE_NODES_MAX);
        return Err(Error::new(start, message, fix));
    }
    Ok(expr)
}

fn too_deep(at: At) -> Error {
    let most = limits::RULE_DEPTH_MAX;
    Error::new(
        at,
        format!("nested deeper than {most} levels"),
        "use fewer brackets",
    )
}

/// Reads which events, and nothing else.
pub(crate) fn parse_filter(text: &str) -> Result<Filter, Error> {
    let mut parser = Parser::new(text)?;
    let filter = parser.filter()?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("where, or the end"));
    }
    Ok(filter)
}

/// Reads one fact and nothing else.
pub(crate) fn parse_fact(text: &str) -> Result<FactKey, Error> {
    let mut parser = Parser::new(text)?;
    let at = parser.at();
    let operand = parser.operand()?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("the end"));
    }
    match operand.term {
        Term::Fact(key) => Ok(key),
        _ => {
            let fix = "write one such as traits.country or features.purchase_count";
            Err(Error::new(at, "this is not a fact", fix))
        }
    }
}

/// Reads one aggregate and nothing else.
pub(crate) fn parse_aggregate(text: &str) -> Result<Aggregate, Error> {
    let mut parser = Parser::new(text)?;
    let at = parser.at();
    let function = match parser.take() {
        Token::Word(word) => Function::ALL
            .into_iter()
            .find(|known| known.as_str() == word),
        _ => None,
    };
    let Some(function) = function else {
        let fix = "write one such as count(\"Order Completed\", 30 days)";
        return Err(Error::new(at, "this is not an aggregate", fix));
    };
    let aggregate = parser.aggregate(at, function)?;
    if *parser.peek() != Token::End {
        return Err(parser.unexpected("the end"));
    }
    Ok(aggregate)
}

struct Parser {
    tokens: Vec<(At, Token)>,
    next: usize,
    /// Brackets and `not`s open, which bounds the stack.
    nesting: usize,
    /// Inside a condition, where names are properties.
    in_condition: bool,
    /// Aggregates and sequences so far.
    aggregates: usize,
}

const FIXES: [(&str, &str); 6] = [
    ("null", "write is missing or exists"),
    ("is", "write = for \"is equal\", or is missing"),
    ("has", "write exists or contains"),
    (
        "like",
        "write contains, starts with, ends with or matches \"sh*s\"",
    ),
    ("between", "write >= … and <= …"),
    ("equals", "write ="),
];

impl Parser {
    fn new(text: &str) -> Result<Self, Error> {
        if text.len() > limits::RULE_SIZE_MAX_BYTES {
            let message = format!("the rule has {} bytes", text.len());
            let fix = format!("keep it within {}", limits::RULE_SIZE_MAX_BYTES);
            return Err(Error::new(START, message, fix));
        }
        Ok(Parser {
            tokens: tokens(text)?,
            next: 0,
            nesting: 0,
            in_condition: false,
            aggregates: 0,
        })
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.next].1
    }

    fn at(&self) -> At {
        self.tokens[self.next].0
    }

    fn take(&mut self) -> Token {
        let token = self.tokens[self.next].1.clone();
        if token != Token::End {
            self.next += 1;
        }
        token
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = self.is_keyword(keyword);
        self.next += usize::from(found);
        found
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(known) if *known == symbol)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.next += usize::from(found);
        found
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), Error> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.unexpected(symbol))
        }
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), Error> {
        if self.take_keyword(keyword) {
            Ok(())
        } else {
            Err(self.unexpected(keyword))
        }
    }

    fn unexpected(&self, wanted: &str) -> Error {
        let found = match self.peek() {
            Token::End => "the rule ends".to_owned(),
            Token::Word(word) => format!("{word} stands"),
            Token::Text(text) => format!("the text {text:?} stands"),
            Token::Int(int) => format!("{int} stands"),
            Token::Float(float) => format!("{float} stands"),
            Token::Time(time) => format!("{time} stands"),
            Token::Symbol(symbol) => format!("{symbol} stands"),
        };
        let mut fix = format!("write {wanted}");
        if let Token::Word(word) = self.peek() {
            let known = FIXES
                .iter()
                .find(|(foreign, _)| word.eq_ignore_ascii_case(foreign));
            if let Some((_, better)) = known {
                fix = (*better).to_owned();
            }
        }
        Error::new(self.at(), format!("{found} where {wanted} should"), fix)
    }

    fn any(&mut self) -> Result<Expr, Error> {
        self.group("or", Parser::all, Expr::Any)
    }

    fn all(&mut self) -> Result<Expr, Error> {
        self.group("and", Parser::unary, Expr::All)
    }

    fn group(
        &mut self,
        word: &str,
        part: fn(&mut Parser) -> Result<Expr, Error>,
        make: fn(Vec<Expr>) -> Expr,
    ) -> Result<Expr, Error> {
        let first = part(self)?;
        if !self.is_keyword(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_keyword(word) {
            parts.push(part(self)?);
        }
        Ok(make(parts))
    }

    fn unary(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        let negated = self.take_keyword("not");
        if !negated && !self.take_symbol("(") {
            return self.test();
        }
        self.enter(at)?;
        let inner = if negated {
            Expr::Not(Box::new(self.unary()?))
        } else {
            let inner = self.any()?;
            self.expect_symbol(")")?;
            inner
        };
        self.nesting -= 1;
        Ok(inner)
    }

    /// One bracket deeper.
    fn enter(&mut self, at: At) -> Result<(), Error> {
        self.nesting += 1;
        if self.nesting >= limits::RULE_DEPTH_MAX {
            return Err(too_deep(at));
        }
        Ok(())
    }

    fn test(&mut self) -> Result<Expr, Error> {
        let at = self.at();
        let left = self.operand()?;
        let question = match self.question()? {
            Some(question) => question,
            None => match (&left.term, left.shifts.is_empty()) {
                (Term::Literal(Literal::Flag(flag)), true) => return Ok(Expr::Always(*flag)),
                (Term::Fact(_), true) => Question::Holds,
                _ => return Err(self.unexpected("a comparison such as = or >=")),
            },
        };
        if matches!(question, Question::Exists | Question::IsMissing) && !is_fact(&left) {
            let fix = "name a fact, such as traits.plan exists";
            return Err(Error::new(at, format!("{left} is never missing"), fix));
        }
        Ok(Expr::Test(Test { at, left, question }))
    }

    fn question(&mut self) -> Result<Option<Question>, Error> {
        if self.take_keyword("exists") {
            return Ok(Some(Question::Exists));
        }
        if self.is_keyword("is") && self.is_keyword_at(1, "missing") {
            self.next += 2;
            return Ok(Some(Question::IsMissing));
        }
        if self.take_keyword("in") {
            return Ok(Some(Question::In(self.list()?)));
        }
        if self.is_keyword("not") && self.is_keyword_at(1, "in") {
            self.next += 2;
            return Ok(Some(Question::NotIn(self.list()?)));
        }
        let Some(comparison) = self.comparison()? else {
            return Ok(None);
        };
        Ok(Some(Question::Compare(comparison, self.operand()?)))
    }

    fn is_keyword_at(&self, ahead: usize, keyword: &str) -> bool {
        let token = self.tokens.get(self.next + ahead);
        matches!(token, Some((_, Token::Word(word))) if word.eq_ignore_ascii_case(keyword))
    }

    fn comparison(&mut self) -> Result<Option<Comparison>, Error> {
        let symbol = match self.peek() {
            Token::Symbol(symbol) => *symbol,
            _ => "",
        };
        let known = Comparison::ALL
            .into_iter()
            .find(|comparison| comparison.as_str() == symbol);
        if known.is_some() {
            self.next += 1;
            return Ok(known);
        }
        if self.take_keyword("contains") {
            return Ok(Some(Comparison::Contains));
        }
        let comparison = match () {
            () if self.take_keyword("starts") => Comparison::StartsWith,
            () if self.take_keyword("ends") => Comparison::EndsWith,
            () if self.take_keyword("matches") => return Ok(Some(Comparison::Matches)),
            () => return Ok(None),
        };
        if self.take_keyword("with") {
            Ok(Some(comparison))
        } else {
            Err(self.unexpected("with"))
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, Error> {
        self.expect_symbol("[")?;
        let mut list = Vec::new();
        loop {
            let operand = self.operand()?;
            match (operand.term, operand.shifts.is_empty()) {
                (Term::Literal(literal), true) => list.push(literal),
                _ => {
                    let fix = "write text, numbers or dates, such as [\"a\", \"b\"]";
                    return Err(Error::new(
                        operand.at,
                        "a list holds fixed values only",
                        fix,
                    ));
                }
            }
            if self.take_symbol("]") {
                return Ok(list);
            }
            if !self.take_symbol(",") {
                return Err(self.unexpected(", or ]"));
            }
        }
    }

    fn operand(&mut self) -> Result<Operand, Error> {
        let at = self.at();
        let term = self.term()?;
        let mut shifts = Vec::new();
        loop {
            let sign = match self.peek() {
                Token::Symbol("+") => 1,
                Token::Symbol("-") => -1,
                _ => return Ok(Operand { at, term, shifts }),
            };
            self.next += 1;
            shifts.push(self.span(sign)?);
        }
    }

    fn span(&mut self, sign: i64) -> Result<Span, Error> {
        let at = self.at();
        let Token::Int(count) = *self.peek() else {
            return Err(self.unexpected("a duration such as 7 days"));
        };
        self.next += 1;
        let Some(unit) = self.unit() else {
            let fix = "write second, minute, hour, day or week after the number, as in 7 days";
            return Err(Error::new(self.at(), "a duration needs a unit", fix));
        };
        Span::new(sign * count, unit).ok_or_else(|| {
            Error::new(
                at,
                "the duration is too long",
                "keep it within a hundred years",
            )
        })
    }

    fn unit(&mut self) -> Option<Unit> {
        let Token::Word(word) = self.peek() else {
            return None;
        };
        let word = word.to_ascii_lowercase();
        let singular = word.strip_suffix('s').unwrap_or(&word);
        let unit = Unit::ALL
            .into_iter()
            .find(|unit| unit.singular() == singular)?;
        self.next += 1;
        Some(unit)
    }

    fn term(&mut self) -> Result<Term, Error> {
        let at = self.at();
        let literal = match self.peek() {
            Token::Word(_) => return self.word(at),
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Time(time) => Literal::Time(*time),
            Token::Int(int) => Literal::Int(*int),
            Token::Float(float) => Literal::Float(*float),
            Token::Symbol("-") => match self.tokens[self.next + 1].1 {
                Token::Int(int) => {
                    self.next += 1;
                    Literal::Int(-int)
                }
                Token::Float(float) => {
                    self.next += 1;
                    Literal::Float(-float)
                }
                _ => return Err(self.unexpected("a fact or a value")),
            },
            _ => return Err(self.unexpected("a fact or a value")),
        };
        self.next += 1;
        let number = matches!(literal, Literal::Int(_) | Literal::Float(_));
        if number && self.unit().is_some() {
            let fix = "write a moment, such as now - 7 days";
            return Err(Error::new(at, "a duration stands alone", fix));
        }
        Ok(Term::Literal(literal))
    }
}

fn is_fact(operand: &Operand) -> bool {
    matches!(operand.term, Term::Fact(_)) && operand.shifts.is_empty()
}
