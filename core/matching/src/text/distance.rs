//! Distances between short texts by bit masks; longer ones are compared by their first 64 bytes.

/// Bytes compared: the width of a mask.
const WIDTH: usize = 64;

/// Less similar texts are not told apart.
const SIMILAR_MIN: f32 = 0.8;

/// Jaro-Winkler similarity, 0 to 1 (Winkler 1990; prefix weight 0.1, at most four letters); 0 when
/// it cannot reach [`SIMILAR_MIN`].
pub fn jaro_winkler(one: &str, other: &str) -> f32 {
    // Greedy pairing depends on the side it begins from: the lesser text is always first.
    let (one, other) = if one <= other {
        (cut(one), cut(other))
    } else {
        (cut(other), cut(one))
    };
    if one.is_empty() || other.is_empty() {
        return 0.0;
    }
    if most_similar(one, other) < SIMILAR_MIN {
        return 0.0;
    }
    let reach = (one.len().max(other.len()) / 2).saturating_sub(1);
    let (mut taken_one, mut taken_other) = (0u64, 0u64);
    for (at, symbol) in one.iter().enumerate() {
        let (from, to) = (at.saturating_sub(reach), (at + reach + 1).min(other.len()));
        for (place, candidate) in other.iter().enumerate().take(to).skip(from) {
            if candidate == symbol && taken_other & 1 << place == 0 {
                taken_other |= 1 << place;
                taken_one |= 1 << at;
                break;
            }
        }
    }
    let matches = taken_one.count_ones();
    if matches == 0 {
        return 0.0;
    }
    let mut moved = 0;
    let mut rest = taken_other;
    let mut left = taken_one;
    while left != 0 {
        if one[left.trailing_zeros() as usize] != other[rest.trailing_zeros() as usize] {
            moved += 1;
        }
        left &= left - 1;
        rest &= rest - 1;
    }
    let matches = matches as f32;
    let jaro = (matches / one.len() as f32
        + matches / other.len() as f32
        + (matches - (moved / 2) as f32) / matches)
        / 3.0;
    let prefix = one
        .iter()
        .zip(other)
        .take(4)
        .take_while(|(a, b)| a == b)
        .count();
    jaro + prefix as f32 * 0.1 * (1.0 - jaro)
}

/// What the similarity cannot exceed: letters that the other has anywhere, in whatever place.
fn most_similar(one: &[u8], other: &[u8]) -> f32 {
    let bit = |symbol: &u8| 1u64 << (symbol & 63);
    let known = other.iter().fold(0, |known, symbol| known | bit(symbol));
    let shared = one
        .iter()
        .filter(|symbol| known & bit(symbol) != 0)
        .count()
        .min(other.len()) as f32;
    let jaro = (shared / one.len() as f32 + shared / other.len() as f32 + 1.0) / 3.0;
    let prefix = one
        .iter()
        .zip(other)
        .take(4)
        .take_while(|(a, b)| a == b)
        .count();
    jaro + prefix as f32 * 0.1 * (1.0 - jaro)
}

/// Edits (insert, delete, replace, swap of neighbours) from one text to the other when they are
/// at most `most`, which is 1 or 2.
pub fn osa_within(one: &str, other: &str, most: usize) -> Option<usize> {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (one, other) = (&one[same..], &other[same..]);
    let same = one
        .iter()
        .rev()
        .zip(other.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    (one, other) = (&one[..one.len() - same], &other[..other.len() - same]);
    let edits = edits(one, other, most);
    (edits <= most).then_some(edits)
}

/// Edits between texts that differ at both ends; more than `most` when there are more.
fn edits(one: &[u8], other: &[u8], most: usize) -> usize {
    let (short, long) = if one.len() <= other.len() {
        (one, other)
    } else {
        (other, one)
    };
    match (short.len(), long.len()) {
        (0, length) => length,
        (1, 1) => 1,
        (2, 2) if short[0] == long[1] && short[1] == long[0] => 1,
        (_, longest) if most < 2 || longest > WIDTH => most + 1,
        _ => table(short, long),
    }
}

fn table(short: &[u8], long: &[u8]) -> usize {
    let mut before = [0u8; WIDTH + 1];
    let mut last: [u8; WIDTH + 1] = std::array::from_fn(|at| at as u8);
    for row in 1..=short.len() {
        let mut now = [0u8; WIDTH + 1];
        now[0] = row as u8;
        for column in 1..=long.len() {
            let (here, there) = (short[row - 1], long[column - 1]);
            let mut best = (last[column] + 1).min(now[column - 1] + 1);
            best = best.min(last[column - 1] + u8::from(here != there));
            if row > 1 && column > 1 && here == long[column - 2] && short[row - 2] == there {
                best = best.min(before[column - 2] + 1);
            }
            now[column] = best;
        }
        (before, last) = (last, now);
    }
    usize::from(last[long.len()])
}

fn cut(text: &str) -> &[u8] {
    &text.as_bytes()[..text.len().min(WIDTH)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_published_values() {
        // Winkler, "Overview of Record Linkage", 2006, table 6.
        for (one, other, expect) in [
            ("martha", "marhta", 0.961),
            ("dwayne", "duane", 0.840),
            ("dixon", "dicksonx", 0.813),
            ("abroms", "abrams", 0.922),
            ("a", "b", 0.0),
        ] {
            assert!(
                (jaro_winkler(one, other) - expect).abs() < 0.002,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn counts_edits_within_a_bound() {
        for (one, other, most, expect) in [
            ("smith", "smith", 1, Some(0)),
            ("smith", "smiht", 1, Some(1)),
            ("smith", "smit", 1, Some(1)),
            ("smith", "smyth", 1, Some(1)),
            ("smith", "smythe", 1, None),
            ("smith", "smythe", 2, Some(2)),
            ("abcd", "badc", 2, Some(2)),
            ("", "ab", 2, Some(2)),
            ("", "abc", 2, None),
        ] {
            assert_eq!(osa_within(one, other, most), expect, "{one} {other}");
        }
    }
}
