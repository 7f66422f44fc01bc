//! Laws of matching, on made-up persons with slips: through the public door.

use std::collections::BTreeSet;

use kith_base::Random;
use kith_matching::{Index, Matcher, Settings, Table};
use proptest::prelude::*;

const HEADERS: [&str; 5] = ["first_name", "surname", "dob", "email", "city"];
const GIVEN: [&str; 12] = [
    "robert",
    "margaret",
    "thomas",
    "elizabeth",
    "oliwia",
    "kwame",
    "harriet",
    "jun",
    "astrid",
    "noor",
    "felix",
    "ines",
];
const CITIES: [&str; 12] = [
    "leeds", "york", "hull", "lincoln", "derby", "oxford", "bath", "truro", "ely", "wells",
    "ripon", "durham",
];

type Row = [String; 5];

/// Persons with one to four records each, and some slips in them.
fn records(persons: u64, seed: u64) -> Vec<Row> {
    let mut random = Random::new(seed);
    let mut rows = Vec::new();
    for _ in 0..persons {
        let syllables = [
            "mar", "ton", "bel", "wick", "har", "low", "sten", "dor", "fin", "gal", "ros", "ver",
        ];
        let part = |random: &mut Random| syllables[random.below(12) as usize];
        let surname = format!(
            "{}{}{}",
            part(&mut random),
            part(&mut random),
            part(&mut random)
        );
        let given = GIVEN[random.below(12) as usize];
        let dob = format!(
            "19{:02}-{:02}-{:02}",
            random.below(90) + 10,
            random.below(12) + 1,
            random.below(28) + 1
        );
        let email = format!("{given}.{surname}{}@mail.example", random.below(90));
        let city = CITIES[random.below(12) as usize];
        for _ in 0..random.below(4) + 1 {
            let mut row = [given, &surname, &dob, &email, city].map(str::to_owned);
            let field = random.below(5) as usize;
            match random.below(4) {
                0 => row[field].clear(),
                1 => {
                    let at = random.below(row[field].len() as u64) as usize;
                    row[field].replace_range(at..=at, "x");
                }
                _ => {}
            }
            rows.push(row);
        }
    }
    rows
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::default();
    table.begin_file(&HEADERS).expect("five columns");
    for row in rows {
        let values: Vec<&str> = row.iter().map(String::as_str).collect();
        table.push(&values).expect("five values");
    }
    table
}

/// Which rows are together, each group by what its rows hold.
fn groups(rows: &[Row]) -> BTreeSet<Vec<Row>> {
    let mut matcher = Matcher::new(&table(rows), Settings::default());
    let mut fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let (clusters, _) = matcher.cluster(&mut fitted, &judged);
    let of = |cluster: u32| {
        let mut group: Vec<Row> = (0..rows.len())
            .filter(|row| clusters[*row] == cluster)
            .map(|row| rows[row].clone())
            .collect();
        group.sort();
        group
    };
    clusters.iter().map(|cluster| of(*cluster)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rows_does_not_matter(seed in 0u64..1_000) {
        let mut rows = records(60, seed);
        let expect = groups(&rows);
        let mut random = Random::new(seed + 1);
        for at in (1..rows.len()).rev() {
            rows.swap(at, random.below(at as u64 + 1) as usize);
        }
        prop_assert_eq!(groups(&rows), expect);
    }

    #[test]
    fn an_explanation_sums_up_to_the_bits(seed in 0u64..1_000) {
        // Few persons are judged by weights alone, many by the learned layer.
        for persons in [40, 900] {
            let rows = records(persons, seed);
            let mut matcher = Matcher::new(&table(&rows), Settings::default());
            let mut fitted = matcher.fit();
            let judged = matcher.predict(&fitted);
            let (_, pairs) = matcher.cluster(&mut fitted, &judged);
            let both = pairs.iter().zip(&judged.edges);
            for (pair, (_, _, own)) in both.step_by(pairs.len() / 20 + 1) {
                let parts = matcher.explain(&fitted, pair);
                let sum: f32 = parts.iter().map(|part| part.bits).sum();
                prop_assert!((sum - pair.bits).abs() < 0.01, "{} {}", sum, pair.bits);
                // All but the companions is the pair's own.
                let companions = parts.last().expect("companions come last").bits;
                prop_assert!((sum - companions - own).abs() < 0.01, "{} {}", sum - companions, own);
            }
        }
    }
}

/// Bits of an edge that is nine times in ten right: below, which pairs are met at all differs.
const SURE: f32 = 3.0;

/// What the batch joins is found online, and nothing else: of a thousand edges less than one
/// differs.
#[test]
fn inserts_find_what_the_batch_finds() {
    let rows = records(1_100, 7);
    let table = table(&rows);
    let settings = || Settings {
        pairs_per_record: Some(60),
        ..Settings::default()
    };
    let mut matcher = Matcher::new(&table, settings());
    let fitted = matcher.fit();
    let row = |record: u32| matcher.order[record as usize];
    let judged = matcher.predict(&fitted);
    let edges = judged.edges.iter().filter(|edge| edge.2 > SURE);
    let batch: BTreeSet<(u32, u32)> = edges
        .map(|(one, other, _)| (row(*one).max(row(*other)), row(*one).min(row(*other))))
        .collect();
    let mut index = Index::new(matcher, fitted);
    let known = rows.len() as u32;
    let mut online = BTreeSet::new();
    for (at, values) in rows.iter().enumerate() {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let found = index.find(&values);
        // A record that is asked about again finds itself and all that it is joined with.
        assert!(
            found.iter().any(|found| found.record == at as u32),
            "{values:?}"
        );
        for found in found
            .iter()
            .filter(|found| found.bits > SURE && found.record < at as u32)
        {
            online.insert((at as u32, found.record));
        }
    }
    assert_eq!(index.len() as u32, known);
    let differ = batch.symmetric_difference(&online).count();
    assert!(
        batch.len() > 1_000 && differ * 1_000 < batch.len(),
        "{differ} of {}",
        batch.len()
    );
    // An inserted record is found by the next.
    let new = [
        "zuleika",
        "dobsonova",
        "1911-03-04",
        "zuleika@judas.example",
        "oxford",
    ];
    let (number, _) = index.insert(&new);
    assert_eq!(number, known);
    let found = index.find(&new);
    assert_eq!(found.first().map(|found| found.record), Some(number));
}

/// What comes in bad files does no harm.
#[test]
fn bad_values_join_nobody() {
    let long = "9".repeat(10_000);
    let mut rows: Vec<Row> = records(30, 3);
    let kept = rows.len();
    let nobody = [
        "",
        "null",
        "N/A",
        "\u{200b}",
        "-",
        "undefined",
        "#N/A",
        "(none)",
    ];
    rows.extend(nobody.map(|value| [(); 5].map(|()| value.to_owned())));
    rows.push([(); 5].map(|()| long.clone()));
    rows.push(["\u{202e}מרים", "لیلا\u{301}", "", "", ""].map(str::to_owned));
    let mut matcher = Matcher::new(&table(&rows), Settings::default());
    let mut fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let (clusters, _) = matcher.cluster(&mut fitted, &judged);
    for (row, cluster) in clusters.iter().enumerate().skip(kept) {
        assert_eq!(*cluster, row as u32, "{:?}", rows[row]);
    }
}
