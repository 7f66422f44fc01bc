//! What a site has seen on the whole: how common each value, item, hour and address is.

use std::collections::{BTreeMap, VecDeque};

use kith_base::limits::{VISITOR_IDS_PER_ADDRESS_MAX, VISITOR_KEYS_MAX, VISITOR_VALUES_MAX};

use super::session::Session;
use super::topics::Topics;

/// Counts over all consenting visitors.
#[derive(Clone, Debug, Default)]
pub(super) struct Site {
    visitors: u32,
    sessions: u32,
    views: u32,
    values: BTreeMap<(Part, u64), u32>,
    items: BTreeMap<u32, u32>,
    hours: [u32; 24],
    pub topics: Topics,
    topic_views: BTreeMap<u16, u32>,
    /// Visitor ids of an address or a network with the time they were last there, newest last.
    addresses: BTreeMap<u64, VecDeque<(u64, i64)>>,
}

/// What is counted of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Os,
    Model,
    Screen,
    Browser,
    Language,
    Whole,
}

impl Site {
    pub fn add(&mut self, session: &Session, new: bool) {
        if new {
            self.visitors += 1;
            let device = &session.device;
            for (part, value) in [
                (Part::Os, device.os),
                (Part::Model, device.model),
                (Part::Screen, device.screen),
                (Part::Browser, device.browser),
                (Part::Language, device.language),
                (Part::Whole, device.signature()),
            ] {
                let value = (part, value);
                if self.values.len() < VISITOR_VALUES_MAX || self.values.contains_key(&value) {
                    *self.values.entry(value).or_default() += 1;
                }
            }
        }
        self.sessions += 1;
        self.hours[session.hour()] += 1;
        for item in &session.items {
            self.views += 1;
            if self.items.len() < VISITOR_VALUES_MAX || self.items.contains_key(item) {
                *self.items.entry(*item).or_default() += 1;
            }
            if let Some(topic) = self.topics.get(*item) {
                *self.topic_views.entry(topic).or_default() += 1;
            }
        }
        self.add_address(session.ip, session);
        if session.network != session.ip {
            self.add_address(session.network, session);
        }
    }

    fn add_address(&mut self, address: u64, session: &Session) {
        if self.addresses.len() >= VISITOR_KEYS_MAX && !self.addresses.contains_key(&address) {
            return;
        }
        let ids = self.addresses.entry(address).or_default();
        ids.retain(|(id, _)| *id != session.visitor);
        ids.push_back((session.visitor, session.at_s));
        if ids.len() > VISITOR_IDS_PER_ADDRESS_MAX {
            ids.pop_front();
        }
    }

    /// Takes other topics and counts their views anew.
    pub fn set_topics(&mut self, topics: Topics) {
        self.topics = topics;
        self.topic_views.clear();
        for (item, views) in &self.items {
            if let Some(topic) = self.topics.get(*item) {
                *self.topic_views.entry(topic).or_default() += views;
            }
        }
    }

    /// Forgets that an id was at these addresses.
    pub fn remove(&mut self, visitor: u64, addresses: impl Iterator<Item = u64>) {
        for address in addresses {
            if let Some(ids) = self.addresses.get_mut(&address) {
                ids.retain(|(id, _)| *id != visitor);
                if ids.is_empty() {
                    self.addresses.remove(&address);
                }
            }
        }
    }

    /// Whether an id is known at any address.
    #[cfg(test)]
    pub fn knows(&self, visitor: u64) -> bool {
        self.addresses
            .values()
            .flatten()
            .any(|(id, _)| *id == visitor)
    }

    /// Different ids seen on an address or network.
    pub fn ids_since(&self, address: u64, since_s: i64) -> usize {
        let ids = self.addresses.get(&address);
        ids.map_or(0, |ids| {
            ids.iter()
                .rev()
                .take_while(|(_, at_s)| *at_s >= since_s)
                .count()
        })
    }

    /// Share of visitors with a value; never 0.
    pub fn share(&self, part: Part, value: u64) -> f32 {
        let count = self.values.get(&(part, value)).copied().unwrap_or(0);
        (count as f32 + 1.0) / (self.visitors as f32 + 2.0)
    }

    /// Share of views of an item; never 0.
    pub fn item_share(&self, item: u32) -> f32 {
        let views = self.items.get(&item).copied().unwrap_or(0);
        (views as f32 + 1.0) / (self.views as f32 + 100.0)
    }

    /// Share of views of a topic; never 0.
    pub fn topic_share(&self, topic: u16) -> f32 {
        let views = self.topic_views.get(&topic).copied().unwrap_or(0);
        (views as f32 + 1.0) / (self.views as f32 + 64.0)
    }

    /// Share of sessions in an hour of the day; never 0.
    pub fn hour_share(&self, hour: usize) -> f32 {
        (self.hours[hour] as f32 + 1.0) / (self.sessions as f32 + 24.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::*;

    #[test]
    fn an_address_counts_its_newest_ids() {
        let mut site = Site::default();
        let most = VISITOR_IDS_PER_ADDRESS_MAX as u64;
        for visitor in 0..=most {
            let mut seen = session(visitor, visitor as i64);
            seen.ip = 5;
            site.add(&seen, true);
            assert_eq!(site.ids_since(5, 0), (visitor + 1).min(most) as usize);
        }
        assert_eq!(site.ids_since(5, most as i64 - 9), 10);
        assert_eq!(site.ids_since(6, 0), 0);
    }
}
