//! Links in Markdown lead somewhere: to a file that exists, and to a heading in it.

use super::{Files, Problem};

/// Checks every link of every Markdown file.
pub fn check(files: &Files) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in links(text) {
            if let Some(message) = broken(files, path, text, &target) {
                problems.push(Problem {
                    path: path.clone(),
                    line,
                    message,
                });
            }
        }
    }
    problems
}

/// Link targets with their lines; code blocks and code spans hold none.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code || line.starts_with("    ") {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        for (at, _) in prose.match_indices("](") {
            let target = prose[at + 2..].split([')', ' ']).next().unwrap_or_default();
            found.push((index + 1, target.to_owned()));
        }
    }
    found
}

/// What is wrong with a link, if anything. Links that leave the repository are not followed.
fn broken(files: &Files, path: &str, text: &str, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let resolved = if file.is_empty() {
        path.to_owned()
    } else {
        resolve(path, file)
    };
    let folder = format!("{}/", resolved.trim_end_matches('/'));
    let is_folder = files.keys().any(|candidate| candidate.starts_with(&folder));
    let Some(linked) = files.get(&resolved) else {
        return (!is_folder).then(|| format!("the link {target} leads nowhere"));
    };
    let linked = if resolved == path { text } else { linked };
    (!anchor.is_empty() && !anchors(linked).any(|candidate| candidate == anchor))
        .then(|| format!("the link {target} names no heading of {resolved}"))
}

/// A path from the root, for a link relative to the file that holds it.
fn resolve(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// Headings in the form that links use.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
}

#[cfg(test)]
mod tests {
    use super::super::files;
    use super::*;

    fn check_one(text: &str, expect: &[&str]) {
        let tree = files(&[
            ("docs/a.md", text),
            ("docs/b.md", "# One heading, two\n"),
            ("LICENSE", ""),
        ]);
        let messages: Vec<String> = check(&tree).into_iter().map(|p| p.message).collect();
        assert_eq!(messages, expect);
    }

    #[test]
    fn links_lead_somewhere() {
        check_one(
            "[b](b.md) [l](../LICENSE) [d](../docs) [w](https://example.org)",
            &[],
        );
        check_one("[b](b.md#one-heading-two)", &[]);
        check_one("[b](c.md)", &["the link c.md leads nowhere"]);
        check_one(
            "[b](b.md#three)",
            &["the link b.md#three names no heading of docs/b.md"],
        );
        check_one(
            "# Here\n[h](#here) [t](#there)",
            &["the link #there names no heading of docs/a.md"],
        );
    }

    #[test]
    fn code_holds_no_links() {
        check_one("`[b](c.md)`\n```\n[b](c.md)\n```\n    [b](c.md)\n", &[]);
    }
}
