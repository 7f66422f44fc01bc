//! `webhook`: an address that is told who enters and who leaves audiences, and how computed traits
//! change.

use kith_base::{Json, limits};
use serde::{Deserialize, Serialize};

use crate::shape::{self, Field, Shape, Unique};
use crate::{Errors, FieldError};

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// For people.
    pub description: String,
    /// Where deliveries go.
    pub url: String,
    /// False: what happens meanwhile is not delivered, then or later.
    pub enabled: bool,
    /// Audiences it is told about.
    pub audiences: Vec<String>,
    /// What it is told about them.
    pub events: Vec<WebhookEvent>,
    /// Computed traits whose changes it is told of.
    pub trait_changes: Vec<String>,
    /// Traits that a delivery carries, computed ones too.
    pub traits: Vec<String>,
    /// Namespaces of the identifiers that a delivery carries.
    pub identifiers: Vec<String>,
    /// Category a person must have consented to; empty when none is needed.
    pub consent: String,
    /// What signs deliveries. The secrets themselves are not kept.
    pub secrets: Vec<WebhookSecret>,
}

/// What a webhook may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookEvent {
    /// Somebody entered.
    Entered,
    /// Somebody left.
    Left,
}

/// Names a secret; with the server's own key it gives the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSecret {
    /// Random letters.
    pub id: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When it stops signing; `None` while it is the newest.
    pub expires_at: Option<String>,
}

const SECRET: &[Field] = &[
    Field {
        name: "id",
        about: "random letters that name the secret",
        shape: Shape::Text {
            chars_max: 32,
            example: "k3j9x0",
        },
        default: None,
    },
    Field {
        name: "created_at",
        about: "when it was made",
        shape: Shape::Time,
        default: None,
    },
    Field {
        name: "expires_at",
        about: "when it stops signing; null while it is the newest",
        shape: Shape::Nullable(&Shape::Time),
        default: Some("null"),
    },
];

/// The members of a webhook.
pub(crate) const FIELDS: &[Field] = &[
    Field {
        name: "description",
        about: "what it is for, for people",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_TEXT_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "url",
        about: "where deliveries go: https, or http to this machine",
        shape: Shape::Text {
            chars_max: limits::WEBHOOK_URL_MAX_CHARS,
            example: "https://crm.example/hooks/kith",
        },
        default: None,
    },
    Field {
        name: "enabled",
        about: "false stops deliveries; what happens meanwhile is not delivered later",
        shape: Shape::Flag,
        default: Some("true"),
    },
    Field {
        name: "audiences",
        about: "audiences it is told about",
        shape: Shape::List {
            of: &Shape::Id,
            min: 0,
            max: limits::AUDIENCES_PER_WEBHOOK_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "events",
        about: "what it is told about them",
        shape: Shape::List {
            of: &Shape::Choice(&["entered", "left"]),
            min: 1,
            max: 2,
            unique: Unique::Whole,
        },
        default: Some(r#"["entered","left"]"#),
    },
    Field {
        name: "trait_changes",
        about: "computed traits whose changes it is told of, of everybody",
        shape: Shape::List {
            of: &Shape::Text {
                chars_max: limits::DEFINITION_ID_MAX_CHARS,
                example: "order_count",
            },
            min: 0,
            max: limits::TRAIT_CHANGES_PER_WEBHOOK_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "traits",
        about: "traits that a delivery carries, computed ones too",
        shape: Shape::List {
            of: &Shape::Text {
                chars_max: limits::DEFINITION_ID_MAX_CHARS,
                example: "plan",
            },
            min: 0,
            max: limits::TRAITS_PER_WEBHOOK_MAX,
            unique: Unique::Whole,
        },
        default: Some("[]"),
    },
    Field {
        name: "identifiers",
        about: "namespaces of the identifiers that a delivery carries",
        shape: Shape::List {
            of: &Shape::Name,
            min: 0,
            max: limits::NAMESPACES_MAX,
            unique: Unique::Whole,
        },
        default: Some(r#"["user_id"]"#),
    },
    Field {
        name: "consent",
        about: "category a person must have consented to; empty when none is needed",
        shape: Shape::Text {
            chars_max: limits::DEFINITION_ID_MAX_CHARS,
            example: "",
        },
        default: Some("\"\""),
    },
    Field {
        name: "secrets",
        about: "what signs deliveries; made by the server, one line a secret",
        shape: Shape::List {
            of: &Shape::Object(SECRET),
            min: 0,
            max: limits::SECRETS_PER_WEBHOOK_MAX,
            unique: Unique::By("id"),
        },
        default: Some("[]"),
    },
];

impl Webhook {
    /// Reads a spec; every error is reported.
    pub fn parse(spec: &Json) -> Result<Self, Vec<FieldError>> {
        shape::read(FIELDS, spec, Webhook::across)
    }

    fn across(webhook: &Webhook, errors: &mut Errors) {
        if !errors.has("spec.url")
            && let Err(message) = check_url(&webhook.url)
        {
            errors.push("spec.url", message);
        }
        if webhook.audiences.is_empty() && webhook.trait_changes.is_empty() {
            let message = "name an audience, or a computed trait in trait_changes: it would be \
                           told of nothing";
            errors.push("spec.audiences", message);
        }
    }
}

const EXAMPLE: &str = "write for example https://crm.example/hooks/kith";

/// Addresses are read strictly: what two programs may read differently is refused.
fn check_url(url: &str) -> Result<(), String> {
    let (secure, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(format!("{url:?} does not begin with https://; {EXAMPLE}")),
    };
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(['\\', '#', '"', '<', '>'])
    {
        return Err(format!(
            "{url:?} holds a blank, a fragment or a sign that addresses do not have; {EXAMPLE}"
        ));
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("a user or password in the address is not sent; leave it out".to_owned());
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']').unwrap_or(("", "")),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let port_number = port.strip_prefix(':').map(str::parse::<u16>);
    let port_fits = port.is_empty() || matches!(port_number, Some(Ok(1..)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let host_fits = match authority.starts_with('[') {
        true => host.parse::<core::net::Ipv6Addr>().is_ok(),
        false => !host.is_empty() && host.bytes().all(plain),
    };
    if !host_fits || !port_fits {
        return Err(format!("{authority:?} is not a host; {EXAMPLE}"));
    }
    if !secure && !is_loopback(host) {
        return Err(format!(
            "http would carry what is known of people in clear to {host}; write https://"
        ));
    }
    Ok(())
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<core::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(url: &str) -> String {
        check_url(url).expect_err(url)
    }

    #[test]
    fn https_or_this_machine() {
        for url in [
            "https://crm.example",
            "https://crm.example:8443/hooks?tenant=1",
            "https://[2606:4700::1111]/x",
            "http://localhost:9000/",
            "http://127.0.0.1/",
            "http://[::1]:80/",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        assert!(error("http://crm.example/").contains("write https://"));
        assert!(error("http://127.0.0.1.crm.example/").contains("write https://"));
        assert!(error("ftp://crm.example").contains("does not begin with https://"));
        assert!(error("https://a:b@crm.example/").contains("a user or password"));
        for url in [
            "https://",
            "https://:443/",
            "https://crm.example:0/",
            "https://crm.example:99999/",
            "https://[::zz]/",
            "https://crm.example\\@other/",
            "https://crm.example/ x",
            "https://crm.example/#top",
            "https://ümlaut.example/",
        ] {
            error(url);
        }
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_beyond() {
        let with = |audiences: usize| {
            let ids: Vec<String> = (0..audiences).map(|n| format!("\"a{n}\"")).collect();
            let text = format!(
                r#"{{"url":"https://a.example","audiences":[{}]}}"#,
                ids.join(",")
            );
            Webhook::parse(&Json::parse(&text).unwrap())
        };
        assert!(with(limits::AUDIENCES_PER_WEBHOOK_MAX).is_ok());
        assert!(with(limits::AUDIENCES_PER_WEBHOOK_MAX + 1).is_err());
        assert_eq!(with(0).unwrap_err()[0].field, "spec.audiences");
        let told_of = |traits: usize| {
            let names: Vec<String> = (0..traits).map(|n| format!("\"t{n}\"")).collect();
            let names = names.join(",");
            let text = format!(r#"{{"url":"https://a.example","trait_changes":[{names}]}}"#);
            Webhook::parse(&Json::parse(&text).unwrap())
        };
        assert!(told_of(limits::TRAIT_CHANGES_PER_WEBHOOK_MAX).is_ok());
        assert!(told_of(limits::TRAIT_CHANGES_PER_WEBHOOK_MAX + 1).is_err());
        let of = |url: &str, traits: usize| {
            let names: Vec<String> = (0..traits).map(|n| format!("\"t{n}\"")).collect();
            let text = format!(
                r#"{{"url":"{url}","audiences":["a"],"traits":[{}]}}"#,
                names.join(",")
            );
            Webhook::parse(&Json::parse(&text).unwrap())
        };
        let short = "https://a.example/";
        assert!(of(short, limits::TRAITS_PER_WEBHOOK_MAX).is_ok());
        assert!(of(short, limits::TRAITS_PER_WEBHOOK_MAX + 1).is_err());
        let long = format!("{short:x<0$}", limits::WEBHOOK_URL_MAX_CHARS);
        assert!(of(&long, 0).is_ok());
        assert!(of(&format!("{long}x"), 0).is_err());
    }
}
