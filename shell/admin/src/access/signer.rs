//! Text that only this server can have written: JSON in base64url, a dot, its HMAC-SHA256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

/// Signs and checks for one purpose: what is signed for another is not taken.
pub struct Signer {
    key: [u8; 32],
    purpose: &'static str,
}

impl Signer {
    /// With the key of the server.
    pub fn new(key: [u8; 32], purpose: &'static str) -> Self {
        Signer { key, purpose }
    }

    /// The signed text of something. Anybody can read what it says.
    pub fn sign(&self, said: &impl Serialize) -> String {
        let payload = serde_json::to_vec(said).expect("what is signed has string keys only");
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&payload).finalize().into_bytes());
        format!("{payload}.{signature}")
    }

    /// What a text says, if it is genuine. Compares in constant time.
    pub fn verify<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        let (payload, signature) = text.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(payload).verify_slice(&signature).ok()?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    fn mac(&self, payload: &str) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length is accepted");
        mac.update(self.purpose.as_bytes());
        mac.update(payload.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_good_for_its_key_and_purpose_alone() {
        let text = Signer::new([7; 32], "a").sign(&"hello");
        let read = |key, purpose, text: &str| Signer::new([key; 32], purpose).verify(text);
        assert_eq!(read(7, "a", &text), Some("hello".to_owned()));
        assert_eq!(read(8, "a", &text), None);
        assert_eq!(read(7, "b", &text), None);
        let (payload, signature) = text.split_once('.').unwrap();
        assert_eq!(read(7, "a", payload), None);
        let other = URL_SAFE_NO_PAD.encode("\"other\"");
        assert_eq!(read(7, "a", &format!("{other}.{signature}")), None);
    }
}
