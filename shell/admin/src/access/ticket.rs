//! Sign-in links: good once, for ten minutes.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use kith_base::{Digest, Duration, Timestamp, digest};

const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Tickets that may wait at one time; beyond it the oldest goes.
const TICKETS_MAX: usize = 100;

/// Tickets that wait to be used, by the hash of their token.
#[derive(Default)]
pub struct Tickets(Mutex<BTreeMap<Digest, Ticket>>);

struct Ticket {
    user_id: String,
    until: Timestamp,
}

impl Tickets {
    /// Makes one for a user and answers its token.
    pub fn issue(&self, user_id: &str, now: Timestamp) -> String {
        let token = super::random_token();
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| now < ticket.until);
        if tickets.len() >= TICKETS_MAX {
            let oldest = tickets.iter().min_by_key(|(_, ticket)| ticket.until);
            if let Some(oldest) = oldest.map(|(hash, _)| *hash) {
                tickets.remove(&oldest);
            }
        }
        let ticket = Ticket {
            user_id: user_id.to_owned(),
            until: now.plus(LIFETIME),
        };
        tickets.insert(hash(&token), ticket);
        token
    }

    /// Uses one up and answers its user. Looking up a hash tells nothing about the token, so no
    /// comparison in constant time is needed.
    pub fn redeem(&self, token: &str, now: Timestamp) -> Option<String> {
        let ticket = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&hash(token))?;
        (now < ticket.until).then_some(ticket.user_id)
    }
}

fn hash(token: &str) -> Digest {
    digest("sign-in", &[token.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_ten_minutes() {
        let tickets = Tickets::default();
        let at = |seconds| Timestamp::ZERO.plus(Duration::from_secs(seconds));
        let (first, second) = (tickets.issue("u1", at(0)), tickets.issue("u1", at(0)));
        assert_eq!(tickets.redeem(&first, at(599)), Some("u1".to_owned()));
        assert_eq!(tickets.redeem(&first, at(599)), None);
        assert_eq!(tickets.redeem(&second, at(600)), None);
        assert_eq!(tickets.redeem("guess", at(0)), None);
    }
}
