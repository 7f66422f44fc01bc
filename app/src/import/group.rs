//! Rows of one key, held until no more can come: bounded by the reach of a group.

use std::collections::VecDeque;

use kith_base::Digest;

use super::rows::Row;

/// Most rows of one group; beyond it the group is closed and a new one begins, with a complaint.
pub const ROWS_MAX: usize = 100_000;

/// Groups that may still grow, oldest first.
pub struct Groups {
    within_rows: u64,
    open: VecDeque<Group>,
}

/// The rows of one key so far.
pub struct Group {
    /// The key.
    pub key: Digest,
    /// Its rows in order.
    pub rows: Vec<Row>,
    /// Ordinal of its first row in the file, from 0.
    pub first: u64,
    /// Ordinal of its last row.
    pub last: u64,
}

impl Groups {
    /// None open; rows of a group lie at most `within_rows` other rows apart.
    pub fn new(within_rows: u64) -> Self {
        Groups {
            within_rows,
            open: VecDeque::new(),
        }
    }

    /// Adds the row with this ordinal and answers the groups that are complete now.
    pub fn add(&mut self, key: Digest, row: Row, ordinal: u64) -> Vec<Group> {
        let complete = self.close_before(ordinal);
        match self.open.iter_mut().find(|group| group.key == key) {
            Some(group) => {
                group.rows.push(row);
                group.last = ordinal;
            }
            None => {
                self.open.push_back(Group {
                    key,
                    rows: vec![row],
                    first: ordinal,
                    last: ordinal,
                });
            }
        }
        complete
    }

    /// The groups that are still open, at the end of the file.
    pub fn finish(&mut self) -> Vec<Group> {
        self.open.drain(..).collect()
    }

    /// Ordinal of the earliest row that is still held.
    pub fn earliest(&self) -> Option<u64> {
        self.open.iter().map(|group| group.first).min()
    }

    fn close_before(&mut self, ordinal: u64) -> Vec<Group> {
        let mut complete = Vec::new();
        let mut kept = VecDeque::with_capacity(self.open.len());
        for group in self.open.drain(..) {
            let others_between = ordinal - group.last - 1;
            if others_between > self.within_rows || group.rows.len() >= ROWS_MAX {
                complete.push(group);
            } else {
                kept.push_back(group);
            }
        }
        self.open = kept;
        complete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of a file in order → its groups as lists of ordinals, in order of completion.
    fn check(within_rows: u64, keys: &str, expect: &[&str]) {
        let mut groups = Groups::new(within_rows);
        let mut complete = Vec::new();
        for (ordinal, key) in keys.bytes().enumerate() {
            let row = Row {
                line: ordinal as u64,
                cells: vec![(key as char).to_string()],
            };
            let digest = kith_base::digest("test", &[&[key]]);
            complete.extend(groups.add(digest, row, ordinal as u64));
        }
        complete.extend(groups.finish());
        let texts: Vec<String> = complete
            .iter()
            .map(|group| group.rows.iter().map(|row| row.cells[0].as_str()).collect())
            .collect();
        assert_eq!(texts, expect);
        assert_eq!(groups.earliest(), None);
    }

    #[test]
    fn groups_close_when_nothing_can_follow() {
        check(0, "aabbba", &["aa", "bbb", "a"]);
        check(2, "aabba", &["aaa", "bb"]);
        check(1, "aabba", &["aa", "bb", "a"]);
        check(1, "ababcc", &["aa", "bb", "cc"]);
        check(0, "", &[]);
    }
}
