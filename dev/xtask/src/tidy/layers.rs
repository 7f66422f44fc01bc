//! Which crate may use which: read from the manifests, so that a wrong arrow never compiles in.

use super::{Files, Problem};

/// Every crate, lowest layer first. A crate may use crates of lower layers only; crates of one
/// layer do not know each other. A new crate is added here first.
const LAYERS: [&[&str]; 12] = [
    &["core/base"],
    &["core/event"],
    &["core/definition"],
    &["core/rule"],
    &[
        "core/identity",
        "core/matching",
        "core/profile",
        "core/decide",
        "core/learn",
        "core/measure",
    ],
    &["core/engine"],
    &["shell/runtime"],
    &[
        "shell/export",
        "shell/webhook",
        "shell/linkage",
        "shell/learning",
    ],
    &["shell/store", "shell/edge", "shell/admin"],
    &["app"],
    &["dev/sim"],
    &["dev/xtask"],
];

/// Outside crates that would give the core a clock, chance, a thread or a socket.
const BANNED_IN_CORE: [&str; 12] = [
    "tokio",
    "axum",
    "hyper",
    "fjall",
    "getrandom",
    "rand",
    "ureq",
    "rustix",
    "tracing",
    "metrics",
    "arc-swap",
    "maxminddb",
];

/// Checks the manifest of every crate.
pub fn check(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in files {
        let Some(folder) = path.strip_suffix("/Cargo.toml") else {
            continue;
        };
        let mut report = |line: usize, message: String| {
            problems.push(Problem {
                path: path.clone(),
                line,
                message,
            });
        };
        let Some(layer) = layer_of(folder) else {
            report(
                0,
                "unknown crate: give it a layer in dev/xtask/src/tidy/layers.rs".to_owned(),
            );
            continue;
        };
        if !text.contains("[lints]\nworkspace = true") {
            report(
                0,
                "takes no part in the workspace lints: add [lints] workspace = true".into(),
            );
        }
        for (line, dependency) in dependencies(text) {
            if folder.starts_with("core/") && BANNED_IN_CORE.contains(&dependency) {
                report(line, format!("the core may not use {dependency}"));
            }
            let Some(name) = dependency.strip_prefix("kith-") else {
                continue;
            };
            let target = LAYERS
                .iter()
                .position(|l| l.iter().any(|c| last_part(c) == name));
            if target.is_none_or(|target| target >= layer) {
                report(
                    line,
                    format!("{folder} may not use kith-{name}: only lower layers"),
                );
            }
        }
    }
    problems
}

fn layer_of(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&folder))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/')
        .next()
        .expect("a split yields at least one part")
}

/// Names in `[dependencies]` and `[build-dependencies]` with their lines. Tests may use what
/// they like: a dev-dependency is no arrow.
fn dependencies(manifest: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    manifest
        .lines()
        .enumerate()
        .filter_map(move |(index, line)| {
            if line.starts_with('[') {
                inside = matches!(line.trim(), "[dependencies]" | "[build-dependencies]");
                return None;
            }
            let name = line.split(['=', '.', ' ']).next().unwrap_or_default();
            (inside && !name.is_empty() && !name.starts_with('#')).then_some((index + 1, name))
        })
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    fn check_one(path: &str, dependencies: &str, expect: &[&str]) {
        let text = format!("[lints]\nworkspace = true\n\n{dependencies}");
        let problems = check(&files(&[(path, &text)]));
        let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
        assert_eq!(messages, expect);
    }

    #[test]
    fn arrows_point_down() {
        let uses = |name: &str| format!("[dependencies]\nkith-{name}.workspace = true\n");
        check_one("core/engine/Cargo.toml", &uses("rule"), &[]);
        check_one(
            "core/rule/Cargo.toml",
            &uses("engine"),
            &["core/rule may not use kith-engine: only lower layers"],
        );
        check_one(
            "shell/edge/Cargo.toml",
            &uses("store"),
            &["shell/edge may not use kith-store: only lower layers"],
        );
        check_one(
            "shell/edge/Cargo.toml",
            "[dev-dependencies]\nkith-store.workspace = true\n",
            &[],
        );
    }

    #[test]
    fn the_core_links_no_runtime() {
        check_one(
            "core/rule/Cargo.toml",
            "[dependencies]\ntokio = { version = \"1\" }\n",
            &["the core may not use tokio"],
        );
        check_one(
            "shell/edge/Cargo.toml",
            "[dependencies]\ntokio.workspace = true\n",
            &[],
        );
    }

    #[test]
    fn a_new_crate_needs_a_layer() {
        let problems = check(&files(&[(
            "shell/new/Cargo.toml",
            "[lints]\nworkspace = true\n",
        )]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("unknown crate"));
    }
}
