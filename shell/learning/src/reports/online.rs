//! What came of the items that recipes showed: a fold of the log, made again after a restart.
//!
//! A click names its decision, as the tag reports it. A purchase counts for the latest decision of
//! each recipe that showed the item to this person within the window before. Each item of a
//! decision counts once, however often it is clicked or bought, on the day it was shown.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Duration, NodeId, Timestamp, limits};
use kith_definition::{Kind, Placement};
use kith_engine::Stream;
use kith_engine::decide::Shown as Decision;
use kith_event::{Commerce, DecisionTaken, DefinitionChange, Event, Record};
use kith_identity::Rules;
use kith_learn::interval::{Estimate, wilson};

use crate::open::{Came, Open, OpenDecision, nodes, rules};

/// A purchase counts so long after the item was shown, a click too.
const WINDOW: Duration = Duration::from_days(7);
/// Events that name a decision and are clicks.
const CLICKS: [&str; 2] = ["Decision Clicked", "Product Clicked"];
/// The event that is a purchase.
const PURCHASE: &str = "Order Completed";

/// What came of what a recipe showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Online {
    /// The first decision counted.
    pub since_at: Option<Timestamp>,
    /// Decisions taken with the recipe.
    pub decisions: u64,
    /// Those of them that showed the placement's fallback.
    pub fallbacks: u64,
    /// Items shown, over all decisions.
    pub items_shown: u64,
    /// Those of them that were clicked.
    pub clicked: u64,
    /// Those of them that were bought.
    pub bought: u64,
    /// By day since 1970 in UTC, the latest.
    pub days: BTreeMap<i64, Day>,
    /// How often each item was shown, up to a number of items.
    items: BTreeMap<String, u64>,
}

/// What came of what was shown on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// Items shown.
    pub items_shown: u64,
    /// Those of them that were clicked.
    pub clicked: u64,
    /// Those of them that were bought.
    pub bought: u64,
}

impl Online {
    /// Different items that were shown.
    pub fn different_items(&self) -> u64 {
        self.items.len() as u64
    }

    /// Share of the items shown that were clicked.
    pub fn click_rate(&self) -> Option<Estimate> {
        wilson(self.clicked, self.items_shown)
    }

    /// Share of the items shown that were bought.
    pub fn purchase_rate(&self) -> Option<Estimate> {
        wilson(self.bought, self.items_shown)
    }

    /// How surprising what was shown is on average, in bits.
    pub fn novelty_bits(&self, stream: &Stream) -> Option<f64> {
        let (mut sum, mut count) = (0.0, 0);
        for (item, shown) in &self.items {
            sum += stream.surprise_bits(item)? * *shown as f64;
            count += shown;
        }
        (count > 0).then(|| sum / count as f64)
    }

    /// The figures of a day; `None` of one before those that are told.
    fn day(&mut self, at: Timestamp) -> Option<&mut Day> {
        let day = at.day();
        if self.days.len() >= limits::RECIPE_DAYS_MAX && !self.days.contains_key(&day) {
            let first = *self.days.first_key_value()?.0;
            if day < first {
                return None;
            }
            self.days.remove(&first);
        }
        Some(self.days.entry(day).or_default())
    }

    fn show(&mut self, taken: &DecisionTaken, decision: &Decision) {
        self.since_at = Some(self.since_at.map_or(taken.at, |at| at.min(taken.at)));
        self.decisions += 1;
        self.fallbacks += u64::from(decision.fallback);
        let count = decision.items.len() as u64;
        self.items_shown += count;
        if let Some(day) = self.day(taken.at) {
            day.items_shown += count;
        }
        for item in &decision.items {
            let full = self.items.len() >= limits::RECIPE_SHOWN_ITEMS_MAX;
            if !full || self.items.contains_key(item) {
                *self.items.entry(item.clone()).or_default() += 1;
            }
        }
    }

    fn come(&mut self, came: Came, shown_at: Timestamp) {
        let (clicked, bought) = match came {
            Came::Clicked => (1, 0),
            Came::Bought => (0, 1),
        };
        self.clicked += clicked;
        self.bought += bought;
        if let Some(day) = self.day(shown_at) {
            day.clicked += clicked;
            day.bought += bought;
        }
    }
}

/// The fold.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The recipe of each placement that has one.
    placements: BTreeMap<String, String>,
    identity: Rules,
    open: Open,
    recipes: BTreeMap<String, Online>,
}

impl Shown {
    pub fn recipe(&self, id: &str) -> Option<&Online> {
        self.recipes.get(id)
    }

    /// The next record.
    pub fn fold(&mut self, record: &Record) {
        match record {
            Record::Definition(change) => self.define(change),
            Record::Definitions(changes) => changes.iter().for_each(|one| self.define(one)),
            Record::Decision(taken) => self.decided(taken),
            Record::Event(event) if !self.recipes.is_empty() => self.happened(event),
            Record::Tick(at) => self.open.close(*at),
            _ => {}
        }
    }

    fn define(&mut self, change: &DefinitionChange) {
        if change.kind == Kind::Identity.as_str() {
            let text = (!change.archived).then(|| change.spec.as_str());
            self.identity = text.and_then(rules).unwrap_or_default();
        }
        if change.kind != Kind::Placement.as_str() {
            return;
        }
        let spec = Placement::parse(&change.spec).ok();
        let recipe = spec.and_then(|spec| spec.recipe);
        match recipe.filter(|_| !change.archived) {
            Some(recipe) => self.placements.insert(change.id.clone(), recipe),
            None => self.placements.remove(&change.id),
        };
    }

    fn decided(&mut self, taken: &DecisionTaken) {
        self.open.close(taken.at);
        let Some(of_placement) = self.placements.get(&taken.placement) else {
            return;
        };
        let Some(decision) = Decision::read(taken) else {
            return;
        };
        let recipe = decision.recipe.as_ref().unwrap_or(of_placement).clone();
        let full = self.recipes.len() >= limits::RECIPE_REPORTS_MAX;
        if full && !self.recipes.contains_key(&recipe) {
            return;
        }
        let online = self.recipes.entry(recipe.clone()).or_default();
        online.show(taken, &decision);
        if decision.items.is_empty() {
            return;
        }
        let times = (taken.at, taken.at.plus(WINDOW));
        let open = OpenDecision::new(&taken.decision_id, &recipe, times, decision.items);
        self.open.keep(limits::RECIPE_OPEN_MAX - 1);
        let nodes = nodes(&self.identity, &taken.identifiers);
        self.open.open(open, &nodes);
    }

    fn happened(&mut self, event: &Event) {
        self.open.close(event.received_at);
        let nodes = nodes(&self.identity, &event.identifiers);
        self.open.link(&nodes);
        if CLICKS.contains(&event.name.as_str()) {
            self.clicked(event);
        } else if event.name == PURCHASE {
            self.bought(event, &nodes);
        }
    }

    fn clicked(&mut self, event: &Event) {
        let properties = event.properties.value();
        let text = |name: &str| properties.path(name).as_text();
        let Some(open) = text("decision_id").and_then(|id| self.open.get_mut(id)) else {
            return;
        };
        let item = text("choice_id").or_else(|| text("product_id"));
        let place = match item {
            Some(item) => open.offers.iter().position(|shown| shown == item),
            // Of a decision that shows one item it need not be said.
            None => (open.offers.len() == 1).then_some(0),
        };
        let Some(place) = place else { return };
        if open.came.insert((place as u32, Came::Clicked)) {
            let (recipe, at) = (open.placement.clone(), open.at);
            self.come(&recipe, Came::Clicked, at);
        }
    }

    fn bought(&mut self, event: &Event, nodes: &[NodeId]) {
        let slack = Duration::from_secs(limits::CLOCK_AHEAD_MAX_S);
        let by = event.occurred_at.plus(slack);
        let commerce = Commerce::read(&event.properties);
        let lines = commerce.lines().iter();
        let items: BTreeSet<&str> = lines.filter_map(|line| line.item_id.as_deref()).collect();
        let mut found: Vec<(String, usize)> = Vec::new();
        for item in items {
            let mut recipes: BTreeSet<&str> = BTreeSet::new();
            for open in self.open.of_nodes(nodes) {
                let place = open.offers.iter().position(|shown| shown == item);
                if let Some(place) = place.filter(|_| open.at <= by)
                    && recipes.insert(&open.placement)
                {
                    found.push((open.decision_id.clone(), place));
                }
            }
        }
        for (decision, place) in found {
            let Some(open) = self.open.get_mut(&decision) else {
                continue;
            };
            if open.came.insert((place as u32, Came::Bought)) {
                let (recipe, at) = (open.placement.clone(), open.at);
                self.come(&recipe, Came::Bought, at);
            }
        }
    }

    fn come(&mut self, recipe: &str, came: Came, shown_at: Timestamp) {
        if let Some(online) = self.recipes.get_mut(recipe) {
            online.come(came, shown_at);
        }
    }
}
