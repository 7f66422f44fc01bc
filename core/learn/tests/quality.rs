//! Published data sets under their protocols; skipped, and told so, where the files are absent.

use std::io::Read;
use std::path::PathBuf;

use kith_learn::choose::{self, Spec};
use kith_learn::evaluate;
use kith_learn::interactions::{Builder, Gathered};
use kith_learn::linear;

fn text(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    };
    let mut text = String::new();
    let mut reader = liblzma::read::XzDecoder::new_multi_decoder(file);
    reader.read_to_string(&mut text).unwrap();
    Some(text)
}

fn lines(files: &[&str]) -> Option<Gathered> {
    let mut builder = Builder::default();
    for (set, name) in files.iter().enumerate() {
        for line in text(name)?.lines() {
            let mut words = line.split_whitespace();
            let Some(user) = words.next() else { continue };
            for (at, item) in words.enumerate() {
                builder.push(set as u8, user, item, at as i64).unwrap();
            }
        }
    }
    Some(builder.finish(files.len() as u8))
}

#[test]
fn movielens_split() {
    let Some(data) = lines(&["ml1m_split/train.txt.xz", "ml1m_split/test.txt.xz"]) else {
        return;
    };
    let (train, test) = (&data.sets[0], &data.sets[1]);
    let cases = evaluate::cases(train, test);
    println!(
        "{} users {} items {} touches {} cases",
        train.users(),
        train.items(),
        train.touches(),
        cases.len()
    );
    let t = std::time::Instant::now();
    let spec = Spec::Linear(linear::Settings {
        lambda: 1000.0,
        dropout: 0.0,
    });
    let model = choose::fit(&[(1.0, spec)], train).unwrap();
    println!("ease fit {:?}", t.elapsed());
    let t = std::time::Instant::now();
    println!("{:?} {:?}", evaluate::measure(&model, &cases), t.elapsed());
    let t = std::time::Instant::now();
    let (rest, left) = evaluate::leave_tenth_out(train, 42);
    let choice = choose::choose(&rest, &left, 42).unwrap();
    for trial in &choice.trials {
        println!("{trial:?}");
    }
    println!("chosen {:?} {:?}", choice.parts, t.elapsed());
    for (name, spec) in &choice.families {
        let t = std::time::Instant::now();
        let model = choose::fit(&[(1.0, *spec)], train).unwrap();
        println!(
            "{name} {:?} {:?} {:?}",
            spec,
            t.elapsed(),
            evaluate::measure(&model, &cases)
        );
    }
    let model = choose::fit(&choice.parts, train).unwrap();
    println!("{:?}", evaluate::measure(&model, &cases));
}

#[test]
fn beauty() {
    let Some(data) = lines(&["amazon_5core/Beauty.txt.xz"]) else {
        return;
    };
    let split = evaluate::leave_last_out(&data.sets[0]);
    println!(
        "{} users {} items {} cases",
        split.fit.users(),
        split.fit.items(),
        split.test.len()
    );
    let t = std::time::Instant::now();
    let choice = choose::choose(&split.fit, &split.validation, 42).unwrap();
    for trial in &choice.trials {
        println!("{trial:?}");
    }
    println!("chosen {:?} {:?}", choice.parts, t.elapsed());
    for (name, spec) in &choice.families {
        let t = std::time::Instant::now();
        let model = choose::fit(&[(1.0, *spec)], &split.fit).unwrap();
        println!(
            "{name} {:?} {:?} {:?}",
            spec,
            t.elapsed(),
            evaluate::measure(&model, &split.test)
        );
    }
    let model = choose::fit(&choice.parts, &split.fit).unwrap();
    println!("{:?}", evaluate::measure(&model, &split.test));
}
