//! Paging: limits and opaque cursors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kith_base::limits;

use crate::problem::Problem;
use crate::query::invalid;
use crate::wire::Page;

/// The page size asked for, or the default one.
pub fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked {
        None => Ok(limits::PAGE_DEFAULT),
        Some(limit) if (1..=limits::PAGE_MAX).contains(&limit) => Ok(limit),
        Some(_) => {
            let message = format!("must be from 1 to {}", limits::PAGE_MAX);
            Err(invalid("limit", &message))
        }
    }
}

/// The cursor that stands for a place in a list. `list` keeps the cursors of two lists apart.
pub fn cursor(list: &str, place: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{list} {place}"))
}

/// The place a cursor of this list stands for.
pub fn place(list: &str, cursor: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let text = URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    match text.as_deref().and_then(|text| text.split_once(' ')) {
        Some((of, place)) if of == list => Ok(Some(place.to_owned())),
        _ => Err(wrong_cursor()),
    }
}

/// The place as a number.
pub fn number_place(list: &str, cursor: Option<&str>) -> Result<Option<u64>, Problem> {
    place(list, cursor)?
        .map(|text| text.parse().map_err(|_| wrong_cursor()))
        .transpose()
}

/// A cursor that means nothing here.
pub fn wrong_cursor() -> Problem {
    invalid("cursor", "is not a next_cursor of this list")
}

/// A page from rows of which one more than `limit` was read, to know whether more follow. `place`
/// names the last row shown.
pub fn page<T>(
    list: &str,
    mut rows: Vec<T>,
    limit: usize,
    place: impl Fn(&T) -> String,
) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|row| cursor(list, &place(row)));
    Page {
        items: rows,
        next_cursor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_one_to_the_largest() {
        assert_eq!(limit(None).unwrap(), limits::PAGE_DEFAULT);
        assert_eq!(limit(Some(limits::PAGE_MAX)).unwrap(), limits::PAGE_MAX);
        assert!(limit(Some(limits::PAGE_MAX + 1)).is_err());
        assert!(limit(Some(0)).is_err());
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list() {
        let cursor = cursor("events", "42");
        assert_eq!(number_place("events", Some(&cursor)).unwrap(), Some(42));
        assert!(number_place("items", Some(&cursor)).is_err());
        assert!(number_place("events", Some("!")).is_err());
        assert_eq!(number_place("events", None).unwrap(), None);
    }

    #[test]
    fn a_full_page_ends_the_list_and_one_row_more_does_not() {
        let end = page("n", vec![1, 2], 2, |n: &u64| n.to_string());
        assert_eq!((end.items, end.next_cursor), (vec![1, 2], None));
        let more = page("n", vec![1, 2, 3], 2, |n: &u64| n.to_string());
        let place = number_place("n", more.next_cursor.as_deref()).unwrap();
        assert_eq!((more.items, place), (vec![1, 2], Some(2)));
    }
}
