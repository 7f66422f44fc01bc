//! Made-up persons, some of whom gave their data twice.

use kith_base::Random;
use serde_json::{Value, json};

const GIVEN: [&str; 24] = [
    "Anna", "Bruno", "Clara", "David", "Elena", "Felix", "Greta", "Hugo", "Irene", "Jonas",
    "Karin", "Leon", "Maria", "Nils", "Olga", "Paul", "Ruth", "Simon", "Tessa", "Ulrich", "Vera",
    "Walter", "Xenia", "Yusuf",
];
const SYLLABLES: [&str; 20] = [
    "ba", "der", "fin", "gol", "har", "jan", "kel", "lor", "mas", "nov", "pet", "quin", "ros",
    "sten", "tov", "ul", "ver", "wit", "zan", "brun",
];
const CITIES: [&str; 12] = [
    "Bonn", "Graz", "Basel", "Lyon", "Turin", "Ghent", "Malmo", "Porto", "Brno", "Gdansk", "Split",
    "Cork",
];

/// What one record says of a person.
pub fn traits(person: u64) -> Value {
    let mut random = Random::from_parts("person", &[&person.to_be_bytes()]);
    let mut word = |count: usize| -> String {
        (0..count)
            .map(|_| SYLLABLES[random.below(SYLLABLES.len() as u64) as usize])
            .collect()
    };
    let (surname, street) = (capital(&word(3)), capital(&word(2)));
    let given = GIVEN[random.below(24) as usize];
    let (year, month, day) = (
        1940 + random.below(65),
        1 + random.below(12),
        1 + random.below(28),
    );
    json!({
        "firstName": given,
        "lastName": surname,
        "birthday": format!("{year}-{month:02}-{day:02}"),
        "email": format!("{}.{}{}@mail.example", given.to_lowercase(), surname.to_lowercase(),
            random.below(90)),
        "phone": format!("+4915{:08}", random.below(100_000_000)),
        "address": {
            "street": format!("{street}weg {}", 1 + random.below(120)),
            "city": CITIES[random.below(12) as usize],
            "postalCode": format!("{:05}", 10_000 + random.below(80_000)),
        },
    })
}

/// The same person again, as somebody else wrote it down.
pub fn again(person: u64) -> Value {
    let mut told = traits(person);
    let swapped = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        let middle = letters.len() / 2;
        letters.swap(middle - 1, middle);
        letters.into_iter().collect::<String>()
    };
    match person % 4 {
        0 => told["lastName"] = json!(swapped(told["lastName"].as_str().unwrap())),
        1 => told["email"] = Value::Null,
        2 => told["phone"] = Value::Null,
        _ => told["address"]["street"] = json!("elsewhere 5"),
    }
    told
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}
