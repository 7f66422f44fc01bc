//! Reports on recipes: the score on what was hidden, beside what came of what was shown.

use axum::Json;
use axum::extract::{Path, State};
use kith_base::Timestamp;
use kith_definition::Kind;
use kith_engine::query;
use kith_learning::{Day, Judgement, Offline, Online};
use kith_runtime::View;

use crate::problem::Problem;
use crate::state::AdminState;
use crate::wire::{RecipeDay, RecipeOffline, RecipeOnline, RecipeReport};

const DAY_MILLIS: i64 = 86_400_000;

/// Reports how good a recipe is. What is hidden from it is measured in the background when
/// somebody asks; until then the last measurement is told, or why there is none.
#[utoipa::path(get, path = "/api/v1/recipes/{id}/report", tag = "offers",
    params(("id" = String, Path)), responses((status = 200, body = RecipeReport)))]
pub async fn read_recipe_report(
    State(state): State<AdminState>,
    Path(id): Path<String>,
) -> Result<Json<RecipeReport>, Problem> {
    state
        .walk(move |state, view| report(state, view, id))
        .await
        .map(Json)
}

fn report(state: &AdminState, view: &View, recipe: String) -> Result<RecipeReport, Problem> {
    let found = query::definition(&*view.state, Kind::Recipe.as_str(), &recipe)?;
    let live = found
        .filter(|found| !found.row.archived)
        .ok_or_else(|| Problem::not_found("recipe", &recipe))?;
    let (revision, now) = (live.row.revision, state.now());
    let reports = &state.learning().reports;
    let catalog_items = query::overview(&*view.state, now)?.items;
    let online = online(&reports.online(&recipe), view, catalog_items);
    let judgement = reports.offline(&recipe, revision, now);
    let words = words(judgement.as_ref(), revision);
    let offline = judgement.and_then(|judgement| {
        let offline = judgement.found.ok()?;
        Some(self::offline(offline, judgement.at, catalog_items))
    });
    Ok(RecipeReport {
        recipe,
        offline,
        online,
        catalog_items,
        words,
    })
}

fn words(judgement: Option<&Judgement>, revision: u64) -> String {
    match judgement {
        None => "It is being measured; ask again in a while.".to_owned(),
        Some(judgement) => match &judgement.found {
            Err(words) => words.clone(),
            Ok(_) if judgement.revision == revision => String::new(),
            Ok(_) => format!(
                "Measured of revision {}; revision {revision} is being measured.",
                judgement.revision
            ),
        },
    }
}

fn offline(offline: Offline, at: Timestamp, catalog_items: u64) -> RecipeOffline {
    RecipeOffline {
        evaluated_at: at.into(),
        persons: offline.persons,
        protocol: offline.protocol,
        ndcg_at_10: offline.ndcg_at_10.into(),
        recall_at_10: offline.recall_at_10.into(),
        popular_ndcg_at_10: offline.popular_ndcg_at_10.into(),
        coverage: share(offline.different_items, catalog_items),
        novelty_bits: offline.novelty_bits,
    }
}

fn online(online: &Online, view: &View, catalog_items: u64) -> RecipeOnline {
    let shown = online.items_shown > 0;
    let covered = share(online.different_items(), catalog_items);
    let days = online
        .days
        .iter()
        .map(|(number, day)| of_day(*number, *day));
    RecipeOnline {
        since_at: online.since_at.map(Into::into),
        decisions: online.decisions,
        items_shown: online.items_shown,
        clicked: online.clicked,
        bought: online.bought,
        fallbacks: online.fallbacks,
        click_rate: online.click_rate().map(Into::into),
        purchase_rate: online.purchase_rate().map(Into::into),
        coverage: covered.filter(|_| shown),
        novelty_bits: online.novelty_bits(&view.learned.recommenders.stream),
        days: days.collect(),
    }
}

fn of_day(number: i64, day: Day) -> RecipeDay {
    let begins = Timestamp::from_millis(number * DAY_MILLIS).to_string();
    RecipeDay {
        day: begins.chars().take_while(|one| *one != 'T').collect(),
        items_shown: day.items_shown,
        clicked: day.clicked,
        bought: day.bought,
    }
}

/// Items that are gone from the catalog since may make it more than all.
fn share(items: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| (items as f64 / of as f64).min(1.0))
}
