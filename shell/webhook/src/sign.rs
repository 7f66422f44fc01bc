//! Secrets and signatures of Standard Webhooks.
//!
//! A secret is not kept anywhere: it follows from the server's own key, the webhook and the
//! letters that name the secret in the webhook's definition. So neither log nor state hold it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kith_base::Timestamp;
use kith_definition::Webhook;
use sha2::Sha256;

/// What every secret begins with in its written form.
pub const PREFIX: &str = "whsec_";

/// The server's own key, from which secrets follow.
#[derive(Clone)]
pub struct ServerKey([u8; 32]);

/// What signs deliveries: 32 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl ServerKey {
    /// From kept bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        ServerKey(bytes)
    }

    /// The secret of a webhook under these letters.
    pub fn secret(&self, webhook: &str, id: &str) -> Secret {
        let mut mac = hmac(&self.0);
        for part in ["kith webhook secret", webhook, id] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        Secret(mac.finalize().into_bytes().into())
    }

    /// The secrets that sign now: the newest, and older ones until they expire.
    pub fn secrets(&self, id: &str, webhook: &Webhook, now: Timestamp) -> Vec<Secret> {
        let signs = |expires_at: &Option<String>| {
            let ends = expires_at.as_deref().map(Timestamp::parse);
            ends.is_none_or(|ends| ends.is_ok_and(|ends| now < ends))
        };
        let live = webhook.secrets.iter().filter(|one| signs(&one.expires_at));
        live.map(|one| self.secret(id, &one.id)).collect()
    }
}

impl Secret {
    /// The form that receivers are given.
    pub fn written(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(self.0))
    }
}

/// The value of `webhook-signature`: one signature a secret, with blanks between.
pub fn signature(secrets: &[Secret], id: &str, timestamp_s: i64, payload: &[u8]) -> String {
    let keys = secrets.iter().map(|secret| &secret.0[..]);
    let signed: Vec<String> = keys.map(|key| one(key, id, timestamp_s, payload)).collect();
    signed.join(" ")
}

fn one(key: &[u8], id: &str, timestamp_s: i64, payload: &[u8]) -> String {
    let mut mac = hmac(key);
    mac.update(format!("{id}.{timestamp_s}.").as_bytes());
    mac.update(payload);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use kith_base::Json;

    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn signs_as_the_specification_does() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = one(&key, id, 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn secrets_differ_by_server_webhook_and_letters() {
        let (one, other) = (ServerKey::new([1; 32]), ServerKey::new([2; 32]));
        let written = one.secret("crm", "a").written();
        assert_eq!(written.len(), "whsec_".len() + 44);
        assert_eq!(one.secret("crm", "a").written(), written);
        assert_ne!(one.secret("crm", "b").written(), written);
        assert_ne!(one.secret("crma", "").written(), written);
        assert_ne!(other.secret("crm", "a").written(), written);
    }

    #[test]
    fn two_secrets_sign_until_the_old_one_expires() {
        let text = r#"{"url":"https://a.example","audiences":["vip"],"secrets":[
            {"id":"old","created_at":"2026-11-01T00:00:00Z","expires_at":"2026-11-03T00:00:00Z"},
            {"id":"new","created_at":"2026-11-02T00:00:00Z"}]}"#;
        let webhook = Webhook::parse(&Json::parse(text).unwrap()).unwrap();
        let key = ServerKey::new([1; 32]);
        let at = |time: &str| key.secrets("crm", &webhook, Timestamp::parse(time).unwrap());
        let both = at("2026-11-02T23:59:59Z");
        assert_eq!(both.len(), 2);
        assert_eq!(signature(&both, "msg_1", 5, b"{}").split(' ').count(), 2);
        let after = at("2026-11-03T00:00:00Z");
        assert!(after == [key.secret("crm", "new")]);
    }
}
