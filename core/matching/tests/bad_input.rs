//! Files as they should not be: what is wrong with them does no harm, and what can be read counts.

use kith_base::Random;
use kith_matching::{Matcher, Settings, Table, Warning};

const HEADERS: [&str; 6] = [
    "first_name",
    "surname",
    "dob",
    "email",
    "phone",
    "member_no",
];
/// Rows of persons that have nothing to do with the rows a test is about.
const OTHERS: u64 = 200;

type Row = [String; 6];

/// Persons that differ in everything.
fn others() -> Vec<Row> {
    let mut random = Random::new(11);
    let mut syllables = |count: usize| -> String {
        let all = [
            "ka", "mo", "ri", "tes", "lun", "dor", "vik", "san", "hel", "bru",
        ];
        (0..count).map(|_| all[random.below(10) as usize]).collect()
    };
    let row = |number: u64| {
        let (given, surname) = (syllables(2), syllables(4));
        [
            given.clone(),
            surname.clone(),
            format!(
                "19{:02}-{:02}-{:02}",
                10 + number % 87,
                1 + number % 12,
                1 + number % 28
            ),
            format!("{given}.{surname}{number}@mail.example"),
            format!("0{}", 3_000_000_019 + number * 7_919),
            format!("m{}", 40_009 + number * 37),
        ]
    };
    (0..OTHERS).map(row).collect()
}

fn clusters(headers: &[&str], rows: &[Vec<&str>]) -> (Vec<u32>, Vec<Warning>) {
    let mut table = Table::default();
    table.begin_file(headers).expect("few columns");
    for row in rows {
        table.push(row).expect("no more values than headers");
    }
    let mut matcher = Matcher::new(&table, Settings::default());
    let mut fitted = matcher.fit();
    let judged = matcher.predict(&fitted);
    let (clusters, _) = matcher.cluster(&mut fitted, &judged);
    (clusters, matcher.plan.warnings)
}

/// Whether two rows are joined among others, and nobody else with them.
fn check(one: [&str; 6], other: [&str; 6], together: bool) {
    let others = others();
    let mut rows: Vec<Vec<&str>> = others
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    rows.push(one.to_vec());
    rows.push(other.to_vec());
    let (clusters, _) = clusters(&HEADERS, &rows);
    let (a, b) = (rows.len() - 2, rows.len() - 1);
    assert_eq!(clusters[a] == clusters[b], together, "{one:?} {other:?}");
    assert!(clusters[..a].iter().all(|cluster| *cluster < a as u32));
    assert_eq!(clusters[a], a as u32, "{one:?} is joined with a stranger");
}

#[test]
fn names_in_each_other_s_column_are_found() {
    check(
        [
            "harriet",
            "oldcastle",
            "1961-05-17",
            "h.oldcastle@post.example",
            "",
            "",
        ],
        ["oldcastle", "harriet", "1961-05-17", "", "", ""],
        true,
    );
}

#[test]
fn marks_of_direction_and_combining_characters_are_no_difference() {
    check(
        [
            "Ame\u{301}lie",
            "No\u{308}ldeke",
            "1958-11-02",
            "",
            "0301234567",
            "",
        ],
        [
            "\u{202b}Amélie\u{202c}",
            "Nöldeke\u{200f}",
            "02.11.1958",
            "",
            "030 1234567",
            "",
        ],
        true,
    );
    check(
        [
            "מרים",
            "כהן-לוי",
            "1970-02-03",
            "miriam@dugma.example",
            "",
            "",
        ],
        [
            "\u{200f}מרים",
            "כהן לוי\u{200e}",
            "1970-02-03",
            "miriam@dugma.example",
            "",
            "",
        ],
        true,
    );
}

#[test]
fn identifiers_of_ten_kilobytes_join_nobody_by_themselves() {
    let long = |end: &str| format!("{}{end}", "ab1c".repeat(2_500));
    let (one, other) = (long("x"), long("y"));
    check(
        ["wilma", "quist", "1944-01-09", "", "", &one],
        ["oskar", "tjader", "1999-12-30", "", "", &other],
        false,
    );
}

/// A small table teaches little: what everybody knows of numbers and addresses stands in for it.
#[test]
fn an_office_address_and_a_common_name_join_nobody() {
    let mut rows: Vec<Vec<&str>> = vec![
        vec!["john", "smith", "1970-10-10", "info@office.example", "", ""],
        vec!["john", "smith", "", "info@office.example", "", ""],
    ];
    for given in ["walter", "nadine", "igor", "paula", "heinz", "olga"] {
        rows.push(vec![given, "smith", "", "info@office.example", "", ""]);
    }
    let strangers = others();
    let of_strangers = strangers.iter().map(|row| row.iter().map(String::as_str));
    rows.extend(of_strangers.map(Iterator::collect::<Vec<&str>>));
    let (clusters, _) = clusters(&HEADERS, &rows);
    assert_eq!(clusters[..8], [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn tables_that_hold_nothing_are_read() {
    assert!(clusters(&HEADERS, &[]).0.is_empty());
    let empty = vec![vec![""; 6]; 50];
    assert_eq!(clusters(&HEADERS, &empty).0, (0..50).collect::<Vec<u32>>());
    let (one, _) = clusters(&HEADERS, &[vec!["ann", "lee", "", "", "", ""]]);
    assert_eq!(one, [0]);
    let (unnamed, _) = clusters(&["", "", ""], &[vec!["a", "b", "c"], vec!["d", "e", "f"]]);
    assert_eq!(unnamed, [0, 1]);
}

/// The answer fed by mistake: a number of the person or of the row.
#[test]
fn a_column_with_the_answer_is_left_out_with_a_warning() {
    let others = others();
    let numbers: Vec<String> = (0..OTHERS).map(|row| format!("p{row}")).collect();
    let rows: Vec<Vec<&str>> = others
        .iter()
        .zip(&numbers)
        .map(|(row, number)| {
            let values = row.iter().map(String::as_str);
            values.chain([number.as_str()]).collect()
        })
        .collect();
    for (header, expect) in [
        (
            "cluster_id",
            Warning::LooksLikeTruth("cluster_id".to_owned()),
        ),
        (
            "customer_id",
            Warning::UniquePerRow("customer_id".to_owned()),
        ),
    ] {
        let headers: Vec<&str> = HEADERS.iter().copied().chain([header]).collect();
        let (_, warnings) = clusters(&headers, &rows);
        assert!(warnings.contains(&expect), "{header}: {warnings:?}");
    }
}
