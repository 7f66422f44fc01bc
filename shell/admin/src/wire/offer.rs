//! Offers at work: grants, codes, and how many people pass each layer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PersonRow;

/// How much of an offer with limits is granted.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferState {
    /// Grants, ever.
    pub granted: u64,
    /// Grants that were used up.
    pub used: u64,
    /// Money that grants took, as a decimal string.
    #[schema(examples("12.50"))]
    pub spent: String,
    /// Grants left of the stock; `null` without one.
    #[schema(required)]
    pub stock_left: Option<u64>,
    /// Uploaded codes that are not given out yet.
    pub codes_left: u64,
}

/// Coupon codes for an offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CouponsInput {
    /// Given out in this order; up to 10,000.
    pub codes: Vec<String>,
}

/// What became of coupon codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CouponsAccepted {
    /// New ones.
    pub added: u64,
    /// Those the offer had before, or that came twice.
    pub known: u64,
    /// Codes that are not given out yet.
    pub codes_left: u64,
}

/// How many people pass each layer of a placement's offers.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacementFunnel {
    /// People looked at: a fair sample, or all.
    pub sampled: u64,
    /// People there are.
    pub persons: u64,
    /// Of those looked at, people who refused personalization.
    pub refused: u64,
    /// Of those looked at, people who are shown no offer.
    pub never_offered: u64,
    /// Some of them.
    pub never_offered_sample: Vec<PersonRow>,
    /// Offer by offer.
    pub offers: Vec<OfferFunnel>,
}

/// How many people pass each layer of one offer.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct OfferFunnel {
    /// The offer.
    pub offer: String,
    /// People it was considered for.
    pub considered: u64,
    /// In schedule, not excluded and not silenced.
    pub allowed: u64,
    /// Of these, eligible.
    pub eligible: u64,
    /// Of these, at a moment when it makes sense.
    pub applicable: u64,
    /// Of these, good for them.
    pub suitable: u64,
    /// Of these, within the offer's limits.
    pub within_limits: u64,
    /// Of these, within the floors of the placement.
    pub within_floors: u64,
    /// Of these, ranked high enough to be shown at all.
    pub relevant: u64,
    /// Of these, shown.
    pub shown: u64,
}
