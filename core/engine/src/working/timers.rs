//! Timers, and the mark before which there is none.

use kith_base::Timestamp;

use crate::Working;
use crate::state::{Error, Row};
use crate::table::{self, TIMERS_FROM};

impl Working<'_> {
    /// Lets something be due at an instant.
    pub(crate) fn put_timer(&mut self, due: Timestamp, what: &str) -> Result<(), Error> {
        let mark = table::mark(TIMERS_FROM);
        let due_number = table::instant_number(due);
        if due_number < self.number(&mark)? {
            self.put_number(&mark, due_number)?;
        }
        self.tx.put(&table::timer(due, what), Vec::new());
        Ok(())
    }

    /// Lets it not be due then.
    pub(crate) fn delete_timer(&mut self, due: Timestamp, what: &str) {
        self.tx.delete(&table::timer(due, what));
    }

    /// Timers due by an instant, the longest overdue first. The next search begins at the first of
    /// them, or after `by` when there is none.
    pub(crate) fn timers_due(&mut self, by: Timestamp, most: usize) -> Result<Vec<Row>, Error> {
        let mark = table::mark(TIMERS_FROM);
        let from = self.number(&mark)?;
        let due = table::timers_due_from(self.tx, from, by, most)?;
        let first = due.first().and_then(|(key, _)| table::timer_place(key));
        let after = Timestamp::from_millis(by.as_millis() + 1);
        let next = table::instant_number(first.map_or(after, |(at, _)| at));
        // A name that is no text stays where it is.
        if next > from && (due.is_empty() || first.is_some()) {
            self.put_number(&mark, next)?;
        }
        Ok(due)
    }
}
