//! Cuts a rule text into tokens.

use kith_base::Timestamp;

use crate::Error;
use crate::error::At;

/// The smallest piece of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// A name or keyword.
    Word(String),
    /// `"…"`, unescaped.
    Text(String),
    /// Digits.
    Int(i64),
    /// Digits with a point or exponent; finite.
    Float(f64),
    /// A date or time.
    Time(Timestamp),
    /// Brackets, operators, commas, dots.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Longer symbols first, so that `<=` is not `<` and `=`.
const SYMBOLS: [&str; 16] = [
    "!=", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/",
];

/// What people write in other languages, and what it is called here.
const FOREIGN: [(&str, &str); 8] = [
    ("==", "write = for \"is equal\""),
    ("<>", "write != for \"is not equal\""),
    ("&&", "write and"),
    ("||", "write or"),
    ("!", "write not"),
    ("'", "write text in double quotes: \"…\""),
    ("“", "write straight double quotes: \"…\""),
    ("”", "write straight double quotes: \"…\""),
];

/// All tokens with their places; the last is [`Token::End`].
pub(crate) fn tokens(text: &str) -> Result<Vec<(At, Token)>, Error> {
    let mut lexer = Lexer {
        text,
        offset: 0,
        line: 1,
        column: 1,
    };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_blanks();
        let at = lexer.at();
        let token = lexer.token(at)?;
        let end = token == Token::End;
        tokens.push((at, token));
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.offset..]
    }

    fn at(&self) -> At {
        At {
            offset: self.offset as u32,
            line: self.line,
            column: self.column,
        }
    }

    /// Moves on by so many bytes, which end at a character border.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let passed = &self.rest()[..bytes];
        for character in passed.chars() {
            if character == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.offset += bytes;
        passed
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.advance(rest.len() - rest.trim_start().len());
    }

    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let length = self.rest().bytes().take_while(|byte| wanted(*byte)).count();
        self.advance(length)
    }

    fn token(&mut self, at: At) -> Result<Token, Error> {
        let Some(first) = self.rest().bytes().next() else {
            return Ok(Token::End);
        };
        if first.is_ascii_alphabetic() || first == b'_' {
            let word = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            return Ok(Token::Word(word.to_owned()));
        }
        if first.is_ascii_digit() {
            return if self.is_date() {
                self.time(at)
            } else {
                self.number(at)
            };
        }
        if first == b'"' {
            return self.quoted(at);
        }
        if let Some((_, fix)) = FOREIGN.iter().find(|(sign, _)| self.starts_foreign(sign)) {
            let sign: String = self.rest().chars().take(1).collect();
            return Err(Error::new(at, format!("{sign:?} means nothing here"), *fix));
        }
        if let Some(symbol) = SYMBOLS
            .iter()
            .find(|symbol| self.rest().starts_with(**symbol))
        {
            self.advance(symbol.len());
            return Ok(Token::Symbol(symbol));
        }
        let sign: String = self.rest().chars().take(1).collect();
        let fix = "remove it, or put names and text in double quotes";
        Err(Error::new(at, format!("{sign:?} means nothing here"), fix))
    }

    fn starts_foreign(&self, sign: &str) -> bool {
        let is_ours = sign == "!" && self.rest().starts_with("!=");
        self.rest().starts_with(sign) && !is_ours
    }

    /// Four digits, a dash, two digits, a dash.
    fn is_date(&self) -> bool {
        let shape = b"dddd-dd-";
        let bytes = self.rest().as_bytes();
        bytes.len() > shape.len()
            && shape.iter().zip(bytes).all(|(wanted, byte)| match wanted {
                b'd' => byte.is_ascii_digit(),
                other => other == byte,
            })
    }

    fn time(&mut self, at: At) -> Result<Token, Error> {
        let has_time = self
            .rest()
            .as_bytes()
            .get(10)
            .is_some_and(|byte| matches!(byte, b'T' | b't'));
        let text = if has_time {
            self.take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'+' | b'-')
            })
        } else {
            self.take_while(|byte| byte.is_ascii_digit() || byte == b'-')
        };
        Timestamp::parse(text).map(Token::Time).map_err(|_| {
            let fix = "write a date such as 2026-11-01 or a time such as 2026-11-01T08:00:00Z";
            Error::new(at, format!("{text} is not a date"), fix)
        })
    }

    fn number(&mut self, at: At) -> Result<Token, Error> {
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| {
            bytes[from.min(bytes.len())..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count()
        };
        let mut length = digits(0);
        let mut whole = true;
        if bytes.get(length) == Some(&b'.') && digits(length + 1) > 0 {
            length += 1 + digits(length + 1);
            whole = false;
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits(length + 1 + sign);
            if exponent > 0 {
                length += 1 + sign + exponent;
                whole = false;
            }
        }
        let text = self.advance(length);
        if let (true, Ok(int)) = (whole, text.parse()) {
            return Ok(Token::Int(int));
        }
        match text.parse::<f64>() {
            Ok(float) if float.is_finite() => Ok(Token::Float(float)),
            _ => Err(Error::new(
                at,
                "the number is too large",
                "write a smaller number",
            )),
        }
    }

    fn quoted(&mut self, at: At) -> Result<Token, Error> {
        let bytes = self.rest().as_bytes();
        let mut end = 1;
        while end < bytes.len() && bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        if end >= bytes.len() {
            return Err(Error::new(at, "the text has no end", "add \" after it"));
        }
        let text = self.advance(end + 1);
        serde_json::from_str(text).map(Token::Text).map_err(|_| {
            let fix = r#"escape as in JSON: \" for a quote, \\ for a backslash, \n for a new line"#;
            Error::new(at, "the text has a character that must be escaped", fix)
        })
    }
}
