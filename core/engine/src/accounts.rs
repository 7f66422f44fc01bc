//! What rules may know of the accounts of a person: their traits, and how many of their persons
//! are in an audience.

use std::collections::{BTreeMap, BTreeSet};

use kith_base::{Network, Value};
use kith_identity::Rules;
use kith_profile::{Account, Accounts, Fold, Stamp, accounts_of};
use kith_rule::{FactKey, Quantifier};

use crate::state::{Error, Read};
use crate::table::{self, AccountRow};

/// The accounts of a person with these nodes: those that group events named, and for want of any
/// those of their e-mail domains, or else that of the network they were last seen in.
pub(crate) fn accounts_by_rules<'a>(
    rules: &Rules,
    folds: impl IntoIterator<Item = &'a Fold>,
    identifiers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Accounts {
    let folds: Vec<&Fold> = folds.into_iter().collect();
    let mut named = accounts_of(folds.iter().copied());
    if named.is_empty() && rules.companies.is_some() {
        let identifiers = identifiers.into_iter();
        for company in identifiers.filter_map(|(name, value)| rules.company_of(name, value)) {
            named.put(company, Stamp::default(), |_, _| {});
        }
    }
    if named.is_empty() && !rules.networks.is_empty() {
        let networks = folds.iter().filter_map(|fold| fold.network.as_ref());
        let latest = networks.max_by_key(|held| held.stamp);
        let network = latest.and_then(|held| Network::parse(&held.value));
        if let Some(account) = network.and_then(|network| rules.account_of_network(&network)) {
            named.put(account, Stamp::default(), |_, _| {});
        }
    }
    named
}

/// What live rules ask of accounts.
#[derive(Clone, Debug, Default)]
pub struct Questions {
    traits: bool,
    audiences: BTreeSet<String>,
}

impl Questions {
    /// What these facts ask.
    pub(crate) fn of<'a>(keys: impl IntoIterator<Item = &'a FactKey>) -> Self {
        let mut questions = Questions::default();
        for key in keys {
            match key {
                FactKey::Account(_) => questions.traits = true,
                FactKey::AccountPersons { audience, .. } => {
                    questions.audiences.insert(audience.clone());
                }
                _ => {}
            }
        }
        questions
    }

    /// True when nothing is asked.
    pub(crate) fn is_empty(&self) -> bool {
        !self.traits && self.audiences.is_empty()
    }

    /// Audiences of which it is asked who of an account is in them.
    pub(crate) fn audiences(&self) -> impl Iterator<Item = &str> {
        self.audiences.iter().map(String::as_str)
    }
}

/// The accounts of one person, as far as rules ask.
#[derive(Debug)]
pub(crate) struct PersonAccounts {
    /// The one named last first.
    accounts: Vec<Account>,
    /// By audience, of each account how many of its persons are in it, and how many there are.
    members: BTreeMap<String, Vec<(u64, u64)>>,
}

impl PersonAccounts {
    /// Reads them; `None` for somebody without an account, or when nothing is asked. `number`
    /// reads numbers that may be newer than the state.
    pub fn read(
        state: &dyn Read,
        number: &dyn Fn(&[u8]) -> Result<u64, Error>,
        questions: &Questions,
        held: impl FnOnce() -> Accounts,
    ) -> Result<Option<Self>, Error> {
        if questions.is_empty() {
            return Ok(None);
        }
        let held = held();
        let mut named: Vec<(Stamp, &str)> = held.iter().map(|(id, at)| (*at, id)).collect();
        if named.is_empty() {
            return Ok(None);
        }
        named.sort_unstable_by(|a, b| b.cmp(a));
        let mut known = PersonAccounts {
            accounts: Vec::new(),
            members: BTreeMap::new(),
        };
        for (_, id) in named {
            if questions.traits {
                let row: Option<AccountRow> = table::read(state, &table::account(id))?;
                known.accounts.extend(row.map(|row| row.account));
            }
            let size = number(&table::account_size(id))?;
            for audience in questions.audiences() {
                let members = number(&table::account_members(id, audience))?;
                let counts = known.members.entry(audience.to_owned()).or_default();
                counts.push((members, size));
            }
        }
        Ok(Some(known))
    }

    /// Answers a question. `own` is by how much the person changes the number of an audience's
    /// members, beside what is counted.
    pub fn answer(&self, key: &FactKey, own: &dyn Fn(&str) -> i64) -> Value {
        match key {
            FactKey::Account(path) => {
                let mut held = self.accounts.iter();
                let first = held.find_map(|account| account.trait_value(path.first()));
                first.map_or(Value::Null, |held| path.follow_rest(held).clone())
            }
            FactKey::AccountPersons {
                quantifier,
                audience,
            } => {
                let Some(counts) = self.members.get(audience) else {
                    return Value::Null;
                };
                let own = own(audience);
                let mut counts = counts
                    .iter()
                    .map(|(members, size)| (members.saturating_add_signed(own), *size));
                Value::Bool(match quantifier {
                    Quantifier::Any => counts.any(|(members, _)| members > 0),
                    Quantifier::No => counts.all(|(members, _)| members == 0),
                    Quantifier::All => counts.all(|(members, size)| members == size),
                })
            }
            _ => Value::Null,
        }
    }
}

/// Nothing beside what is counted.
pub(crate) fn as_counted(_: &str) -> i64 {
    0
}
