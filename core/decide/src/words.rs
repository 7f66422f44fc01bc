//! What a reason says to the person herself.

/// Words about somebody, and to them.
const TURNED: [(&str, &str); 7] = [
    ("theirs", "yours"),
    ("their", "your"),
    ("Their", "Your"),
    ("them", "you"),
    ("they", "you"),
    ("They", "You"),
    ("themselves", "yourself"),
];

/// The first reason of a choice as an answer to "why am I seeing this?". What stands in quotes is
/// theirs and stays as it is; how the offer was ranked is nobody's business but the shop's.
pub fn to_them(reason: &str) -> String {
    let told = match ["Because ", "Shown because "]
        .iter()
        .find_map(|word| reason.strip_prefix(word))
    {
        Some(rest) => format!("You see this because {}", turned(rest)),
        None => match reason.strip_prefix("It ") {
            Some(rest) => format!("You see this because it {}", turned(rest)),
            None => format!("You see this for this reason: {}", turned(reason)),
        },
    };
    let told = told.replace("this person", "you");
    format!("{}.", told.trim_end_matches('.'))
}

/// The text with every word about a person turned to them, outside quotes.
fn turned(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, part) in text.split('"').enumerate() {
        if n > 0 {
            out.push('"');
        }
        if n % 2 == 1 {
            out.push_str(part);
            continue;
        }
        let mut word_from = 0;
        for (at, sign) in part.char_indices().chain([(part.len(), ' ')]) {
            if sign.is_alphanumeric() || sign == '_' {
                continue;
            }
            let word = &part[word_from..at];
            let found = TURNED.iter().find(|(of, _)| *of == word);
            out.push_str(found.map_or(word, |(_, to)| to));
            if at < part.len() {
                out.push(sign);
            }
            word_from = at + sign.len_utf8();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_turned_to_the_person() {
        let check = |reason: &str, expect: &str| assert_eq!(to_them(reason), expect);
        check(
            "Because the number of products in their cart is 2, which is at least 1",
            "You see this because the number of products in your cart is 2, which is at least 1.",
        );
        check(
            "It is for everybody",
            "You see this because it is for everybody.",
        );
        check(
            "It was granted to them at 8 and is theirs until 9",
            "You see this because it was granted to you at 8 and is yours until 9.",
        );
        check(
            "Because their plan is \"them and their\" and they viewed shoes",
            "You see this because your plan is \"them and their\" and you viewed shoes.",
        );
        check(
            "Shown because this person refused personalization",
            "You see this because you refused personalization.",
        );
        check("Popular now", "You see this for this reason: Popular now.");
        check(
            "Viewed 3 days ago — théir",
            "You see this for this reason: Viewed 3 days ago — théir.",
        );
    }
}
