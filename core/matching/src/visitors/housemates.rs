//! Which log-ins live together: the truth that links to a household are learned from.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::limits::VISITOR_HOUSEHOLD_LOGINS_MAX;

use super::history::History;
use super::session::Net;

/// Pairs of log-ins that were seen on one home's line in turn: both before and after the other,
/// so that the address cannot have passed from one home to another between them.
#[derive(Debug)]
pub(super) struct Housemates(BTreeSet<(u64, u64)>);

impl Housemates {
    pub fn find(visitors: &BTreeMap<u64, History>) -> Self {
        // Per address and log-in, from when to when.
        let mut lines: BTreeMap<u64, BTreeMap<u64, (i64, i64)>> = BTreeMap::new();
        for history in visitors.values() {
            let Some(login) = history.login else { continue };
            for place in history
                .places
                .iter()
                .filter(|place| place.net == Net::Fixed)
            {
                let stays = lines.entry(place.ip).or_default();
                let stay = stays.entry(login).or_insert((place.first_s, place.last_s));
                *stay = (stay.0.min(place.first_s), stay.1.max(place.last_s));
            }
        }
        let mut pairs = BTreeSet::new();
        for stays in lines
            .values()
            .filter(|stays| stays.len() <= VISITOR_HOUSEHOLD_LOGINS_MAX)
        {
            for (login, stay) in stays {
                for (other, other_stay) in stays.range(login + 1..) {
                    if stay.0 <= other_stay.1 && other_stay.0 <= stay.1 {
                        pairs.insert((*login, *other));
                    }
                }
            }
        }
        Housemates(pairs)
    }

    /// Whether they live together; everybody lives with themselves.
    pub fn are(&self, one: u64, other: u64) -> bool {
        one == other || self.0.contains(&(one.min(other), one.max(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::session;
    use super::super::topics::Topics;
    use super::*;

    fn check(visits: &[(u64, u64, u64)], expect: bool) {
        let mut visitors: BTreeMap<u64, History> = BTreeMap::new();
        for (day, login, ip) in visits {
            let mut session = session(*login, *day as i64 * 86_400);
            (session.login, session.ip, session.net) = (Some(*login), *ip, Net::Fixed);
            match visitors.get_mut(login) {
                Some(history) => history.add(&session, &Topics::default()),
                None => {
                    visitors.insert(*login, History::new(&session, &Topics::default()));
                }
            }
        }
        let housemates = Housemates::find(&visitors);
        assert_eq!(housemates.are(1, 2), expect, "{visits:?}");
        assert_eq!(housemates.are(2, 1), expect);
        assert!(housemates.are(1, 1));
    }

    #[test]
    fn who_takes_turns_on_a_line_lives_together() {
        check(&[(1, 1, 10), (2, 2, 10), (3, 1, 10)], true);
        check(&[(1, 1, 10), (2, 1, 10), (3, 2, 10), (4, 2, 10)], false);
        check(&[(1, 1, 10), (2, 2, 11), (3, 1, 10)], false);
    }

    #[test]
    fn a_line_of_many_log_ins_is_no_home() {
        let max = VISITOR_HOUSEHOLD_LOGINS_MAX as u64;
        let crowd = |logins: u64| -> Vec<(u64, u64, u64)> {
            (0..2)
                .flat_map(|day| (1..=logins).map(move |login| (day, login, 10)))
                .collect()
        };
        check(&crowd(max), true);
        check(&crowd(max + 1), false);
    }
}
