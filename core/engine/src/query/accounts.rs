//! The accounts of a person.

use std::cmp::Reverse;

use kith_base::Timestamp;
use kith_profile::{Account, Profile};

use crate::Project;
use crate::accounts::accounts_by_rules;
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

/// The accounts of the person with this profile, the one named last first.
pub fn accounts(
    state: &dyn Read,
    project: &Project,
    profile: &Profile,
) -> Result<Vec<PersonAccount>, Error> {
    let identifiers = profile.nodes.iter().map(|node| &node.identifier);
    let names = identifiers.map(|one| (&*one.namespace, &*one.value));
    let held = accounts_by_rules(&project.identity, [&profile.fold], names);
    let mut named: Vec<_> = held.iter().map(|(id, stamp)| (*stamp, id)).collect();
    named.sort_unstable_by_key(|(stamp, id)| Reverse((*stamp, *id)));
    let read = |(stamp, id): (kith_profile::Stamp, &str)| {
        let row: Option<AccountRow> = table::read(state, &table::account(id))?;
        Ok(PersonAccount {
            id: id.to_owned(),
            // One that follows from the e-mail address is named by whatever the person does.
            named_at: match stamp == kith_profile::Stamp::default() {
                true => profile.fold.last_seen_at.unwrap_or_default(),
                false => stamp.at,
            },
            persons: table::read_number(state, &table::account_size(id))?,
            account: row.unwrap_or_default().account,
        })
    };
    named.into_iter().map(read).collect()
}
