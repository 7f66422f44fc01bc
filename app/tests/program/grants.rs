//! An offer with a stock, drawn from by many clients of a real server, and after it was killed.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::{Server, WRITE_KEY};

const CLIENTS: usize = 64;
const STOCK: usize = 1_000;
const VISITORS: usize = 1_300;

#[test]
fn sixty_four_clients_draw_exactly_the_stock_and_keep_it_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let serve = ["serve", "--data", "data"];
    let server = Server::start(folder.path(), &serve);
    let new = "if-none-match: *";
    server.define("placement/deal", r#"{"type":"offers"}"#, new);
    let ten = r#"{"placements":["deal"],"limits":{"stock":1000}}"#;
    server.define("offer/ten", ten, new);
    let drawn = draw_all(&server);
    assert_eq!(drawn.len(), STOCK, "visitors who got it");
    let grants: BTreeSet<&String> = drawn.values().map(|(grant, _)| grant).collect();
    assert_eq!(grants.len(), STOCK, "each has a grant of their own");
    let told = server.answer("GET", "/api/v1/offers/ten/grants", "");
    assert_eq!(told["granted"], STOCK, "{told}");
    replay(&server, &drawn);

    // Killed, not stopped. The offer is another revision when the decisions are taken again.
    drop(server);
    let server = Server::start(folder.path(), &serve);
    let dearer = r#"{"placements":["deal"],"priority":7,"limits":{"stock":1000}}"#;
    server.define("offer/ten", dearer, "if-match: \"1\"");
    replay(&server, &drawn);
    let again = draw_all(&server);
    let whose = |drawn: &Drawn| -> Vec<(usize, String)> {
        let grants = drawn.iter().map(|(who, (grant, _))| (*who, grant.clone()));
        grants.collect()
    };
    assert_eq!(whose(&again), whose(&drawn));
    let told = server.answer("GET", "/api/v1/offers/ten/grants", "");
    assert_eq!(told["granted"], STOCK, "{told}");
}

/// The grant of each visitor who got one, and the decision that showed it.
type Drawn = BTreeMap<usize, (String, String)>;

/// Every visitor asks twice; two clients at a time ask for the same one.
fn draw_all(server: &Server) -> Drawn {
    let mut drawn = Drawn::new();
    std::thread::scope(|scope| {
        let client = |number: usize| {
            scope.spawn(move || {
                let visitors = (number / 2..VISITORS).step_by(CLIENTS / 2);
                let twice = visitors.flat_map(|visitor| [visitor, visitor]);
                let drawn = twice.filter_map(|visitor| Some((visitor, draw(server, visitor)?)));
                drawn.collect::<Vec<_>>()
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        for client in clients {
            for (visitor, (grant, decision)) in client.join().unwrap() {
                let known = drawn.entry(visitor).or_insert((grant.clone(), decision));
                assert_eq!(known.0, grant, "visitor {visitor} has two grants");
            }
        }
    });
    drawn
}

/// The grant that a visitor is shown, and the decision's id.
fn draw(server: &Server, visitor: usize) -> Option<(String, String)> {
    let path = format!("/v1/decide?writeKey={WRITE_KEY}");
    let body = format!(
        r#"{{"placements":["deal"],"event":{{"type":"track","event":"Product Viewed",
            "anonymousId":"v{visitor}","messageId":"view-{visitor}"}}}}"#
    );
    let told = server.answer("POST", &path, &body);
    let decision = &told["decisions"][0];
    let grant = decision["choices"][0]["granted"]["grant_id"].as_str()?;
    let id = decision["decision_id"].as_str().expect("a decision id");
    Some((grant.to_owned(), id.to_owned()))
}

/// Some of the decisions, taken again: the bytes are those of the record.
fn replay(server: &Server, drawn: &Drawn) {
    for (_, decision) in drawn.values().step_by(50) {
        let path = format!("/api/v1/decisions/{decision}");
        let record = server.body("GET", &path, "");
        assert!(record.contains("\"grant_id\""), "{record}");
        assert_eq!(server.body("POST", &format!("{path}/replay"), ""), record);
    }
}
