//! What is known of one visitor id: its device, places, hours and items, each within bounds.

use std::collections::BTreeSet;

use kith_base::limits::{VISITOR_FOLLOWERS_MAX, VISITOR_ITEMS_MAX, VISITOR_PLACES_MAX};

use super::session::{Device, NETS, Net, Session};
use super::topics::{Topics, Views};

/// The sessions of one visitor id, summed up.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub first_s: i64,
    pub last_s: i64,
    pub sessions: u32,
    /// As of the newest session.
    pub device: Device,
    pub major: u16,
    /// The newest last.
    pub places: Vec<Place>,
    /// Items with their number of views, the newest last.
    pub items: Vec<(u32, u16)>,
    /// Views of any item, also of items that were dropped.
    pub views: u32,
    /// Views per topic, among the items kept.
    pub topics: Views,
    /// Sessions that ended in each hour of the day.
    pub hours: [u16; 24],
    /// Sessions on each kind of line.
    pub nets: [u16; NETS],
    pub login: Option<u64>,
    /// Sessions since the first log-in, and those of them with a log-in.
    pub after_login: (u32, u32),
    /// Two persons logged in under this id: it is a device, not a person.
    pub shared: bool,
    /// The earlier ids that this one was linked to, by level.
    pub person: Option<Linked>,
    pub household: Option<Linked>,
    pub shared_device: Option<Linked>,
    /// Later ids that were surely linked to this one and when, the newest last.
    pub followers: Vec<(u64, i64)>,
}

/// A link to an earlier id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linked {
    pub earlier: u64,
    pub confidence: f32,
}

/// One address that a visitor came from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub ip: u64,
    pub network: u64,
    pub net: Net,
    pub first_s: i64,
    pub last_s: i64,
    pub sessions: u16,
}

impl History {
    pub fn new(session: &Session, topics: &Topics) -> Self {
        let mut history = History {
            first_s: session.at_s,
            last_s: session.at_s,
            sessions: 0,
            device: session.device,
            major: session.major,
            places: Vec::new(),
            items: Vec::new(),
            views: 0,
            topics: Views::new(),
            hours: [0; 24],
            nets: [0; NETS],
            login: None,
            after_login: (0, 0),
            shared: false,
            person: None,
            household: None,
            shared_device: None,
            followers: Vec::new(),
        };
        history.add(session, topics);
        history
    }

    pub fn add(&mut self, session: &Session, topics: &Topics) {
        self.last_s = self.last_s.max(session.at_s);
        self.sessions = self.sessions.saturating_add(1);
        self.device = session.device;
        self.major = session.major;
        let hour = &mut self.hours[session.hour()];
        *hour = hour.saturating_add(1);
        let net = &mut self.nets[session.net as usize];
        *net = net.saturating_add(1);
        self.add_login(session.login);
        self.add_place(session);
        self.add_items(&session.items, topics);
    }

    fn add_login(&mut self, login: Option<u64>) {
        if self.login.is_some() {
            self.after_login.0 = self.after_login.0.saturating_add(1);
            self.after_login.1 = self
                .after_login
                .1
                .saturating_add(u32::from(login.is_some()));
        }
        self.shared |= matches!((self.login, login), (Some(known), Some(new)) if known != new);
        self.login = self.login.or(login);
    }

    fn add_place(&mut self, session: &Session) {
        let known = self.places.iter().position(|place| place.ip == session.ip);
        let mut place = match known {
            Some(index) => self.places.remove(index),
            None => Place {
                ip: session.ip,
                network: session.network,
                net: session.net,
                first_s: session.at_s,
                last_s: session.at_s,
                sessions: 0,
            },
        };
        place.last_s = session.at_s;
        place.sessions = place.sessions.saturating_add(1);
        self.places.push(place);
        if self.places.len() > VISITOR_PLACES_MAX {
            self.places.remove(0);
        }
    }

    fn add_items(&mut self, items: &[u32], topics: &Topics) {
        for item in items {
            self.views = self.views.saturating_add(1);
            let known = self.items.iter().position(|(known, _)| known == item);
            let views = known.map_or(0, |place| self.items.remove(place).1);
            self.items.push((*item, views.saturating_add(1)));
        }
        let over = self.items.len().saturating_sub(VISITOR_ITEMS_MAX);
        self.items.drain(..over);
        self.count_topics(topics);
    }

    /// Counts the topics anew, as when other topics were found.
    pub fn count_topics(&mut self, topics: &Topics) {
        self.topics = topics.count(self.items.iter().copied());
    }

    /// Its links of every level.
    pub fn links(&self) -> impl Iterator<Item = Linked> {
        [self.person, self.household, self.shared_device]
            .into_iter()
            .flatten()
    }

    /// Drops and returns all links to these ids.
    pub fn unlink(&mut self, ids: &BTreeSet<u64>) -> impl Iterator<Item = Linked> {
        self.followers.retain(|(id, _)| !ids.contains(id));
        let levels = [
            &mut self.person,
            &mut self.household,
            &mut self.shared_device,
        ];
        levels
            .map(|level| level.take_if(|link| ids.contains(&link.earlier)))
            .into_iter()
            .flatten()
    }

    pub fn follow(&mut self, later: u64, at_s: i64) {
        self.followers.push((later, at_s));
        if self.followers.len() > VISITOR_FOLLOWERS_MAX {
            self.followers.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::*;

    #[test]
    fn the_newest_places_items_and_followers_are_kept() {
        let topics = Topics::default();
        let mut first = session(1, 0);
        first.items = Vec::new();
        let mut history = History::new(&first, &topics);
        let at_most = |history: &History| {
            (
                history.places.len(),
                history.items.len(),
                history.followers.len(),
            )
        };
        let limits = (VISITOR_PLACES_MAX, VISITOR_ITEMS_MAX, VISITOR_FOLLOWERS_MAX);
        let most = limits.0.max(limits.1).max(limits.2);
        for n in 1..=most {
            let mut next = session(1, n as i64);
            (next.ip, next.items) = (n as u64, vec![n as u32]);
            history.add(&next, &topics);
            history.follow(n as u64, n as i64);
            let kept = |limit: usize, before: usize| (n + before).min(limit);
            assert_eq!(
                at_most(&history),
                (kept(limits.0, 1), kept(limits.1, 0), kept(limits.2, 0))
            );
        }
        assert_eq!(
            history.places.last().map(|place| place.ip),
            Some(most as u64)
        );
        assert_eq!(history.views as usize, most);
    }
}
