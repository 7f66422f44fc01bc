//! Recipes: what placements and other recipes name, and circles.

use std::collections::BTreeMap;

use kith_base::limits;

use super::{Problem, Severity};
use crate::{Document, Kind, Recipe, Spec, nearest};

type Recipes<'a> = BTreeMap<&'a str, &'a Recipe>;

/// Recipes that are named and not there, and recipes that fall back on themselves.
pub(super) fn check(all: &[&Document]) -> Vec<Problem> {
    let mut recipes: Recipes<'_> = BTreeMap::new();
    for document in all {
        if let Spec::Recipe(recipe) = &document.spec {
            recipes.insert(&document.id, recipe);
        }
    }
    let mut problems = Vec::new();
    for document in all {
        for (field, named) in references(&document.spec) {
            if recipes.contains_key(named) {
                continue;
            }
            let hint = match nearest(named, recipes.keys().copied()) {
                Some(known) => format!("did you mean {known}?"),
                None => "create it first, or remove it here".to_owned(),
            };
            let message = format!("there is no recipe {named}; {hint}");
            problems.push(problem(document.kind, &document.id, &field, message));
        }
    }
    for id in recipes.keys() {
        if let Some(circle) = circle(id, &recipes) {
            let message = format!("falls back in the circle {}; break it", circle.join(" → "));
            problems.push(problem(Kind::Recipe, id, "spec.fallbacks", message));
        }
    }
    problems
}

fn references(spec: &Spec) -> Vec<(String, &str)> {
    match spec {
        Spec::Placement(placement) => {
            let named = placement.recipe.iter();
            named
                .map(|id| ("spec.recipe".to_owned(), id.as_str()))
                .collect()
        }
        Spec::Recipe(recipe) => {
            let named = recipe.fallbacks.iter().enumerate();
            named
                .map(|(n, id)| (format!("spec.fallbacks[{n}]"), id.as_str()))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The shortest way by which a recipe comes back to itself.
fn circle(id: &str, recipes: &Recipes<'_>) -> Option<Vec<String>> {
    let next = |id: &str| {
        let found = recipes.get(id).into_iter();
        found.flat_map(|recipe| recipe.fallbacks.iter())
    };
    // Breadth first; each recipe is come to once, so that the way ends.
    let mut from: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut waiting: Vec<(&str, Option<&str>)> = next(id).map(|one| (&**one, None)).collect();
    while !waiting.is_empty() && from.len() <= limits::DEFINITIONS_PER_KIND_MAX {
        let mut later = Vec::new();
        for (one, before) in waiting {
            if one == id {
                let mut way = vec![id.to_owned()];
                let mut step = before;
                while let Some(at) = step {
                    way.push(at.to_owned());
                    step = from.get(at).copied().flatten();
                }
                way.push(id.to_owned());
                way.reverse();
                return Some(way);
            }
            if !from.contains_key(one) {
                from.insert(one, before);
                later.extend(next(one).map(|next| (&**next, Some(one))));
            }
        }
        waiting = later;
    }
    None
}

fn problem(kind: Kind, id: &str, field: &str, message: String) -> Problem {
    Problem {
        severity: Severity::Error,
        kind,
        id: id.to_owned(),
        field: field.to_owned(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Json;

    use super::*;

    #[test]
    fn recipes_are_there_and_do_not_go_around() {
        let document = |kind, id: &str, spec: &str| {
            let spec = Json::parse(spec).unwrap();
            Document::new(kind, id.to_owned(), String::new(), &spec).unwrap()
        };
        let recipe = |id: &str, fallbacks: &str| {
            let text =
                format!(r#"{{"ingredients":[{{"model":"popular"}}],"fallbacks":{fallbacks}}}"#);
            document(Kind::Recipe, id, &text)
        };
        let all = [
            recipe("a", r#"["b"]"#),
            recipe("b", r#"["c","a"]"#),
            recipe("c", r#"["gone"]"#),
            recipe("own", r#"["own"]"#),
            document(Kind::Placement, "home", r#"{"type":"items","recipe":"ab"}"#),
        ];
        let problems = crate::check(&all);
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let expect = [
            "placement/home spec.recipe: there is no recipe ab; did you mean a?",
            "recipe/a spec.fallbacks: falls back in the circle a → b → a; break it",
            "recipe/b spec.fallbacks: falls back in the circle b → a → b; break it",
            "recipe/c spec.fallbacks[0]: there is no recipe gone; create it first, or remove it \
             here",
            "recipe/own spec.fallbacks: falls back in the circle own → own; break it",
        ];
        assert_eq!(texts, expect);
    }
}
