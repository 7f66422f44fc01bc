//! Published data sets under their protocols; skipped, and told so, where the files are absent.
//! `kith bench` runs the same protocols with the choice of settings, and measures time.

use std::io::Read;
use std::path::PathBuf;

use kith_learn::choose::{self, Spec};
use kith_learn::evaluate::{self, Figures};
use kith_learn::interactions::{Builder, Gathered};
use kith_learn::read::{self, Wanted};
use kith_learn::scores::Scores;
use kith_learn::{Mask, factors, linear, neighbours, repeat, session};

fn text(name: &str) -> Option<String> {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let path = data.join(name);
    let Ok(packed) = std::fs::read(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    };
    let mut text = String::new();
    let mut reader = liblzma::read::XzDecoder::new_multi_decoder(&*packed);
    reader
        .read_to_string(&mut text)
        .expect("a published file can be read");
    Some(text)
}

/// Files over the same users and items, lines or tables.
fn sets(names: &[&str], wanted: &Wanted<'_>) -> Option<Gathered> {
    let mut builder = Builder::default();
    for (set, name) in names.iter().enumerate() {
        let text = text(name)?;
        if !read::is_table(&text) {
            read::lines(&text, set as u8, &mut builder).expect("a published file can be read");
            continue;
        }
        for row in read::table(&text, wanted)
            .expect("a published file can be read")
            .rows
        {
            builder
                .push(set as u8, &row.user, &row.item, row.at.unwrap_or(0))
                .expect("a published file can be read");
        }
    }
    Some(builder.finish(names.len() as u8))
}

fn near(value: f64, expect: f64, within: f64) {
    assert!(
        (value - expect).abs() <= within,
        "{value} is not {expect} ± {within}"
    );
}

#[test]
fn linear_models_reach_the_published_figures_on_movielens() {
    let files = ["ml1m_split/train.txt.xz", "ml1m_split/test.txt.xz"];
    let Some(data) = sets(&files, &Wanted::default()) else {
        return;
    };
    let (train, test) = (&data.sets[0], &data.sets[1]);
    assert_eq!((train.touches(), train.items()), (796_244, 3_043));
    let cases = evaluate::cases(train, test);
    assert_eq!(cases.len(), 6_022);
    let measured = |lambda, dropout| {
        let spec = Spec::Linear(linear::Settings { lambda, dropout });
        evaluate::measure(&choose::fit(&[(1.0, spec)], train).unwrap(), &cases)
    };
    let ease = measured(1_000.0, 0.0);
    near(ease.ndcg_at_10, 0.2501, 1e-4);
    near(ease.recall_at_20, 0.2755, 1e-4);
    let edlae = measured(500.0, 0.4);
    near(edlae.ndcg_at_10, 0.2516, 1e-4);
    near(edlae.recall_at_20, 0.2777, 1e-4);
}

#[test]
fn neighbours_reach_the_published_figures_on_beauty() {
    let Some(data) = sets(&["amazon_5core/Beauty.txt.xz"], &Wanted::default()) else {
        return;
    };
    let split = evaluate::leave_last_out(&data.sets[0]);
    assert_eq!((split.test.len(), split.fit.items()), (22_363, 12_101));
    let measured = |following| {
        let spec = Spec::Neighbours(neighbours::Settings {
            following,
            decay: 0.6,
        });
        let model = choose::fit(&[(1.0, spec)], &split.fit).unwrap();
        evaluate::measure(&model, &split.test)
    };
    near(measured(0.0).ndcg_at_10, 0.0399, 5e-4);
    near(measured(2.0).ndcg_at_10, 0.0494, 5e-4);
}

#[test]
fn a_blend_beats_its_parts_on_orders() {
    let Some(data) = sets(&["online_retail/online_retail.csv.xz"], &Wanted::default()) else {
        return;
    };
    let all = &data.sets[0];
    const DAY: i64 = 86_400_000;
    let from = all.latest().div_euclid(DAY) * DAY - 30 * DAY;
    let (train, test) = evaluate::by_time(all, from, 5);
    let cases = evaluate::cases(&train, &test);
    let users = (0..train.users())
        .filter(|user| !train.row(*user).is_empty())
        .count();
    let wanted: usize = cases.iter().map(|case| case.wanted.len()).sum();
    assert_eq!((users, cases.len()), (4_061, 1_287));
    assert_eq!((train.touches(), wanted), (229_486, 26_245));
    let edlae = Spec::Linear(linear::Settings {
        lambda: 500.0,
        dropout: 0.4,
    });
    let ials = factors::Settings {
        factors: 64,
        lambda: 30.0,
        alpha: 4.0,
        rounds: 15,
        seed: 42,
    };
    let measured = |parts: &[(f32, Spec)]| {
        evaluate::measure(&choose::fit(parts, &train).unwrap(), &cases).ndcg_at_10
    };
    let (alone, blend) = (
        measured(&[(1.0, edlae)]),
        measured(&[(1.0, edlae), (0.5, Spec::Factors(ials))]),
    );
    assert!(alone > 0.0960 && blend > alone + 0.001, "{alone} {blend}");
}

#[test]
fn one_setting_of_visits_reaches_both_published_figures() {
    let files = ["rsc15_100k/train_full.tsv.xz", "rsc15_100k/test.tsv.xz"];
    let wanted = Wanted {
        sessions: true,
        ..Wanted::default()
    };
    let Some(data) = sets(&files, &wanted) else {
        return;
    };
    let visits = evaluate::play(&data.sets[0], session::Settings::default());
    let asked = evaluate::visits_asked(&data.sets[0], &data.sets[1]);
    let mut figures = Figures::default();
    let mut scores = Scores::new(visits.items());
    for visit in &asked {
        for place in 1..visit.len() {
            let told = visits.recommend(&mut scores, &visit[..place], &Mask::none(), 20);
            let ranked: Vec<u32> = told.iter().map(|scored| scored.item).collect();
            figures.add(&ranked, &visit[place..=place]);
        }
    }
    let figures = figures.mean();
    assert_eq!(figures.users, 10_152);
    assert!(
        figures.hit_at_20 >= 0.685 && figures.mrr_at_20 >= 0.364,
        "{figures:?}"
    );
}

#[test]
fn decay_reaches_the_published_figures_on_orders_and_affinity() {
    let Some(orders) = text("online_retail/online_retail.csv.xz") else {
        return;
    };
    let table = read::table(&orders, &Wanted::default()).unwrap();
    let split = repeat::next_basket(&repeat::histories(&table, false).unwrap());
    let settings = repeat::basket_settings();
    let again = repeat::choose(&settings, &split.known, &split.validation, None).unwrap();
    let figures = repeat::measure(&repeat::model(again, &split.known), &split.test, None);
    assert!(figures.recall_at_10 >= 0.200, "{again:?} {figures:?}");
    let Some(behaviour) = text("taobao_sample/user_behavior.csv.xz") else {
        return;
    };
    let wanted = Wanted {
        dimension: Some("category_id"),
        ..Wanted::default()
    };
    let table = read::table(&behaviour, &wanted).unwrap();
    let from = read::parse_time("2017-12-01T16:00:00Z").unwrap();
    let histories = repeat::histories(&table, true).unwrap();
    let split = repeat::next_touch(&histories, from);
    let before = from - 48 * 3_600_000;
    let settings = repeat::touch_settings();
    let again = repeat::choose(&settings, &split.known, &split.validation, Some(before)).unwrap();
    let figures = repeat::measure(&repeat::model(again, &split.known), &split.test, Some(from));
    assert!(figures.recall_at_5 >= 0.250, "{again:?} {figures:?}");
}
