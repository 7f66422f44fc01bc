//! Catalog items by words, page by page.
//!
//! The index holds the items of each word in order of id. A search goes along the items of its
//! rarest word, in that order, and looks whether the others are there too. A page therefore
//! begins where the one before ended, however many items a word has.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use kith_base::limits;

use super::catalog::item;
use crate::apply::item_words;
use crate::state::{Error, Read};
use crate::table;

/// Words that one word of a search may be the beginning of; with more it is no help, and the
/// search goes along all items.
const COMPLETIONS_MAX: usize = 64;
/// Items counted to find the rarest word.
const COUNT_MAX: usize = 1_000;
/// Items read from the index at once.
const CHUNK: usize = 256;

/// What a search came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// In order.
    pub item_ids: Vec<String>,
    /// The item after which the search goes on; `None` at the end. It may be given with fewer
    /// items than asked for, or none, when so many were looked at in vain.
    pub next: Option<String>,
}

/// Items that have, for every word of `text`, a word that begins with it, by id after `after`, at
/// most `limit`. Looks at no more than [`limits::SEARCH_ITEMS_MAX`] items.
pub fn search_items(
    state: &dyn Read,
    text: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Found, Error> {
    let words = item_words([text]);
    let mut found = Found {
        item_ids: Vec::new(),
        next: None,
    };
    if words.is_empty() || limit == 0 {
        return Ok(found);
    }
    let mut candidates = candidates(state, &words, after)?;
    for looked_at in 1.. {
        let Some(item_id) = candidates.next(state)? else {
            return Ok(found);
        };
        if has_all(state, &item_id, &words)? {
            found.item_ids.push(item_id.clone());
        }
        if found.item_ids.len() == limit || looked_at == limits::SEARCH_ITEMS_MAX {
            found.next = (!candidates.firsts.is_empty()).then_some(item_id);
            break;
        }
    }
    Ok(found)
}

fn has_all(state: &dyn Read, item_id: &str, words: &BTreeSet<String>) -> Result<bool, Error> {
    let stored = item(state, item_id)?.unwrap_or_default();
    let has = crate::apply::words_of_item(item_id, &stored);
    let begins = |word: &String| {
        has.range(word.clone()..)
            .next()
            .is_some_and(|next| next.starts_with(word.as_str()))
    };
    Ok(words.iter().all(begins))
}

/// The items of the rarest word, or all of them.
fn candidates(
    state: &dyn Read,
    words: &BTreeSet<String>,
    after: Option<&str>,
) -> Result<Candidates, Error> {
    let mut best: Option<(usize, Vec<String>)> = None;
    for word in words {
        let Some(whole) = completions(state, word)? else {
            continue;
        };
        let count = count(state, &whole)?;
        if best.as_ref().is_none_or(|(least, _)| count < *least) {
            best = Some((count, whole));
        }
    }
    let prefixes: Vec<Vec<u8>> = match best {
        Some((_, words)) => words
            .iter()
            .map(|word| table::item_word(word, ""))
            .collect(),
        None => vec![table::item("")],
    };
    let mut candidates = Candidates::default();
    for prefix in prefixes {
        let mut next = [&prefix[..], after.unwrap_or_default().as_bytes()].concat();
        if after.is_some() {
            next.push(0);
        }
        candidates.lists.push(List {
            end: table::end_of(&prefix),
            cut: prefix.len(),
            next,
            read: VecDeque::new(),
        });
    }
    for list in 0..candidates.lists.len() {
        candidates.put_first(state, list)?;
    }
    Ok(candidates)
}

/// The words of the index that begin with one; `None` when they are too many.
fn completions(state: &dyn Read, word: &str) -> Result<Option<Vec<String>>, Error> {
    let prefix = [b"w", word.as_bytes()].concat();
    let (mut start, end) = (prefix.clone(), table::end_of(&prefix));
    let mut whole = Vec::new();
    while let Some((key, _)) = state.range(&start, &end, 1)?.pop() {
        if whole.len() == COMPLETIONS_MAX {
            return Ok(None);
        }
        let zero = key.iter().position(|byte| *byte == 0);
        let found = &key[1..zero.unwrap_or(key.len())];
        whole.push(String::from_utf8_lossy(found).into_owned());
        start = [&key[..=found.len()], &[1]].concat();
    }
    Ok(Some(whole))
}

/// How many items have one of these words, counted up to a bound.
fn count(state: &dyn Read, words: &[String]) -> Result<usize, Error> {
    let mut count = 0;
    for word in words {
        let prefix = table::item_word(word, "");
        let most = COUNT_MAX - count;
        count += state.range(&prefix, &table::end_of(&prefix), most)?.len();
        if count == COUNT_MAX {
            break;
        }
    }
    Ok(count)
}

/// Several lists of items read as one, in order and each item once.
#[derive(Default)]
struct Candidates {
    lists: Vec<List>,
    firsts: BinaryHeap<Reverse<(String, usize)>>,
}

/// Keys of the index that differ in the item alone.
struct List {
    next: Vec<u8>,
    end: Vec<u8>,
    cut: usize,
    read: VecDeque<String>,
}

impl Candidates {
    fn next(&mut self, state: &dyn Read) -> Result<Option<String>, Error> {
        let Some(Reverse((item_id, list))) = self.firsts.pop() else {
            return Ok(None);
        };
        self.put_first(state, list)?;
        while let Some(Reverse((same, list))) = self.firsts.peek()
            && *same == item_id
        {
            let list = *list;
            self.firsts.pop();
            self.put_first(state, list)?;
        }
        Ok(Some(item_id))
    }

    fn put_first(&mut self, state: &dyn Read, at: usize) -> Result<(), Error> {
        let list = &mut self.lists[at];
        if list.read.is_empty() {
            for (key, _) in state.range(&list.next, &list.end, CHUNK)? {
                let item_id = String::from_utf8_lossy(&key[list.cut..]).into_owned();
                list.read.push_back(item_id);
                list.next = key;
                list.next.push(0);
            }
        }
        if let Some(item_id) = list.read.pop_front() {
            self.firsts.push(Reverse((item_id, at)));
        }
        Ok(())
    }
}
