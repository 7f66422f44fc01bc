//! Audiences that ask about each other.

use std::collections::BTreeMap;

use crate::{Expr, FactKey};

/// A circle of audiences that each ask for the next one, ending where it began; `None` when
/// there is none. `rules` are audiences by id; ids that are not among them lead nowhere.
/// Depth first, O(audiences + references).
pub fn audience_cycle<'a>(
    rules: impl IntoIterator<Item = (&'a str, &'a Expr)>,
) -> Option<Vec<String>> {
    let references = |expr: &'a Expr| {
        let asked = expr.facts().filter_map(FactKey::audience);
        asked.collect::<Vec<&str>>()
    };
    let graph: BTreeMap<&str, Vec<&str>> = rules
        .into_iter()
        .map(|(id, expr)| (id, references(expr)))
        .collect();
    // Finished audiences lead into no circle.
    let mut finished: BTreeMap<&str, bool> = BTreeMap::new();
    for start in graph.keys() {
        if finished.contains_key(start) {
            continue;
        }
        let mut path: Vec<(&str, usize)> = vec![(start, 0)];
        finished.insert(start, false);
        while let Some((id, next)) = path.last_mut() {
            let Some(asked) = graph.get(id).and_then(|asked| asked.get(*next)) else {
                finished.insert(id, true);
                path.pop();
                continue;
            };
            *next += 1;
            match finished.get(asked) {
                Some(true) => {}
                None => {
                    finished.insert(asked, false);
                    path.push((asked, 0));
                }
                Some(false) => {
                    let ids = path.iter().map(|(id, _)| *id);
                    let circle = ids.skip_while(|id| id != asked).chain([*asked]);
                    return Some(circle.map(str::to_owned).collect());
                }
            }
        }
    }
    None
}
