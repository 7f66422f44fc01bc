//! Networks that belong to accounts.

use kith_base::{Network, limits};
use serde::{Deserialize, Serialize};

use crate::Errors;
use crate::shape::{Field, Shape};

/// The network of an account, such as that of an office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountNetwork {
    /// In CIDR notation.
    pub network: String,
    /// Id of the account.
    pub account: String,
}

pub(super) const ACCOUNT_NETWORK: &[Field] = &[
    Field {
        name: "network",
        about: "the network, at most as small as 203.0.113.0/24 or 2001:db8:1::/48",
        shape: Shape::Text {
            chars_max: limits::IDENTIFIER_MAX_CHARS,
            example: "203.0.113.0/24",
        },
        default: None,
    },
    Field {
        name: "account",
        about: "id of the account",
        shape: Shape::Text {
            chars_max: limits::IDENTIFIER_MAX_CHARS,
            example: "acme",
        },
        default: None,
    },
];

impl AccountNetwork {
    /// What is wrong with the network. Smaller ones are refused: of addresses only the coarse
    /// network is kept.
    fn wrong(&self) -> Option<String> {
        let text = &self.network;
        let Some(network) = Network::parse(text) else {
            return Some(format!("{text:?} is not a network; write 203.0.113.0/24"));
        };
        let (v4, v6) = (Network::COARSE_V4, Network::COARSE_V6);
        if !network.is_coarse() {
            return Some(format!(
                "{text:?} is smaller than what is kept of an address; write at most /{v4}, or \
                 /{v6} for IPv6"
            ));
        }
        (network.to_string() != *text)
            .then(|| format!("{text:?} has bits beyond its length; write {network}"))
    }
}

/// Reports every network that is none, or too small.
pub(super) fn check(networks: &[AccountNetwork], errors: &mut Errors) {
    for (n, one) in networks.iter().enumerate() {
        if let Some(wrong) = one.wrong() {
            errors.push(format!("spec.account_networks[{n}].network"), wrong);
        }
    }
}
