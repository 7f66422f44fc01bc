//! One rule in all its forms: text, tree, words, mistakes, oddities.

use kith_base::Json;
use kith_rule::{Error, Expr, Lint, LintKind, Received, Schema, lint};

use crate::wire::{RuleError, RuleForms, RuleInput, RuleKind, RuleLint, RuleLintKind};

/// Reads a rule from whichever form is given.
pub fn read(input: &RuleInput, schema: &Schema, received: &Received) -> RuleForms {
    match (&input.text, &input.tree) {
        (Some(text), _) => of_text(text, input.kind, schema, received),
        (None, Some(tree)) => of_tree(tree, input.kind, schema, received),
        (None, None) => of_text("", input.kind, schema, received),
    }
}

/// Reads a rule from its text.
pub fn of_text(text: &str, kind: RuleKind, schema: &Schema, received: &Received) -> RuleForms {
    let mut forms = RuleForms {
        text: Some(text.to_owned()),
        tree: None,
        in_words: None,
        errors: Vec::new(),
        lint: Vec::new(),
    };
    match Expr::parse(text) {
        Err(found) => forms.errors.push(error(&found)),
        Ok(expr) => {
            forms.tree = tree(&expr);
            forms.in_words = Some(expr.in_words());
            let errors = match kind {
                RuleKind::Audience => expr.check_for_audience(schema),
                RuleKind::Offer => expr.check(schema),
            };
            forms.errors = errors.iter().map(error).collect();
            if forms.errors.is_empty() {
                forms.lint = lint(&expr, schema, received).iter().map(oddity).collect();
            }
        }
    }
    forms
}

fn of_tree(
    tree: &serde_json::Value,
    kind: RuleKind,
    schema: &Schema,
    received: &Received,
) -> RuleForms {
    let value = Json::from_serialize(tree).map(|json| json.value());
    let expr = value
        .map_err(|error| error.to_string())
        .and_then(|value| Expr::from_tree(&value).map_err(|error| error.to_string()));
    match expr {
        // Through the text, so that places are those of the text that is answered.
        Ok(expr) => of_text(&expr.to_string(), kind, schema, received),
        Err(message) => RuleForms {
            text: None,
            tree: Some(tree.clone()),
            in_words: None,
            errors: vec![RuleError {
                message,
                fix: String::new(),
                offset: 0,
                line: 0,
                column: 0,
            }],
            lint: Vec::new(),
        },
    }
}

/// A rule as a tree.
pub fn tree(expr: &Expr) -> Option<serde_json::Value> {
    serde_json::to_value(expr.to_tree()).ok()
}

fn error(error: &Error) -> RuleError {
    RuleError {
        message: error.message.clone(),
        fix: error.fix.clone(),
        offset: error.at.offset,
        line: error.at.line,
        column: error.at.column,
    }
}

fn oddity(lint: &Lint) -> RuleLint {
    RuleLint {
        kind: match lint.kind {
            LintKind::AlwaysTrue => RuleLintKind::AlwaysTrue,
            LintKind::NeverTrue => RuleLintKind::NeverTrue,
            LintKind::Shadowed(_) => RuleLintKind::Shadowed,
            LintKind::EventNeverSeen => RuleLintKind::EventNeverSeen,
            LintKind::TraitNeverSeen => RuleLintKind::TraitNeverSeen,
        },
        part: lint.part.clone(),
        message: lint.message.clone(),
        fix: lint.fix.clone(),
        offset: lint.at.offset,
        line: lint.at.line,
        column: lint.at.column,
    }
}
