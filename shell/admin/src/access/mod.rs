//! Who may do what: secret keys, users, sessions, sign-in links, and the guard before the routes.
//!
//! Users and keys are definitions of the kinds `user` and `key`: they are written through the log
//! like everything else, hold hashes only, and are hidden from the definition routes.

mod attempts;
mod guard;
pub mod key;
mod password;
mod preview_link;
mod session;
mod signer;
mod ticket;
pub mod user;

pub use attempts::{Attempts, Limits};
pub use guard::{Principal, check_session, guard, has_console_header};
pub use password::{PASSWORD_MAX_BYTES, PASSWORD_MIN_CHARS, Passwords};
pub use preview_link::{PARAMETER as PREVIEW_PARAMETER, PreviewLinks, Shows};
pub use session::{COOKIE, Sessions, read_cookie};
pub use ticket::Tickets;

use kith_base::Timestamp;

/// A new write key: `c` and 24 of `[a-z0-9]`, some 124 random bits.
pub fn generate_write_key() -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut key = String::from("c");
    while key.len() < 25 {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        // Bytes past the last whole multiple of 36 would make some letters likelier.
        let fair = bytes.iter().filter(|byte| **byte < 252);
        let letters = fair.map(|byte| char::from(LETTERS[usize::from(byte % 36)]));
        key.extend(letters.take(25 - key.len()));
    }
    key
}

/// The id of an export begun `now`: they sort by time.
pub fn generate_export_id(now: Timestamp) -> String {
    let letters = &generate_write_key()[1..9];
    format!("{:013}-{letters}", now.as_millis())
}

/// 256 random bits as lower-case hexadecimal.
fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    hex(&bytes)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}
