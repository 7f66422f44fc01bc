//! A series is a sum: order, grouping and division into nodes do not matter, to the last bit.

use kith_profile::series::{Needs, SeriesMap};
use kith_profile::{Series, SeriesId};
use proptest::prelude::*;

use crate::model::{Happening, fold};

const DAY_MS: i64 = 86_400_000;

fn needs() -> impl Strategy<Value = Needs> {
    let flag = any::<bool>;
    let flags = (flag(), flag(), flag(), flag(), flag());
    (
        flags,
        prop::sample::select(vec![0, 1, 3, 400]),
        prop::sample::select(vec![0, 2, 30]),
        prop::sample::select(vec![0, 5]),
        prop::sample::select(vec![0, 2]),
    )
        .prop_map(
            |(
                (edges, days, keys, texts, tallies),
                detail_days,
                key_days,
                half_life_days,
                tally_days,
            )| Needs {
                edges,
                days,
                keys,
                texts,
                detail_days,
                key_days,
                half_life_days,
                tallies,
                tally_days,
            },
        )
}

/// Sparse over years, or dense on a few seconds; received late, or before they happen.
fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let sparse = (-3_000 * DAY_MS..3_000 * DAY_MS, -900i64..900, 0u8..200);
    let near = (0i64..9 * DAY_MS, 0i64..9, 0u8..9);
    let dense = (0i64..3_000_000, 0i64..2, 0u8..3);
    let event = |(at, delay, key): (i64, i64, u8)| (at, at.saturating_add(delay * DAY_MS), key);
    prop_oneof![
        prop::collection::vec(sparse.prop_map(event), 0..150),
        prop::collection::vec(near.prop_map(event), 0..150),
        prop::collection::vec(dense.prop_map(event), 1_100..1_300),
    ]
    .prop_map(|drawn| {
        let make = |(tie, (at, received, key)): (usize, (i64, i64, u8))| Happening {
            at,
            tie: (tie as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            received,
            value: (key % 3 > 0).then_some(at % 1_000_000),
            key: (key % 5 > 0).then_some(key),
        };
        drawn.into_iter().enumerate().map(make).collect()
    })
}

fn merged(parts: &[&Series]) -> Series {
    let mut sum = Series::default();
    parts.iter().for_each(|part| sum.merge(part));
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn order_grouping_and_nodes_do_not_matter(
        events in happenings(),
        needs in needs(),
        seed in any::<u64>(),
    ) {
        let whole = fold(&events, needs);
        let mut random = kith_base::Random::new(seed);
        let mut shuffled = events.clone();
        for index in (1..shuffled.len()).rev() {
            shuffled.swap(index, random.below(index as u64 + 1) as usize);
        }
        prop_assert_eq!(&fold(&shuffled, needs), &whole);

        let mut nodes: [Vec<Happening>; 3] = Default::default();
        for event in &shuffled {
            nodes[random.below(3) as usize].push(event.clone());
        }
        let [a, b, c] = nodes.map(|events| fold(&events, needs));
        let own = a.clone();
        let left = merged(&[&merged(&[&a, &b]), &c]);
        let right = merged(&[&a, &merged(&[&c, &b])]);
        prop_assert_eq!(&left, &right);
        if !events.is_empty() {
            prop_assert_eq!(&left, &whole);
        }
        // Unlinking: a node's own series is what it was.
        prop_assert_eq!(&a, &own);
    }

    #[test]
    fn the_stored_form_reads_back_and_is_one_for_one_state(
        events in happenings(),
        needs in needs(),
    ) {
        let series = fold(&events, needs);
        let bytes = series.to_bytes();
        prop_assert_eq!(Series::from_bytes(&bytes), Some(series.clone()));
        for length in 0..bytes.len().min(200) {
            prop_assert_eq!(Series::from_bytes(&bytes[..length]), None);
        }
    }

    #[test]
    fn a_map_read_back_changed_and_written_is_one_that_was_never_stored(
        before in happenings(),
        after in happenings(),
        all_needs in prop::collection::vec(needs(), 1..6),
        touched in any::<[bool; 6]>(),
        packs in any::<bool>(),
    ) {
        let ids = || (0..).map(|id| SeriesId(7 * id)).zip(&all_needs);
        let before: SeriesMap = ids().map(|(id, needs)| (id, fold(&before, *needs))).collect();
        let stored = rmp_serde::to_vec_named(&before).unwrap();
        let mut read: SeriesMap = rmp_serde::from_slice(&stored).unwrap();
        prop_assert_eq!(&rmp_serde::to_vec_named(&read).unwrap(), &stored);
        prop_assert_eq!(&read, &before);

        let mut never_stored = before;
        for ((id, needs), _) in ids().zip(touched).filter(|(_, touched)| *touched) {
            let more = fold(&after, *needs);
            never_stored.get_or_default(id).merge(&more);
            read.get_or_default(id).merge(&more);
            if packs {
                read.pack();
            }
        }
        prop_assert_eq!(&read, &never_stored);
        let stored = rmp_serde::to_vec_named(&never_stored).unwrap();
        read.pack();
        prop_assert_eq!(&rmp_serde::to_vec_named(&read).unwrap(), &stored);
        read.retain(|id| id == SeriesId(0));
        never_stored.retain(|id| id == SeriesId(0));
        read.pack();
        prop_assert_eq!(&read, &never_stored);
        prop_assert_eq!(read.len(), 1);
    }

    #[test]
    fn damaged_bytes_never_panic(
        events in happenings(),
        needs in needs(),
        harm in prop::collection::vec((any::<u16>(), any::<u8>()), 1..9),
    ) {
        let mut bytes = fold(&events, needs).to_bytes();
        for (place, byte) in harm {
            let place = usize::from(place) % bytes.len();
            bytes[place] = byte;
        }
        if let Some(series) = Series::from_bytes(&bytes) {
            let utc = kith_profile::Zone::UTC;
            for function in kith_rule::Function::ALL {
                for window in [kith_rule::Window::Lifetime, crate::model::rolling(86_400)] {
                    series.value(function, window, &utc, kith_base::Timestamp::ZERO);
                    series.next_change(function, window, &utc, kith_base::Timestamp::ZERO);
                }
            }
            merged(&[&series, &series]);
        }
    }
}
