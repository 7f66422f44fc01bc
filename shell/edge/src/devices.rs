//! Classified user agents, remembered: a few thousand make up nearly all traffic.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use kith_event::enrich::{Device, Facts};

/// Most devices remembered; beyond it all are forgotten, which is rare and costs little.
const DEVICES_MAX: usize = 8_192;

/// Longest user agent with its hints that is remembered.
const KEY_MAX_BYTES: usize = 1_024;

#[derive(Default)]
pub(crate) struct Devices(RwLock<HashMap<String, Arc<Device>>>);

impl Devices {
    /// The device behind an event.
    pub(crate) fn of(&self, facts: &Facts<'_>) -> Arc<Device> {
        let hints = &facts.hints;
        let mobile = if hints.mobile { "1" } else { "0" };
        let parts = [&*facts.user_agent, &hints.brands, &hints.platform, mobile];
        if parts.iter().map(|part| part.len()).sum::<usize>() > KEY_MAX_BYTES {
            return Arc::new(Device::read(&facts.user_agent, hints));
        }
        let key = parts.join("\n");
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(device) = known.get(&key) {
            return Arc::clone(device);
        }
        drop(known);
        let device = Arc::new(Device::read(&facts.user_agent, hints));
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= DEVICES_MAX {
            known.clear();
        }
        known.insert(key, Arc::clone(&device));
        device
    }
}
