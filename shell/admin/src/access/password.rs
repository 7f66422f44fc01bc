//! Passwords: argon2id, off the request threads, a few at a time.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::problem::{self, Problem};

/// Hashes at work at one time: each takes 19 MiB and a core for some 30 ms.
const AT_ONCE: usize = 2;

/// Shortest password, in characters.
pub const PASSWORD_MIN_CHARS: usize = 10;
/// Longest password, in bytes.
pub const PASSWORD_MAX_BYTES: usize = 1_024;

/// Hash of nobody's password, verified when the account is unknown so that the answer takes as
/// long as for a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$cmFuZG9tIHNhbHQgMDA$\
    KbHC5W0eKpDtWhZq4oNCwsJKP4kWjmYPVr2Jk6VYZZ0";

/// Hashes and verifies.
pub struct Passwords {
    permits: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Passwords {
            permits: Semaphore::new(AT_ONCE),
        }
    }
}

impl Passwords {
    /// The hash to store.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            hash.map(|hash| hash.to_string()).map_err(|error| {
                let detail = format!("the password cannot be hashed: {error}");
                Problem::new(problem::INTERNAL, detail)
            })
        })
        .await?
    }

    /// Whether the password is the hashed one. An account without one takes the same time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        self.run(move || {
            let known = hash
                .as_deref()
                .and_then(|hash| PasswordHash::new(hash).ok());
            let nobody = PasswordHash::new(NOBODY).expect("the constant is a well-formed hash");
            let hash = known.as_ref().unwrap_or(&nobody);
            let matches = Argon2::default()
                .verify_password(password.as_bytes(), hash)
                .is_ok();
            matches && known.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let _permit = self
            .permits
            .acquire()
            .await
            .expect("the semaphore is never closed");
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Problem::new(problem::INTERNAL, error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn verifies_what_it_hashed_and_nothing_else() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        let verify = |text: &str, hash: Option<String>| passwords.verify(text.to_owned(), hash);
        assert!(verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!verify("wrong horse", Some(hash)).await.unwrap());
        assert!(!verify("", None).await.unwrap());
        assert!(!verify("correct horse", Some("!".to_owned())).await.unwrap());
    }
}
