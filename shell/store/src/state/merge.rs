//! Rows laid over other rows.

use std::{cmp::Ordering, iter::Peekable};

use kith_engine::state::{Error, Row};

/// A row written, or deleted.
pub(crate) type Write = (Vec<u8>, Option<Vec<u8>>);

/// In which order keys come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ascending,
    Descending,
}

/// Merges two streams in the same order; on the same key `over` wins, and its deletes hide rows.
pub(crate) struct Merged<O: Iterator, B: Iterator> {
    over: Peekable<O>,
    base: Peekable<B>,
    direction: Direction,
}

impl<O, B> Merged<O, B>
where
    O: Iterator<Item = Write>,
    B: Iterator<Item = Result<Row, Error>>,
{
    pub fn new(over: O, base: B, direction: Direction) -> Self {
        Merged {
            over: over.peekable(),
            base: base.peekable(),
            direction,
        }
    }
}

impl<O, B> Iterator for Merged<O, B>
where
    O: Iterator<Item = Write>,
    B: Iterator<Item = Result<Row, Error>>,
{
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some((over, _)) = self.over.peek() else {
                return self.base.next();
            };
            let over = match self.base.peek() {
                Some(Err(_)) => return self.base.next(),
                None => Ordering::Less,
                Some(Ok((base, _))) => match self.direction {
                    Direction::Ascending => over.cmp(base),
                    Direction::Descending => base.cmp(over),
                },
            };
            if over == Ordering::Greater {
                return self.base.next();
            }
            if over == Ordering::Equal {
                self.base.next();
            }
            if let Some((key, Some(value))) = self.over.next() {
                return Some(Ok((key, value)));
            }
        }
    }
}
