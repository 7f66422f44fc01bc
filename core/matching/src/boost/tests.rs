//! What boosted trees learn, and that it is the same each time.

use super::*;

fn plain() -> Settings {
    Settings {
        row_share: 1.0,
        feature_share: 1.0,
        child_weight_min: 0.1,
        ..Settings::default()
    }
}

/// Two numbers in 0..1 per row, yes where exactly one is above a half, with one row in ten wrong.
fn crossed(rows: usize) -> ([Vec<f32>; 2], Vec<f32>) {
    let mut random = Random::new(5);
    let (mut first, mut second, mut outcomes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let (a, b) = (random.unit() as f32, random.unit() as f32);
        let yes = ((a > 0.5) != (b > 0.5)) != random.chance(0.1);
        first.push(a);
        second.push(b);
        outcomes.push(f32::from(u8::from(yes)));
    }
    ([first, second], outcomes)
}

#[test]
fn one_split_has_the_leaves_of_the_formula() {
    // Start log(3/1); slopes p - y with p = .75, curves p(1-p) = .1875, l2 = 1:
    // left (one no, one yes) -.5 / 1.375, right (two yes) .5 / 1.375.
    let settings = Settings {
        trees: 1,
        leaves: 2,
        shrinkage: 1.0,
        ..plain()
    };
    let column = [1.0, 1.0, 2.0, 2.0];
    let model = train(
        &[Column::Numbers(&column)],
        &[0.0, 1.0, 1.0, 1.0],
        &[],
        &settings,
    )
    .unwrap();
    let start = 3.0f32.ln();
    for (value, expect) in [(1.0, start - 0.5 / 1.375), (1.49, start - 0.5 / 1.375)] {
        assert!(
            (model.margin(&[value]) - expect).abs() < 1e-5,
            "{value}: {model:?}"
        );
    }
    assert!((model.margin(&[1.51]) - (start + 0.5 / 1.375)).abs() < 1e-5);
}

#[test]
fn learns_what_no_single_feature_tells() {
    let ([first, second], outcomes) = crossed(4_000);
    let columns = [Column::Numbers(&first), Column::Numbers(&second)];
    let model = train(&columns, &outcomes, &[], &Settings::default()).unwrap();
    for (row, expect) in [([0.2, 0.2], 0.1), ([0.8, 0.2], 0.9), ([0.2, 0.8], 0.9)] {
        let probability = model.probability(&row);
        assert!((probability - expect).abs() < 0.08, "{row:?} {probability}");
    }
    assert_eq!(
        model,
        train(&columns, &outcomes, &[], &Settings::default()).unwrap()
    );
}

#[test]
fn an_explanation_sums_up_to_the_margin() {
    let ([first, second], outcomes) = crossed(1_000);
    let columns = [Column::Numbers(&first), Column::Numbers(&second)];
    let model = train(&columns, &outcomes, &[], &plain()).unwrap();
    for row in [[0.1, 0.9], [0.6, 0.7], [f32::NAN, 0.3]] {
        let explanation = model.explain(&row);
        let sum = explanation.start + explanation.features.iter().sum::<f32>();
        assert!((sum - model.margin(&row)).abs() < 1e-3, "{row:?}");
    }
}

#[test]
fn a_trend_is_kept() {
    let mut random = Random::new(9);
    let column: Vec<f32> = (0..2_000).map(|_| random.unit() as f32).collect();
    let wave = |x: f32| f64::from(0.5 + 0.4 * (x * 12.0).sin() + 0.1 * (x - 0.5));
    let outcomes: Vec<f32> = column
        .iter()
        .map(|x| f32::from(u8::from(random.chance(wave(*x)))))
        .collect();
    for (trend, rising) in [(Trend::Rising, true), (Trend::Falling, false)] {
        let settings = Settings {
            trends: vec![trend],
            ..plain()
        };
        let model = train(&[Column::Numbers(&column)], &outcomes, &[], &settings).unwrap();
        let margins: Vec<f32> = (0..100)
            .map(|x| model.margin(&[x as f32 / 100.0]))
            .collect();
        let kept = margins
            .windows(2)
            .all(|pair| (pair[0] <= pair[1]) == rising || pair[0] == pair[1]);
        assert!(kept, "{trend:?} {margins:?}");
    }
}

#[test]
fn missing_values_go_where_they_fit() {
    let column: Vec<f32> = (0..300)
        .map(|row| if row % 3 == 0 { f32::NAN } else { row as f32 })
        .collect();
    for missing_yes in [false, true] {
        let outcomes: Vec<f32> = column
            .iter()
            .map(|x| f32::from(u8::from(x.is_nan() == missing_yes)))
            .collect();
        let model = train(&[Column::Numbers(&column)], &outcomes, &[], &plain()).unwrap();
        assert_eq!(model.probability(&[f32::NAN]) > 0.9, missing_yes);
        assert_eq!(model.probability(&[150.0]) < 0.1, missing_yes);
        assert_eq!(model.probability(&[299.0]) < 0.1, missing_yes);
    }
}

#[test]
fn a_weight_of_two_is_the_row_twice() {
    let ([first, second], outcomes) = crossed(200);
    let weights: Vec<f32> = (0..200)
        .map(|row| if row % 4 == 0 { 2.0 } else { 1.0 })
        .collect();
    let settings = Settings {
        trees: 20,
        bins: 64,
        ..plain()
    };
    let weighted = train(
        &[
            Column::Numbers(&first[..60]),
            Column::Numbers(&second[..60]),
        ],
        &outcomes[..60],
        &weights[..60],
        &settings,
    );
    let twice = |column: &[f32]| -> Vec<f32> {
        (0..60)
            .flat_map(|row| vec![column[row]; weights[row] as usize])
            .collect()
    };
    let (first, second) = (twice(&first), twice(&second));
    let columns = [Column::Numbers(&first), Column::Numbers(&second)];
    let repeated = train(&columns, &twice(&outcomes), &[], &settings);
    let (weighted, repeated) = (weighted.unwrap(), repeated.unwrap());
    for row in [[0.1, 0.1], [0.9, 0.1], [0.5, 0.7]] {
        assert!(
            (weighted.margin(&row) - repeated.margin(&row)).abs() < 1e-3,
            "{row:?}"
        );
    }
}

#[test]
fn levels_are_small_numbers() {
    let levels: Vec<u8> = (0..500)
        .map(|row| {
            if row % 7 == 0 {
                LEVEL_MISSING
            } else {
                (row % 5) as u8
            }
        })
        .collect();
    let numbers: Vec<f32> = levels
        .iter()
        .map(|level| {
            if *level == LEVEL_MISSING {
                f32::NAN
            } else {
                f32::from(*level)
            }
        })
        .collect();
    let outcomes: Vec<f32> = (0..500)
        .map(|row| f32::from(u8::from(row % 5 > 2)))
        .collect();
    let by_levels = train(&[Column::Levels(&levels)], &outcomes, &[], &plain()).unwrap();
    let by_numbers = train(&[Column::Numbers(&numbers)], &outcomes, &[], &plain()).unwrap();
    assert_eq!(by_levels, by_numbers);
    assert_eq!(by_levels.margin_of_levels(&[3]), by_levels.margin(&[3.0]));
    assert_eq!(
        by_levels.margin_of_levels(&[LEVEL_MISSING]),
        by_levels.margin(&[f32::NAN])
    );
}

#[test]
fn many_rows_answer_as_each_does() {
    let ([first, second], outcomes) = crossed(500);
    let columns = [Column::Numbers(&first), Column::Numbers(&second)];
    let model = train(&columns, &outcomes, &[], &plain()).unwrap();
    let rows: [&[f32]; 3] = [&[0.1, 0.9], &[0.6, 0.7], &[f32::NAN, 0.3]];
    assert_eq!(model.margins(&rows), rows.map(|row| model.margin(row)));
}

#[test]
fn a_stored_model_answers_the_same() {
    let ([first, second], outcomes) = crossed(500);
    let columns = [Column::Numbers(&first), Column::Numbers(&second)];
    let model = train(&columns, &outcomes, &[], &plain()).unwrap();
    let stored = serde_json::to_string(&model).unwrap();
    assert_eq!(serde_json::from_str::<Model>(&stored).unwrap(), model);
}

#[test]
fn refuses_what_it_cannot_learn_from() {
    let column = [Column::Numbers(&[1.0, 2.0])];
    let refused = |outcomes: &[f32], weights: &[f32]| {
        train(&column, outcomes, weights, &plain()).unwrap_err()
    };
    assert_eq!(refused(&[1.0, 1.0], &[]), Error::OneOutcome);
    assert_eq!(refused(&[1.0, 0.0], &[0.0, 1.0]), Error::OneOutcome);
    assert_eq!(
        refused(&[1.0], &[]),
        Error::Length {
            what: "a column",
            found: 2,
            expected: 1
        }
    );
    let weights = Error::Length {
        what: "weights",
        found: 1,
        expected: 2,
    };
    assert_eq!(refused(&[1.0, 0.0], &[1.0]), weights);
}
