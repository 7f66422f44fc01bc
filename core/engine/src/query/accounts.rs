//! The accounts of a person.

use std::cmp::Reverse;

use kith_base::Timestamp;
use kith_profile::{Account, Fold, accounts_of};

use crate::state::{Error, Read};
use crate::table::{self, AccountRow};

/// An account that a person belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonAccount {
    /// Its id.
    pub id: String,
    /// When an event of the person last named it.
    pub named_at: Timestamp,
    /// How many persons belong to it.
    pub persons: u64,
    /// What is known of it.
    pub account: Account,
}

/// The accounts of the person with this fold, the one named last first.
pub fn accounts(state: &dyn Read, fold: &Fold) -> Result<Vec<PersonAccount>, Error> {
    let held = accounts_of([fold]);
    let mut named: Vec<_> = held.iter().map(|(id, stamp)| (*stamp, id)).collect();
    named.sort_unstable_by_key(|(stamp, id)| Reverse((*stamp, *id)));
    let read = |(stamp, id): (kith_profile::Stamp, &str)| {
        let row: Option<AccountRow> = table::read(state, &table::account(id))?;
        Ok(PersonAccount {
            id: id.to_owned(),
            named_at: stamp.at,
            persons: table::read_number(state, &table::account_size(id))?,
            account: row.unwrap_or_default().account,
        })
    };
    named.into_iter().map(read).collect()
}
