//! Places of network addresses: derived, while the address itself is not kept.

use kith_edge::GeoDatabase;

use crate::harness::{Edge, KEY, basic, options, request, track};

/// A database in MaxMind's format that knows 203.0.113.0/24.
fn database() -> Vec<u8> {
    let prefix = [203_u8, 0, 113];
    let nodes = prefix.len() * 8;
    let mut bytes = Vec::new();
    for node in 0..nodes {
        let bit = prefix[node / 8] >> (7 - node % 8) & 1;
        let next = if node + 1 == nodes {
            nodes + 16
        } else {
            node + 1
        };
        let records = if bit == 0 {
            [next, nodes]
        } else {
            [nodes, next]
        };
        for record in records {
            bytes.extend(&(record as u32).to_be_bytes()[1..]);
        }
    }
    bytes.extend([0; 16]);
    let names = |name: &str| map(&[("names", map(&[("en", text(name))]))]);
    let mut country = names("Taiwan");
    country[0] += 1;
    country.extend(text("iso_code"));
    country.extend(text("TW"));
    bytes.extend(map(&[("city", names("Taipei")), ("country", country)]));
    bytes.extend(b"\xAB\xCD\xEFMaxMind.com");
    bytes.extend(map(&[
        ("binary_format_major_version", vec![0xA1, 2]),
        ("binary_format_minor_version", vec![0xA0]),
        ("build_epoch", vec![0x04, 0x02, 0x6A, 0, 0, 0]),
        ("database_type", text("Kith-Test-City")),
        ("description", map(&[("en", text("test"))])),
        ("ip_version", vec![0xA1, 4]),
        ("languages", {
            let mut list = vec![0x01, 0x04];
            list.extend(text("en"));
            list
        }),
        ("node_count", vec![0xC1, nodes as u8]),
        ("record_size", vec![0xA1, 24]),
    ]));
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = if text.len() < 29 {
        vec![0x40 | text.len() as u8]
    } else {
        vec![0x40 | 29, text.len() as u8 - 29]
    };
    bytes.extend(text.as_bytes());
    bytes
}

fn map(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0xE0 | members.len() as u8];
    for (key, value) in members {
        bytes.extend(text(key));
        bytes.extend(value);
    }
    bytes
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

async fn country(proxy_hops: usize, headers: &[(&str, &str)], user_agent: &str) -> String {
    let mut options = options();
    options.geo = Some(GeoDatabase::from_bytes(database()).unwrap());
    options.proxy_hops = proxy_hops;
    let edge = Edge::with_options(options).await;
    let basic = basic(KEY);
    let mut all = vec![
        ("authorization", basic.as_str()),
        ("user-agent", user_agent),
    ];
    all.extend(headers);
    edge.send(request("POST", "/v1/t", &all, track("m"))).await;
    let event = edge.events().remove(0);
    assert!(!event.context.as_str().contains("203.0"));
    format!("{} {}", event.enrichment.country, event.enrichment.city)
}

#[tokio::test]
async fn the_place_of_a_visitor() {
    let forwarded = |value| [("x-forwarded-for", value)];
    assert_eq!(
        country(1, &forwarded("203.0.113.9"), BROWSER).await,
        "TW Taipei"
    );
    assert_eq!(
        country(1, &forwarded("198.51.100.1, 203.0.113.9"), BROWSER).await,
        "TW Taipei"
    );
    assert_eq!(
        country(2, &forwarded("203.0.113.9, 10.0.0.1"), BROWSER).await,
        "TW Taipei"
    );
    assert_eq!(
        country(1, &forwarded("203.0.113.9:4711"), BROWSER).await,
        "TW Taipei"
    );
    assert_eq!(
        country(1, &forwarded("203.0.113.9, 10.0.0.1"), BROWSER).await,
        " ",
        "written by the client"
    );
    assert_eq!(
        country(0, &forwarded("203.0.113.9"), BROWSER).await,
        " ",
        "no proxy is trusted"
    );
    assert_eq!(
        country(1, &forwarded("203.0.113.9"), "analytics-python/2.4.0").await,
        " "
    );
    let removed = [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-ip-policy", "remove"),
    ];
    assert_eq!(country(1, &removed, BROWSER).await, " ");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    assert!(GeoDatabase::from_bytes(b"not a database".to_vec()).is_err());
}
