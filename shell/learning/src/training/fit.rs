//! What is trained: from histories, and from the catalog.

use kith_base::{Json, Timestamp, Value, limits};
use kith_engine::query;
use kith_learn::artefact::{About, Artefact};
use kith_learn::choose::{self, Bounds, Chosen, USERS_MIN};
use kith_learn::content::{self, Description};
use kith_learn::interactions::Interactions;
use kith_learn::model::{Model, Part};
use kith_learn::popular;
use kith_runtime::{Handle, memory};

use crate::registry::Error;

/// Rows of the catalog read at once.
const PAGE: usize = 1_000;
/// Share of the work that choosing is; the rest is the last training.
const CHOOSING: f64 = 0.9;

/// What people with like histories touch, with settings chosen on these histories; `tell` hears
/// the share done.
pub fn of_histories(
    histories: &Interactions,
    items: Vec<String>,
    now: Timestamp,
    tell: &mut dyn FnMut(f64),
) -> Result<Artefact, Error> {
    let bounds = Bounds {
        operations: limits::LEARN_CHOICE_OPERATIONS_MAX,
        bytes: memory::available() / 2,
    };
    let chosen = choose::within(histories, bounds, &mut |share| tell(share * CHOOSING))?;
    tell(CHOOSING);
    let parts = vec![(1.0, chosen.spec)];
    let mut model = choose::fit(&parts, histories)?;
    model.parts = model
        .parts
        .into_iter()
        .map(|(weight, part)| (weight, part.served()))
        .collect();
    let about = About {
        histories: histories.users() as u64,
        chosen: words(&chosen),
        parts,
        tried: chosen.tried as u32,
        evaluation: chosen.evaluation,
    };
    Ok(Artefact {
        title: "linear".to_owned(),
        learned_until: now.as_millis(),
        about,
        items,
        model,
    })
}

fn words(chosen: &Chosen) -> String {
    let setting = choose::describe(&[(1.0, chosen.spec)]);
    match chosen.tried {
        0 => format!("{setting}: fewer than {USERS_MIN} histories have three items to choose by"),
        1 => format!("{setting}: there was time for no other setting"),
        tried => format!("{setting}, the best of {tried} settings"),
    }
}

/// What is alike by what the catalog says of it.
pub fn of_catalog(handle: &Handle, now: Timestamp) -> Result<Artefact, Error> {
    let view = handle.view();
    let mut items: Vec<(String, Attributes, String)> = Vec::new();
    let mut after: Option<String> = None;
    while items.len() < limits::LEARN_ITEMS_MAX {
        let page = query::items(&*view.state, after.as_deref(), PAGE)?;
        let Some((last, _)) = page.last() else {
            break;
        };
        after = Some(last.clone());
        for (id, bytes) in page {
            let text = String::from_utf8_lossy(&bytes);
            let item = Json::parse(&text).map_or(Value::Null, |json| json.value());
            let (attributes, text) = described(&item);
            items.push((id, attributes, text));
        }
    }
    drop(view);
    let attributes: Vec<Vec<(&str, &str)>> = items
        .iter()
        .map(|(_, attributes, _)| attributes.iter().map(|(a, b)| (&**a, &**b)).collect())
        .collect();
    let described = items.iter().zip(&attributes);
    let content =
        content::fit(described.map(|((_, _, text), attributes)| Description { attributes, text }));
    let nobody: [&[u32]; 0] = [];
    let popular = popular::fit(&Interactions::from_lists(items.len(), nobody));
    let model = Model::of(Part::Content(content), popular);
    let about = About {
        histories: items.len() as u64,
        chosen: "cosine of TF-IDF over words and attributes".to_owned(),
        ..About::default()
    };
    Ok(Artefact {
        title: "content".to_owned(),
        learned_until: now.as_millis(),
        about,
        items: items.into_iter().map(|(id, ..)| id).collect(),
        model,
    })
}

/// Names and values.
type Attributes = Vec<(String, String)>;

/// Attributes and free text of an item.
fn described(item: &Value) -> (Attributes, String) {
    let mut attributes = Vec::new();
    let mut add = |name: &str, value: &Value| match value {
        Value::Text(text) => attributes.push((name.to_owned(), text.clone())),
        Value::List(list) => {
            let texts = list.iter().filter_map(Value::as_text);
            attributes.extend(texts.map(|text| (name.to_owned(), text.to_owned())));
        }
        _ => {}
    };
    add("category", item.path("categories"));
    add("brand", item.path("brand"));
    if let Value::Map(map) = item.path("attributes") {
        map.iter().for_each(|(name, value)| add(name, value));
    }
    let text = |name: &str| item.path(name).as_text().unwrap_or_default();
    let text = format!("{} {}", text("title"), text("description"));
    (attributes, text)
}
