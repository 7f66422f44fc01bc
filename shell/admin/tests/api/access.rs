//! Keys, users, sessions: who gets in, and who does not.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};

use crate::api::{AS_ADMIN, AS_READER, Api, column};

const SETUP: &str = r#"{"email":"ada@example.com","name":"Ada","password":"correct horse"}"#;
const SIGN_IN: &str = r#"{"email":"Ada@example.com","password":"correct horse"}"#;
const WRONG: &str = r#"{"email":"ada@example.com","password":"wrong horse"}"#;

#[tokio::test]
async fn a_key_is_needed_and_its_scope_counts() {
    let api = Api::start().await;
    let get = |headers: Vec<(&'static str, &'static str)>| {
        let api = &api;
        async move {
            api.call(Method::GET, "/api/v1/overview", &headers, None)
                .await
        }
    };
    assert_eq!(get(vec![]).await.problem(), "401 not-signed-in");
    assert_eq!(
        get(vec![("authorization", "Bearer ksk_nobody")])
            .await
            .problem(),
        "401 not-signed-in"
    );
    assert_eq!(
        get(vec![("authorization", "Basic YTpi")]).await.problem(),
        "401 not-signed-in"
    );
    assert_eq!(get(vec![AS_READER]).await.status, StatusCode::OK);
    let body = Some(r#"{"name":"x","scopes":["read"]}"#);
    let write = api
        .call(Method::POST, "/api/v1/keys", &[AS_READER], body)
        .await;
    assert_eq!(write.problem(), "403 scope-missing");
    let body = Some(r#"{"id":"x","spec":{}}"#);
    let path = "/api/v1/definitions/offer/preview";
    let preview = api.call(Method::POST, path, &[AS_READER], body).await;
    assert_eq!(preview.status, StatusCode::OK, "a preview changes nothing");
}

#[tokio::test]
async fn a_key_is_shown_once_and_dies_when_revoked() {
    let api = Api::start().await;
    let made = api
        .post("/api/v1/keys", r#"{"name":"ci","scopes":["write","read"]}"#)
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let made = made.json();
    let secret = made["secret_key"].as_str().unwrap();
    assert!(secret.starts_with("ksk_") && secret.len() == 68);
    let bearer = format!("Bearer {secret}");
    let mine = [("authorization", bearer.as_str())];
    let list = api.call(Method::GET, "/api/v1/keys", &mine, None).await;
    assert!(!list.text.contains(secret) && !list.text.contains("hash"));
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 3);
    let path = format!("/api/v1/keys/{}", made["key_id"].as_str().unwrap());
    assert_eq!(api.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(api.delete(&path).await.problem(), "404 not-found");
    let after = api.call(Method::GET, "/api/v1/keys", &mine, None).await;
    assert_eq!(after.problem(), "401 not-signed-in");
    assert_eq!(column(&api.read("/api/v1/keys").await, "name").len(), 2);
    let none = api
        .post("/api/v1/keys", r#"{"name":"ci","scopes":[]}"#)
        .await;
    assert_eq!(
        (none.problem().as_str(), none.fields()),
        ("422 invalid-body", vec!["scopes".into()])
    );
}

#[tokio::test]
async fn set_up_works_once() {
    let api = Api::start().await;
    let session = |headers: Vec<(&'static str, String)>| {
        let api = &api;
        async move {
            let headers: Vec<(&str, &str)> = headers
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            api.call(Method::GET, "/api/v1/session", &headers, None)
                .await
        }
    };
    let nobody = session(vec![]).await;
    assert_eq!(nobody.problem(), "401 not-signed-in");
    assert_eq!(nobody.json()["setup_needed"], true);
    let short = r#"{"email":"ada@example.com","name":"Ada","password":"short"}"#;
    let short = api
        .call(Method::POST, "/api/v1/setup", &[], Some(short))
        .await;
    assert_eq!(short.fields(), ["password"]);
    let wrong = r#"{"email":"ada","name":"Ada","password":"correct horse"}"#;
    let wrong = api
        .call(Method::POST, "/api/v1/setup", &[], Some(wrong))
        .await;
    assert_eq!(wrong.problem(), "422 invalid-body");

    let both = tokio::join!(
        api.call(Method::POST, "/api/v1/setup", &[], Some(SETUP)),
        api.call(Method::POST, "/api/v1/setup", &[], Some(SETUP)),
    );
    let mut statuses = [both.0.status.as_u16(), both.1.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409], "of two at once one wins");
    let winner = if both.0.status == StatusCode::CREATED {
        both.0
    } else {
        both.1
    };
    let cookie = winner.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("HttpOnly; SameSite=Strict; Max-Age=43200"),
        "{cookie}"
    );
    let me = session(vec![("cookie", winner.cookie())]).await;
    assert_eq!(me.json()["user"]["email"], "ada@example.com");
    assert_eq!(session(vec![]).await.json()["setup_needed"], false);
    let definitions = api.get("/api/v1/definitions/user").await;
    assert_eq!(
        definitions.problem(),
        "404 not-found",
        "users have no definition route"
    );
}

#[tokio::test]
async fn a_session_reads_and_writes_with_the_consoles_header() {
    let api = Api::start().await;
    let cookie = api
        .call(Method::POST, "/api/v1/setup", &[], Some(SETUP))
        .await
        .cookie();
    let mine = ("cookie", cookie.as_str());
    let console = ("x-kith-console", "1");
    let read = api
        .call(Method::GET, "/api/v1/overview", &[mine], None)
        .await;
    assert_eq!(read.status, StatusCode::OK);
    let body = Some(r#"{"name":"ci","scopes":["read"]}"#);
    let write = api.call(Method::POST, "/api/v1/keys", &[mine], body).await;
    assert_eq!(write.problem(), "403 console-header-missing");
    let write = api
        .call(Method::POST, "/api/v1/keys", &[mine, console], body)
        .await;
    assert_eq!(write.status, StatusCode::CREATED);

    api.wait_minutes(11);
    let renewed = api
        .call(Method::GET, "/api/v1/overview", &[mine], None)
        .await
        .cookie();
    api.wait_minutes(12 * 60 - 1);
    let old = api
        .call(Method::GET, "/api/v1/overview", &[mine], None)
        .await;
    assert_eq!(old.problem(), "401 not-signed-in", "twelve hours are over");
    let mine = ("cookie", renewed.as_str());
    let fresh = api
        .call(Method::GET, "/api/v1/overview", &[mine], None)
        .await;
    assert_eq!(fresh.status, StatusCode::OK);

    let bare = api
        .call(Method::DELETE, "/api/v1/session", &[mine], None)
        .await;
    assert_eq!(bare.problem(), "403 console-header-missing");
    let out = api
        .call(Method::DELETE, "/api/v1/session", &[mine, console], None)
        .await;
    assert_eq!(
        (out.status, out.cookie().as_str()),
        (StatusCode::NO_CONTENT, "kith_session=")
    );
    let after = api
        .call(Method::GET, "/api/v1/overview", &[mine], None)
        .await;
    assert_eq!(after.problem(), "401 not-signed-in");
}

#[tokio::test]
async fn signing_in_checks_the_password_and_counts_attempts() {
    let api = Api::start().await;
    api.call(Method::POST, "/api/v1/setup", &[], Some(SETUP))
        .await;
    let sign_in = |body: &'static str| {
        let api = &api;
        async move {
            api.call(Method::POST, "/api/v1/session", &[], Some(body))
                .await
        }
    };
    assert_eq!(sign_in(SIGN_IN).await.status, StatusCode::OK);
    let unknown = sign_in(r#"{"email":"eve@example.com","password":"correct horse"}"#).await;
    let wrong = sign_in(WRONG).await;
    assert_eq!(
        (unknown.problem(), unknown.text),
        (wrong.problem(), wrong.text)
    );
    assert_eq!(
        sign_in(SIGN_IN).await.status,
        StatusCode::OK,
        "success forgets the failures"
    );
    for _ in 0..3 {
        assert_eq!(sign_in(WRONG).await.problem(), "401 wrong-password");
    }
    let limited = sign_in(SIGN_IN).await;
    assert_eq!(limited.problem(), "429 too-many-attempts");
    assert!(limited.headers.contains_key(header::RETRY_AFTER));
    api.wait_minutes(16);
    assert_eq!(sign_in(SIGN_IN).await.status, StatusCode::OK);
    assert_eq!(sign_in("{}").await.problem(), "422 invalid-body");
    let form = Request::post("/api/v1/session")
        .header("content-type", "text/plain")
        .body(Body::from(SIGN_IN))
        .unwrap();
    assert_eq!(api.send(form).await.problem(), "415 unsupported-media-type");
}

#[tokio::test]
async fn one_address_cannot_try_many_accounts() {
    let api = Api::start().await;
    let guess = |address: &'static str| {
        let (api, headers) = (&api, [("x-test-address", address)]);
        let body = Some(r#"{"token":"guess"}"#);
        async move {
            let answer = api.call(Method::POST, "/api/v1/session", &headers, body);
            answer.await.problem()
        }
    };
    for _ in 0..20 {
        assert_eq!(guess("192.0.2.7").await, "401 wrong-token");
    }
    assert_eq!(guess("192.0.2.7").await, "429 too-many-attempts");
    assert_eq!(guess("192.0.2.8").await, "401 wrong-token");
}

#[tokio::test]
async fn a_sign_in_link_works_once() {
    let api = Api::start().await;
    let token = api
        .state
        .issue_sign_in_token("demo@example.com", "Demo")
        .await
        .unwrap();
    let body = format!(r#"{{"token":"{token}"}}"#);
    let first = api
        .call(Method::POST, "/api/v1/session", &[], Some(&body))
        .await;
    assert_eq!(first.json()["user"]["name"], "Demo");
    let again = api
        .call(Method::POST, "/api/v1/session", &[], Some(&body))
        .await;
    assert_eq!(again.problem(), "401 wrong-token");
    let setup = api
        .call(Method::POST, "/api/v1/setup", &[], Some(SETUP))
        .await;
    assert_eq!(setup.problem(), "409 setup-done");
    let no_password = r#"{"email":"demo@example.com","password":"!"}"#;
    let tried = api
        .call(Method::POST, "/api/v1/session", &[], Some(no_password))
        .await;
    assert_eq!(tried.problem(), "401 wrong-password");
    let as_key = api
        .call(Method::GET, "/api/v1/session", &[AS_ADMIN], None)
        .await;
    assert_eq!(
        as_key.problem(),
        "401 not-signed-in",
        "a key is not a session"
    );
}
