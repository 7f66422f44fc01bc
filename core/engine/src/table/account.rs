//! Accounts: what is known of one, who belongs to it, and how many of those are in an audience.

use kith_base::{PersonId, Timestamp};
use kith_profile::Account;
use serde::{Deserialize, Serialize};

use super::{end_of, key};
use crate::state::{Error, Read};

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccountRow {
    /// What group events said of it.
    pub account: Account,
    /// How far its persons were looked at since something about it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub walk: Option<AccountWalk>,
}

/// A walk over the persons of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountWalk {
    /// When its timer fires.
    pub due: Timestamp,
    /// Persons up to this one were looked at.
    #[serde(default)]
    pub through: Option<PersonId>,
    /// Something changed meanwhile: another walk follows.
    #[serde(default)]
    pub again: bool,
}

/// Key of an account. Its id holds no zero byte.
pub fn account(id: &str) -> Vec<u8> {
    key(b'A', &[id.as_bytes()])
}

/// Key of a person of an account.
pub fn account_person(account: &str, person: PersonId) -> Vec<u8> {
    key(b'P', &[account.as_bytes(), &[0], &person.0])
}

/// The persons of an account after one of them, by id, at most `limit`.
pub fn persons_of_account(
    state: &dyn Read,
    account: &str,
    after: Option<PersonId>,
    limit: usize,
) -> Result<Vec<PersonId>, Error> {
    let prefix = key(b'P', &[account.as_bytes(), &[0]]);
    let mut start = prefix.clone();
    if let Some(person) = after {
        start = account_person(account, person);
        start.push(0);
    }
    let rows = state.range(&start, &end_of(&prefix), limit)?;
    let person = |(key, _): &(Vec<u8>, _)| super::member_person(key);
    Ok(rows.iter().filter_map(person).collect())
}

/// Key of the number of an account's persons.
pub fn account_size(account: &str) -> Vec<u8> {
    account_members(account, "")
}

/// Key of the number of those who are in an audience. One that is 0 has no row.
pub fn account_members(account: &str, audience: &str) -> Vec<u8> {
    key(
        ACCOUNT_NUMBER,
        &[account.as_bytes(), &[0], audience.as_bytes()],
    )
}

/// Prefix of the numbers of accounts.
pub(crate) const ACCOUNT_NUMBER: u8 = b'N';
