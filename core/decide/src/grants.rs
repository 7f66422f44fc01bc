//! Offers with limits: where a person stands with one, and what a grant says.

use kith_base::{Timestamp, limits};
use kith_event::Code;
use serde::{Deserialize, Serialize, Serializer};

/// Where a person stands with an offer that has limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It can be granted; whether it is, the one writer says.
    Open,
    /// They have it.
    Held(Grant),
    /// They cannot have it.
    Closed(Closed),
    /// It was asked for in this very decision, and could not be granted.
    Refused(Closed),
}

/// A granted offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Id of the grant (a UUID).
    pub grant_id: String,
    /// When.
    pub granted_at: Timestamp,
    /// First instant at which they no longer have it.
    pub expires_at: Timestamp,
    /// What they redeem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// It was granted for this very decision.
    #[serde(default)]
    pub new: bool,
}

/// Which limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// They had it so often within the days.
    PerPerson {
        /// Most grants.
        count: u32,
        /// Within so many days.
        days: u32,
    },
    /// All are granted.
    OutOfStock {
        /// How many there were.
        stock: u64,
    },
    /// The money is spent.
    BudgetSpent,
    /// The money for the time passed so far is spent.
    AheadOfPace,
    /// No code is left.
    NoCode,
    /// Nobody looked, or it took too long.
    NotAsked,
}

impl Closed {
    /// Why, in a sentence.
    pub(crate) fn words(self) -> String {
        match self {
            Closed::PerPerson { count: 1, days } if i64::from(days) >= limits::OFFER_DAYS_MAX => {
                "Limit reached: they had it already".to_owned()
            }
            Closed::PerPerson { count, days } => {
                format!("Limit reached: they had it {count} × within {days} days")
            }
            Closed::OutOfStock { stock } => format!("Limit reached: all {stock} are granted"),
            Closed::BudgetSpent => "Limit reached: its budget is spent".to_owned(),
            Closed::AheadOfPace => {
                "Limit reached: the part of its budget for the time so far is spent".to_owned()
            }
            Closed::NoCode => "Limit reached: no coupon code is left".to_owned(),
            Closed::NotAsked => "Limit reached: it could not be granted in time".to_owned(),
        }
    }
}

/// What the answer says of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Granted {
    /// Id of the grant.
    pub grant_id: String,
    /// True when it was granted for this very decision, false when they had it before.
    pub new: bool,
    /// When it was granted.
    #[serde(serialize_with = "time")]
    pub granted_at: Timestamp,
    /// First instant at which they no longer have it.
    #[serde(serialize_with = "time")]
    pub expires_at: Timestamp,
    /// What they redeem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

impl From<&Grant> for Granted {
    fn from(grant: &Grant) -> Self {
        Granted {
            grant_id: grant.grant_id.clone(),
            new: grant.new,
            granted_at: grant.granted_at,
            expires_at: grant.expires_at,
            code: grant.code.clone(),
        }
    }
}

fn time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}
