//! The console's session: a signed cookie, good for 12 hours since its last use.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderValue, header};
use kith_base::{Duration, Timestamp};
use serde::{Deserialize, Serialize};

use super::signer::Signer;

/// Name of the cookie.
pub const COOKIE: &str = "kith_session";

const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// A cookie is written anew when it is older than this, not on every request.
const RENEW_AFTER: Duration = Duration::from_secs(10 * 60);

/// What the cookie says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Id of the session, for signing out.
    pub session_id: String,
    /// Id of the user.
    pub user_id: String,
    /// Revision of the user it was made under: changing the password ends it.
    pub user_revision: u64,
    /// When it was made or renewed.
    pub issued_at: Timestamp,
}

/// Signs and checks cookies, and remembers who signed out.
pub struct Sessions {
    signer: Signer,
    secure: bool,
    signed_out: Mutex<BTreeMap<String, Timestamp>>,
}

impl Sessions {
    /// `secure` marks the cookie for https only.
    pub fn new(key: [u8; 32], secure: bool) -> Self {
        Sessions {
            signer: Signer::new(key, COOKIE),
            secure,
            signed_out: Mutex::default(),
        }
    }

    /// A new session of a user.
    pub fn start(&self, user_id: &str, user_revision: u64, now: Timestamp) -> Session {
        Session {
            session_id: super::random_token(),
            user_id: user_id.to_owned(),
            user_revision,
            issued_at: now,
        }
    }

    /// The session a cookie's value stands for, if it is genuine, fresh and not signed out.
    pub fn check(&self, value: &str, now: Timestamp) -> Option<Session> {
        let session: Session = self.signer.verify(value)?;
        let ended = self
            .signed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let fresh = now < session.issued_at.plus(LIFETIME);
        (fresh && !ended.contains_key(&session.session_id)).then_some(session)
    }

    /// The cookie to renew a session with, once it is due.
    pub fn renewal(&self, session: &Session, now: Timestamp) -> Option<HeaderValue> {
        let due = now.since(session.issued_at) >= RENEW_AFTER;
        due.then(|| {
            self.cookie(&Session {
                issued_at: now,
                ..session.clone()
            })
        })
    }

    /// The cookie of a session.
    pub fn cookie(&self, session: &Session) -> HeaderValue {
        let max_age_s = LIFETIME.as_millis() / 1_000;
        self.set_cookie(&self.signer.sign(session), max_age_s)
    }

    /// Ends a session, and answers the cookie that clears it.
    pub fn end(&self, session: Option<Session>, now: Timestamp) -> HeaderValue {
        let mut ended = self
            .signed_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        ended.retain(|_, until| now < *until);
        if let Some(session) = session {
            ended.insert(session.session_id, now.plus(LIFETIME));
        }
        self.set_cookie("", 0)
    }

    fn set_cookie(&self, value: &str, max_age_s: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!(
            "{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}"
        );
        HeaderValue::from_str(&cookie).expect("base64 is printable")
    }
}

/// The session's cookie among those of a request.
pub fn read_cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::ZERO.plus(Duration::from_secs(hours * 3_600))
    }

    fn value(cookie: &HeaderValue) -> String {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap();
        pair.split_once('=').unwrap().1.to_owned()
    }

    #[test]
    fn a_session_lives_twelve_hours_from_its_last_renewal() {
        let sessions = Sessions::new([7; 32], true);
        let session = sessions.start("u1", 1, at(0));
        let cookie = sessions.cookie(&session);
        assert!(
            cookie
                .to_str()
                .unwrap()
                .ends_with("SameSite=Strict; Max-Age=43200; Secure")
        );
        assert_eq!(
            sessions.check(&value(&cookie), at(11)),
            Some(session.clone())
        );
        assert_eq!(sessions.check(&value(&cookie), at(12)), None);
        assert_eq!(sessions.renewal(&session, at(0)), None);
        let renewed = sessions.renewal(&session, at(11)).unwrap();
        assert!(sessions.check(&value(&renewed), at(22)).is_some());
    }

    #[test]
    fn forged_and_ended_sessions_are_refused() {
        let sessions = Sessions::new([7; 32], false);
        let session = sessions.start("u1", 1, at(0));
        let genuine = value(&sessions.cookie(&session));
        let forged = value(&Sessions::new([8; 32], false).cookie(&session));
        assert_eq!(sessions.check(&forged, at(0)), None);
        assert_eq!(
            sessions.check(genuine.split('.').next().unwrap(), at(0)),
            None
        );
        sessions.end(sessions.check(&genuine, at(0)), at(0));
        assert_eq!(sessions.check(&genuine, at(0)), None);
    }
}
