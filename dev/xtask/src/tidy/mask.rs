//! Rust source with comments and literals blanked out, so that a search for code finds code.

/// The same text, every character of a comment, string or character literal replaced by a space.
/// Line breaks stay, so that lines keep their numbers.
pub fn mask(source: &str) -> String {
    let mut masker = Masker {
        rest: source,
        out: String::with_capacity(source.len()),
    };
    while !masker.rest.is_empty() {
        masker.step();
    }
    masker.out
}

struct Masker<'a> {
    rest: &'a str,
    out: String,
}

impl Masker<'_> {
    /// Consumes one comment, one literal or one character of code.
    fn step(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(block_comment(rest));
        } else if rest.starts_with('"') {
            self.blank(string(rest));
        } else if rest.starts_with('\'') {
            match character(rest) {
                Some(length) => self.blank(length),
                None => self.keep(1),
            }
        } else if let Some(length) = raw_string(rest).filter(|_| !self.after_word()) {
            self.blank(length);
        } else {
            let length = rest.chars().next().map_or(0, char::len_utf8);
            self.keep(length);
        }
    }

    /// True after a letter or digit: the `r` of `var"` starts no raw string.
    fn after_word(&self) -> bool {
        self.out
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_')
    }

    fn keep(&mut self, length: usize) {
        let (kept, rest) = self.rest.split_at(length);
        self.out.push_str(kept);
        self.rest = rest;
    }

    fn blank(&mut self, length: usize) {
        let (blanked, rest) = self.rest.split_at(length);
        self.out
            .extend(blanked.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// Length of a block comment, which may hold others.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a string literal with escapes.
fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of `r"…"`, `r#"…"#`, `br"…"`, `cr"…"`.
fn raw_string(text: &str) -> Option<usize> {
    let body = text
        .strip_prefix("br")
        .or(text.strip_prefix("cr"))
        .or(text.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let inner = body[hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inner
        .find(&close)
        .map_or(inner.len(), |at| at + close.len());
    Some(text.len() - inner.len() + end)
}

/// Length of a character literal, or nothing when the quote opens a lifetime.
fn character(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let first = inner.chars().next()?;
    if first == '\\' {
        let escaped = inner.chars().nth(1)?.len_utf8();
        return inner[1 + escaped..]
            .find('\'')
            .map(|at| at + 1 + 1 + escaped + 1);
    }
    inner[first.len_utf8()..]
        .starts_with('\'')
        .then_some(1 + first.len_utf8() + 1)
}

#[cfg(test)]
mod tests {
    use super::mask;

    fn check(source: &str, expect: &str) {
        assert_eq!(mask(source), expect);
    }

    #[test]
    fn blanks_what_is_not_code() {
        check("a // b {", "a       ");
        check("a /* { /* } */ */ b", "a                 b");
        check("f(\"} \\\" {\")", "f(        )");
        check("f(r#\"}\"{\"#) }", "f(        ) }");
        check(
            "match c { '{' => '\\'', _ => '\\u{1}' }",
            "match c {     =>     , _ =>         }",
        );
        check("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}");
        check("let var = \"x\";", "let var =    ;");
        check("\"a\nb\"", "  \n  ");
    }
}
