//! When a delivery that failed is tried again.

use kith_base::{Duration, digest};

/// How long after the try before; the first is made at once. These are the delays that the
/// Standard Webhooks specification proposes: ten tries within about three days.
pub const DELAYS_S: [i64; 10] = [
    0,
    5,
    5 * 60,
    30 * 60,
    2 * 3_600,
    5 * 3_600,
    10 * 3_600,
    14 * 3_600,
    20 * 3_600,
    24 * 3_600,
];

/// Longest wait an endpoint may ask for.
const ASKED_MAX_S: i64 = 24 * 3_600;
/// A delay is longer by up to this share, so that deliveries that failed together do not come
/// back together.
const JITTER: f64 = 0.2;

/// The wait after `tries` failed tries; `None` when that was the last. `asked` is what the
/// endpoint asked for.
pub fn next(message_id: &str, tries: u32, asked: Option<Duration>) -> Option<Duration> {
    let delay_s = *DELAYS_S.get(usize::try_from(tries).ok()?)?;
    let seed = digest(
        "webhook-jitter",
        &[message_id.as_bytes(), &tries.to_be_bytes()],
    );
    let share = seed.prefix() as f64 / u64::MAX as f64;
    let delay_ms = delay_s as f64 * 1_000.0 * (1.0 + JITTER * share);
    let asked_ms = asked.map_or(0, |asked| asked.as_millis().min(ASKED_MAX_S * 1_000));
    Some(Duration::from_millis(asked_ms.max(delay_ms as i64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_with_jitter_and_end() {
        for (tries, delay_s) in DELAYS_S.iter().enumerate().skip(1) {
            let wait = next("msg_1", tries as u32, None).unwrap().as_millis();
            let least = delay_s * 1_000;
            assert!((least..=least * 12 / 10).contains(&wait), "{tries}: {wait}");
        }
        assert_eq!(next("msg_1", DELAYS_S.len() as u32, None), None);
        assert_ne!(next("msg_1", 3, None), next("msg_2", 3, None));
        assert_eq!(next("msg_1", 3, None), next("msg_1", 3, None));
    }

    #[test]
    fn an_endpoint_may_ask_for_a_longer_wait_within_a_day() {
        let asked = |seconds| next("msg_1", 1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(60).unwrap().as_millis(), 60_000);
        assert!(asked(1).unwrap().as_millis() >= 5_000);
        assert_eq!(asked(1_000_000).unwrap().as_millis(), 24 * 3_600_000);
    }
}
