//! Links of preview: what a page shows to whoever holds one, and what stays untouched by it.

use std::io::Read;

use serde_json::{Value, json};

use crate::cli::{Server, WRITE_KEY};

const NEW: &str = "if-none-match: *";

#[test]
fn a_link_shows_an_offer_whoever_it_is_for_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let serve = ["serve", "--data", "data"];
    let server = Server::start(folder.path(), &serve);
    shop(&server);
    let one = r#"{"kind":"offer","id":"insiders","url":"https://shop.example.com/?a=1#top"}"#;
    let link = server.answer("POST", "/api/v1/preview-links", one);
    let url = link["url"].as_str().unwrap();
    let search = url.strip_prefix("https://shop.example.com/").unwrap();
    let search = search.strip_suffix("#top").unwrap().to_owned();
    assert!(search.starts_with("?a=1&kith_preview="), "{url}");

    assert_eq!(shown(&decide(&server, "")), ("everybody".to_owned(), true));
    let seen = decide(&server, &search);
    assert_eq!(shown(&seen), ("insiders".to_owned(), false), "{seen}");
    assert_eq!(seen["preview"]["expires_at"], link["expires_at"], "{seen}");
    let reason = seen["decisions"][0]["choices"][0]["reasons"][0].clone();
    assert_eq!(reason, "A preview shows it, whoever it is for");

    // One decision was recorded, before what is written after it, and nothing of the offer granted.
    server.define("placement/later", r#"{"type":"offers"}"#, NEW);
    let recorded = server.answer("GET", "/api/v1/decisions", "");
    assert_eq!(recorded["items"].as_array().unwrap().len(), 1, "{recorded}");
    let grants = server.answer("GET", "/api/v1/offers/insiders/grants", "");
    assert_eq!(grants["granted"], 0, "{grants}");

    // The signature is the server's, so that the link outlives a restart, and no other is taken.
    drop(server);
    let server = Server::start(folder.path(), &serve);
    assert_eq!(
        shown(&decide(&server, &search)),
        ("insiders".to_owned(), false)
    );
    let forged = decide(&server, &format!("{search}x"));
    assert_eq!(shown(&forged), ("everybody".to_owned(), true), "{forged}");
    assert_eq!(
        forged["preview"]["error"]["code"], "preview-ended",
        "{forged}"
    );
}

#[test]
fn a_link_shows_what_is_not_saved_and_what_somebody_else_sees() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["serve", "--data", "data"]);
    shop(&server);
    let edited = json!({
        "kind": "placement", "id": "hero", "url": "http://localhost/shop/",
        "spec": { "type": "offers", "fallback": { "content": { "title": "Edited" } } },
    });
    let seen = decide(&server, &search(&server, &edited));
    assert_eq!(
        seen["decisions"][0]["choices"][0]["content"]["title"], "Edited",
        "{seen}"
    );
    let before = decide(&server, "");
    assert_eq!(
        before["decisions"][0]["choices"][0]["content"]["title"], "Saved",
        "{before}"
    );

    let path = format!("/v1/track?writeKey={WRITE_KEY}");
    let event = r#"{"event":"Joined","userId":"ada","messageId":"m1"}"#;
    server.body("POST", &path, event);
    let found = server.answer("GET", "/api/v1/persons?identifier=user_id:ada", "");
    let person = found["items"][0]["person_id"].as_str().unwrap().to_owned();
    let hers = json!({
        "kind": "placement", "id": "hero", "url": "http://localhost/", "person_id": person,
    });
    let seen = decide(&server, &search(&server, &hers));
    assert_eq!(shown(&seen), ("insiders".to_owned(), false), "{seen}");
    assert_eq!(seen["person_id"], *person, "{seen}");
    let grants = server.answer("GET", "/api/v1/offers/insiders/grants", "");
    assert_eq!(grants["granted"], 0, "{grants}");
}

#[test]
fn a_link_that_cannot_be_made_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["serve", "--data", "data"]);
    shop(&server);
    let check = |body: Value, field: &str| {
        let mut answer = String::new();
        let path = "/api/v1/preview-links";
        let mut stream = server.ask("POST", path, "connection: close\r\n", &body.to_string());
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
        assert!(
            answer.contains(&format!("\"field\":\"{field}\"")),
            "{field}: {answer}"
        );
    };
    let url = "https://shop.example.com/";
    check(
        json!({ "kind": "offer", "id": "insiders", "url": "shop" }),
        "url",
    );
    check(json!({ "kind": "offer", "id": "none", "url": url }), "id");
    check(
        json!({ "kind": "feature", "id": "f", "url": url, "spec": { "value": "count(\"A\")" } }),
        "kind",
    );
    let elsewhere = json!({ "kind": "offer", "id": "insiders", "url": url, "placement": "cart" });
    check(elsewhere, "placement");
    let nobody = json!({ "kind": "placement", "id": "hero", "url": url, "person_id": "ada" });
    check(nobody, "person_id");
    let broken = json!({ "kind": "placement", "id": "hero", "url": url, "spec": { "type": "x" } });
    check(broken, "spec.type");
}

/// A hero for everybody, and an offer with a stock for those who joined.
fn shop(server: &Server) {
    let hero = r#"{"type":"offers","fallback":{"content":{"title":"Saved"}}}"#;
    server.define("placement/hero", hero, NEW);
    let insiders = r#"{"placements":["hero"],"when":"count(\"Joined\") >= 1",
        "limits":{"stock":10},"content":{"title":"For insiders"}}"#;
    server.define("offer/insiders", insiders, NEW);
}

/// The query of the page that a link leads to.
fn search(server: &Server, request: &Value) -> String {
    let link = server.answer("POST", "/api/v1/preview-links", &request.to_string());
    let url = link["url"].as_str().unwrap();
    format!("?{}", url.split_once('?').unwrap().1)
}

/// What a visitor is shown on a page with this query.
fn decide(server: &Server, search: &str) -> Value {
    let body = json!({
        "placements": ["hero"],
        "identifiers": { "anonymous_id": "visitor" },
        "context": { "page": { "search": search } },
    });
    let path = format!("/v1/decide?writeKey={WRITE_KEY}");
    server.answer("POST", &path, &body.to_string())
}

/// The first choice, and whether it is the fallback.
fn shown(answer: &Value) -> (String, bool) {
    let decision = &answer["decisions"][0];
    let id = match decision["choices"][0]["id"].as_str().unwrap() {
        "fallback" => "everybody",
        id => id,
    };
    (id.to_owned(), decision["fallback"] == true)
}
