//! "Did you mean": the closest of some known words.

/// The known word closest to `word`, if it is close enough to be a slip: at most a third of the
/// letters changed, added, dropped or swapped with a neighbour. The first of equals wins.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word
        .chars()
        .take(LENGTH_MAX)
        .flat_map(char::to_lowercase)
        .collect();
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let letters: Vec<char> = candidate.chars().take(LENGTH_MAX).collect();
        let limit = word.len().max(letters.len()).div_ceil(3);
        let distance = distance(&word, &letters);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Longer words are compared by their beginning.
const LENGTH_MAX: usize = 64;

/// Optimal string alignment distance, O(length²).
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, a) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, b) in right.iter().enumerate() {
            let changed = previous[column] + usize::from(a != b);
            let mut least = changed
                .min(previous[column + 1] + 1)
                .min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *a == right[column - 1] && left[row - 1] == *b;
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_only() {
        let known = ["priority", "placements", "when"];
        assert_eq!(nearest("priorty", known), Some("priority"));
        assert_eq!(nearest("wehn", known), Some("when"));
        assert_eq!(nearest("Placement", known), Some("placements"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest("", known), None);
    }
}
