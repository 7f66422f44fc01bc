//! Rules for Rust sources: sizes, module docs, no `unwrap`, and a core without clock or I/O.

use std::ops::Range;

use super::mask::mask;
use super::{Files, Problem};

/// Longest function, in lines from `fn` to its closing brace.
const FUNCTION_LINES_MAX: usize = 70;
/// Longest file, in lines; TypeScript as well.
const FILE_LINES_MAX: usize = 500;
/// Longest line, in characters.
const LINE_CHARS_MAX: usize = 100;

/// The one file that wraps a hash table so that its order cannot be seen.
const HASHES: (&str, &str) = ("core/base/src/index.rs", "HashMap");

/// Code the core may not hold outside its tests, and why.
const BANNED_IN_CORE: [(&str, &str); 13] = [
    ("HashMap", "its order is not deterministic: use BTreeMap"),
    ("HashSet", "its order is not deterministic: use BTreeSet"),
    (
        "SystemTime",
        "the core has no clock: take `now` as an argument",
    ),
    (
        "Instant::now",
        "the core has no clock: take `now` as an argument",
    ),
    (
        "Zoned::now",
        "the core has no clock: take `now` as an argument",
    ),
    (
        "jiff::Timestamp::now",
        "the core has no clock: take `now` as an argument",
    ),
    ("std::fs", "the core does no I/O"),
    ("std::net", "the core does no I/O"),
    ("std::env", "the core has no environment"),
    ("std::thread", "the core starts no threads"),
    ("async fn", "the core is synchronous"),
    (".await", "the core is synchronous"),
    ("thread_local!", "the core has no ambient state"),
];

/// Checks every source file.
pub fn check(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in files {
        if path.ends_with(".rs") {
            check_rust(path, text, &mut problems);
        }
        let typescript = path.ends_with(".ts") || path.ends_with(".tsx");
        if path.ends_with(".rs") || (typescript && !path.ends_with(".d.ts")) {
            check_length(path, text, &mut problems);
        }
    }
    problems
}

fn check_length(path: &str, text: &str, problems: &mut Vec<Problem>) {
    let lines = text.lines().count();
    if lines > FILE_LINES_MAX {
        let message = format!("{lines} lines; split it, the most is {FILE_LINES_MAX}");
        problems.push(Problem {
            path: path.to_owned(),
            line: 0,
            message,
        });
    }
}

fn check_rust(path: &str, text: &str, problems: &mut Vec<Problem>) {
    let mut report = |line: usize, message: String| {
        problems.push(Problem {
            path: path.to_owned(),
            line,
            message,
        });
    };
    let opens_with_docs = text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!"))
        .is_some_and(|line| line.starts_with("//!"));
    if !opens_with_docs {
        report(
            1,
            "open the file with a `//!` doc: what it is and what it is not".to_owned(),
        );
    }
    for (index, line) in text.lines().enumerate() {
        let characters = line.chars().count();
        if characters > LINE_CHARS_MAX {
            report(
                index + 1,
                format!("{characters} characters; the most is {LINE_CHARS_MAX}"),
            );
        }
    }
    let code = mask(text);
    for function in functions(&code) {
        let lines = function.lines.len();
        if lines > FUNCTION_LINES_MAX {
            let name = function.name;
            let message = format!("fn {name} has {lines} lines; the most is {FUNCTION_LINES_MAX}");
            report(function.lines.start, message);
        }
    }
    if is_test_file(path) {
        return;
    }
    let tests = test_regions(&code);
    let in_core = path.starts_with("core/");
    for (index, line) in code.lines().enumerate() {
        let number = index + 1;
        if tests.iter().any(|region| region.contains(&number)) {
            continue;
        }
        if line.contains(".unwrap()") {
            report(
                number,
                "say why it cannot fail: expect(\"…\") instead of unwrap()".to_owned(),
            );
        }
        for (banned, reason) in BANNED_IN_CORE.iter().filter(|_| in_core) {
            if line.contains(banned) && (path, *banned) != HASHES {
                report(number, format!("{banned} in the core: {reason}"));
            }
        }
    }
}

/// Integration tests, benches and test modules in files of their own.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.split('/');
    path.ends_with("/tests.rs")
        || path.ends_with("_tests.rs")
        || parts.any(|part| part == "tests" || part == "benches")
}

struct Function<'a> {
    name: &'a str,
    lines: Range<usize>,
}

/// Every function with a body, in masked code; lines count from 1.
fn functions(code: &str) -> Vec<Function<'_>> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("fn ") {
        let glued = code[..at]
            .chars()
            .next_back()
            .is_some_and(|c| c.is_alphanumeric() || c == '_');
        let name = code[at + 3..]
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next();
        let Some(name) = name.filter(|name| !glued && !name.is_empty()) else {
            continue;
        };
        if let Some(end) = body_end(&code[at..]) {
            let first = line_of(code, at);
            found.push(Function {
                name,
                lines: first..line_of(code, at + end) + 1,
            });
        }
    }
    found
}

/// Regions of lines that only tests compile.
fn test_regions(code: &str) -> Vec<Range<usize>> {
    let marks = ["#[cfg(test)]", "#[test]"];
    let mut regions = Vec::new();
    for (at, _) in marks.iter().flat_map(|mark| code.match_indices(mark)) {
        if let Some(end) = body_end(&code[at..]) {
            regions.push(line_of(code, at)..line_of(code, at + end) + 1);
        }
    }
    regions
}

/// Offset of the brace that closes the first body in `code`; nothing when an item ends with `;`
/// before any body opens.
fn body_end(code: &str) -> Option<usize> {
    let mut braces = 0;
    let mut brackets = 0;
    for (at, character) in code.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 && brackets == 0 {
                    return Some(at);
                }
            }
            ';' if braces == 0 && brackets == 0 => return None,
            _ => {}
        }
    }
    None
}

fn line_of(code: &str, at: usize) -> usize {
    code[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    fn check_one(path: &str, text: &str, expect: &[&str]) {
        let problems = check(&files(&[(path, text)]));
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), expect.len(), "{lines:#?}");
        for (line, part) in lines.iter().zip(expect) {
            assert!(line.contains(part), "{line:?} does not say {part:?}");
        }
    }

    #[test]
    fn a_file_opens_with_its_doc() {
        check_one("app/src/a.rs", "//! Doc.\n", &[]);
        check_one("app/src/a.rs", "#![allow(x)]\n//! Doc.\n", &[]);
        check_one(
            "app/src/a.rs",
            "use std::fs;\n",
            &["app/src/a.rs:1: open the file"],
        );
    }

    #[test]
    fn sizes_have_limits() {
        let body = |lines: usize| format!("//! D.\nfn long() {{\n{}}}\n", "x();\n".repeat(lines));
        check_one("app/src/a.rs", &body(68), &[]);
        check_one("app/src/a.rs", &body(69), &["a.rs:2: fn long has 71 lines"]);
        let many = format!("//! D.\n{}", "\n".repeat(500));
        check_one("app/src/a.rs", &many, &["501 lines"]);
        check_one("web/a.tsx", &"\n".repeat(501), &["501 lines"]);
        let wide = format!("//! {}\n", "é".repeat(97));
        check_one("app/src/a.rs", &wide, &["101 characters"]);
    }

    #[test]
    fn braces_in_text_do_not_count() {
        let text =
            "//! D.\nfn f() { g(\"{\", '{'); } // {\nfn h(x: [u8; 4]) -> [u8; 2] { [0; 2] }\n";
        check_one("app/src/a.rs", text, &[]);
        assert_eq!(functions(&mask(text)).len(), 2);
    }

    #[test]
    fn unwrap_is_for_tests() {
        check_one(
            "app/src/a.rs",
            "//! D.\nfn f() { g().unwrap() }\n",
            &["a.rs:2: say why"],
        );
        let tests = "//! D.\n#[cfg(test)]\nmod tests {\n fn f() { g().unwrap() }\n}\n";
        check_one("app/src/a.rs", tests, &[]);
        check_one("app/tests/a.rs", "//! D.\nfn f() { g().unwrap() }\n", &[]);
        check_one("app/src/a.rs", "//! Not `.unwrap()`.\n", &[]);
    }

    #[test]
    fn the_core_is_pure() {
        let text = "//! D.\nuse std::collections::HashMap;\nasync fn f() {}\n";
        check_one(
            "core/rule/src/a.rs",
            text,
            &["HashMap in the core", "async fn in the core"],
        );
        check_one("shell/edge/src/a.rs", text, &[]);
        let hashes = "//! D.\nuse std::collections::HashMap;\n";
        check_one("core/base/src/index.rs", hashes, &[]);
    }
}
