//! Keyed hashes of what a visit tells, so that neither addresses nor names are held.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The server's own key, without which hashes of addresses tell nothing.
#[derive(Clone)]
pub struct SiteKey([u8; 32]);

impl SiteKey {
    /// From kept bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        SiteKey(bytes)
    }

    /// The hash of a value of a kind; 0 when there is none.
    pub(crate) fn hash(&self, kind: &str, value: &str) -> u64 {
        if value.is_empty() {
            return 0;
        }
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in ["kith linkage", kind, value] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let full = mac.finalize().into_bytes();
        let first: [u8; 8] = full[..8].try_into().expect("eight of 32 bytes");
        u64::from_be_bytes(first).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_differ_by_key_kind_and_value() {
        let (one, other) = (SiteKey::new([1; 32]), SiteKey::new([2; 32]));
        let hash = one.hash("address", "192.0.2.1");
        assert_eq!(one.hash("address", "192.0.2.1"), hash);
        assert_ne!(other.hash("address", "192.0.2.1"), hash);
        assert_ne!(one.hash("network", "192.0.2.1"), hash);
        assert_ne!(one.hash("address", "192.0.2.2"), hash);
        assert_eq!(one.hash("address", ""), 0);
    }
}
