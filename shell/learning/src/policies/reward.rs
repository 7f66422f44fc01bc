//! Which events are rewards, and what they say.

use kith_base::{Timestamp, Value, limits};
use kith_definition::Learning;
use kith_event::Event;
use kith_rule::{CompiledFilter, FactKey, Facts, Filter};

/// What a reward is in one placement.
pub(super) struct Reward {
    filter: Filter,
    compiled: CompiledFilter,
}

/// What an event says about its reward.
pub(super) struct Told {
    pub decision_id: Option<String>,
    pub placement: Option<String>,
    pub choice_id: Option<String>,
    /// 1 when it says nothing.
    pub reward: f64,
}

impl Told {
    pub fn of(event: &Event) -> Self {
        let properties = event.properties.value();
        let text = |name: &str| properties.path(name).as_text().map(str::to_owned);
        let reward = match properties.path("reward") {
            Value::Null => 1.0,
            Value::Text(text) => text.trim().parse().unwrap_or(f64::NAN),
            other => other.as_number().unwrap_or(f64::NAN),
        };
        let decision_id = text("decision_id");
        Told {
            // Another event may call something else by these names.
            placement: text("placement").filter(|_| decision_id.is_some()),
            choice_id: text("choice_id").filter(|_| decision_id.is_some()),
            decision_id,
            reward,
        }
    }
}

impl Reward {
    /// Of an order, one line has to meet the condition, as in features.
    pub fn is_meant(&self, event: &Event) -> bool {
        if !self.filter.events.include(event.kind, &event.name) {
            return false;
        }
        if self.filter.condition.is_none() {
            return true;
        }
        let (properties, context) = (event.properties.value(), event.context.value());
        let case = |line| OfEvent {
            properties: &properties,
            context: &context,
            line,
        };
        let matches = |case: OfEvent<'_>| self.compiled.matches(&case, event.occurred_at);
        match properties.path("products") {
            Value::List(lines) if !lines.is_empty() => {
                let mut lines = lines.iter().take(limits::PRODUCTS_PER_EVENT_MAX);
                lines.any(|line| matches(case(Some(line))))
            }
            _ => matches(case(None)),
        }
    }
}

/// What a condition may ask of an event.
struct OfEvent<'a> {
    properties: &'a Value,
    context: &'a Value,
    line: Option<&'a Value>,
}

impl Facts for OfEvent<'_> {
    fn fact(&self, key: &FactKey, _: Timestamp) -> Value {
        match key {
            FactKey::Property(path) => {
                let of_line = self.line.map(|line| path.follow(line));
                let of_line = of_line.filter(|value| !value.is_null());
                of_line
                    .unwrap_or_else(|| path.follow(self.properties))
                    .clone()
            }
            FactKey::Context(path) => path.follow(self.context).clone(),
            _ => Value::Null,
        }
    }
}

pub(super) fn reward(learning: &Learning) -> Option<Reward> {
    let filter = Filter::parse(&learning.reward).ok()?;
    Some(Reward {
        compiled: filter.compile(),
        filter,
    })
}
