//! The network that somebody was last seen in.

use kith_base::{Json, Network};
use kith_event::Event;
use serde::Deserialize;

use crate::{Fold, Latest, Stamp};

impl Fold {
    /// Keeps the coarse network that an event came from; true when that is another one now.
    pub fn add_network(&mut self, event: &Event) -> bool {
        let Some(network) = network(&event.context) else {
            return false;
        };
        let told = |slot: &Option<Latest<String>>| slot.as_ref().map(|held| held.value.clone());
        let before = told(&self.network);
        Latest::offer_text(&mut self.network, Stamp::of(event), &network.to_string());
        told(&self.network) != before
    }
}

/// The coarse network of `context.ip`, which is kept as far as the source's policy allows.
fn network(context: &Json) -> Option<Network> {
    #[derive(Deserialize)]
    struct Sent {
        ip: Option<String>,
    }
    let sent = context
        .as_str()
        .contains("\"ip\"")
        .then(|| context.read::<Sent>())?;
    let address = sent.ok()?.ip?.parse().ok()?;
    Some(Network::coarse(address))
}
