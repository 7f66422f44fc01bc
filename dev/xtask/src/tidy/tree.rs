//! Rules for the tree as a whole: what may lie at the root, and what no file may say.

use super::{Files, Problem};

/// Files that may lie at the root; `*.log` files git ignores.
const ROOT_FILES: [&str; 14] = [
    ".gitignore",
    ".gitattributes",
    ".editorconfig",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "GLOSSARY.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "clippy.toml",
    "rustfmt.toml",
];

/// Folders that may lie at the root.
const ROOT_FOLDERS: [&str; 9] = [
    ".cargo", ".ci", "app", "core", "dev", "docs", "examples", "shell", "web",
];

/// The only registry a Rust lock file may name.
const CARGO_REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The only registry a web lock file may name.
const NPM_REGISTRY: &str = "https://registry.npmjs.org/";

/// Names that say nothing about what a file holds.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];

/// Checks names and contents of every file.
pub fn check(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in files {
        let mut report = |line: usize, message: String| {
            problems.push(Problem {
                path: path.clone(),
                line,
                message,
            });
        };
        match path.split_once('/') {
            None if !ROOT_FILES.contains(&path.as_str()) && !path.ends_with(".log") => {
                report(0, "does not belong at the root".to_owned());
            }
            Some((folder, _)) if !ROOT_FOLDERS.contains(&folder) => {
                report(
                    0,
                    format!("the folder {folder}/ does not belong at the root"),
                );
            }
            _ => {}
        }
        let stems = path
            .split('/')
            .map(|part| part.split('.').next().unwrap_or_default());
        for stem in stems.filter(|stem| EMPTY_NAMES.contains(stem)) {
            report(0, format!("name it after what it holds, not {stem:?}"));
        }
        for (index, line) in text.lines().enumerate() {
            if let Some(message) = said_wrongly(path, line) {
                report(index + 1, message);
            }
        }
    }
    problems
}

/// What a line may not say: paths of one machine, hosts of one registry mirror.
fn said_wrongly(path: &str, line: &str) -> Option<String> {
    // Built from parts, so that this file does not say them itself.
    for folder in ["root", "work", "home", "Users"] {
        let absolute = format!("/{folder}/");
        let is_path = line.match_indices(&absolute).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            before.is_none_or(|c| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '=' | '('))
        });
        if is_path {
            return Some(format!("names a path of one machine: {absolute}…"));
        }
    }
    if path.ends_with("Cargo.lock")
        && line.starts_with("source = ")
        && !line.contains(CARGO_REGISTRY)
    {
        return Some(format!("a package from elsewhere than {CARGO_REGISTRY}"));
    }
    if path.ends_with("package-lock.json")
        && line.contains("\"resolved\": \"http")
        && !line.contains(NPM_REGISTRY)
    {
        return Some(format!("a package from elsewhere than {NPM_REGISTRY}"));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    fn check_one(path: &str, text: &str, expect: &[&str]) {
        let problems = check(&files(&[(path, text)]));
        let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(messages.len(), expect.len(), "{messages:?}");
        for (message, part) in messages.iter().zip(expect) {
            assert!(message.contains(part), "{message:?} does not say {part:?}");
        }
    }

    #[test]
    fn the_root_is_small() {
        check_one("README.md", "", &[]);
        check_one("notes.txt", "", &["does not belong at the root"]);
        check_one(
            "scripts/run.sh",
            "",
            &["the folder scripts/ does not belong"],
        );
    }

    #[test]
    fn names_say_something() {
        check_one("core/rule/src/utils.rs", "", &["not \"utils\""]);
        check_one("core/rule/src/commonality.rs", "", &[]);
    }

    #[test]
    fn no_machine_is_named() {
        check_one(
            "docs/a.md",
            concat!("see /ro", "ot/notes"),
            &["names a path of one machine"],
        );
        check_one("docs/a.md", "see docs/root/notes and /api/v1/home", &[]);
        check_one(
            "Cargo.lock",
            "source = \"registry+https://mirror.example/index\"",
            &["a package from elsewhere"],
        );
        check_one(
            "web/package-lock.json",
            "  \"resolved\": \"https://mirror.example/a.tgz\",",
            &["a package from elsewhere"],
        );
    }
}
