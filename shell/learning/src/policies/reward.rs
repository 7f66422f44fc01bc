//! Which events are rewards, and what they say.

use kith_base::Value;
use kith_definition::Learning;
use kith_event::Event;
use kith_rule::{CompiledFilter, Filter};

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

/// Which events are rewards in one placement.
pub(super) fn reward(learning: &Learning) -> Option<CompiledFilter> {
    let filter = Filter::parse(&learning.reward).ok()?;
    Some(filter.compile())
}
