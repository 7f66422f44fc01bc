//! A server and those who talk to it: how it ends, and whom it takes them for.

use std::io::{BufRead, BufReader, Read};
use std::time::{Duration, Instant};

use crate::cli::{Server, WRITE_KEY};

#[test]
fn an_open_stream_does_not_hold_the_end_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), &["serve", "--data", "data"]);
    let stream = server.ask("GET", "/api/v1/events/stream", "", "");
    let mut lines = BufReader::new(&stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("HTTP/1.1 200 OK"));
    assert!(lines.any(|line| line.is_empty()), "the head is there");
    let (exit, took) = server.terminate();
    assert_eq!(exit, Some(0));
    // Without the stream's end the server would wait five seconds for it.
    assert!(took < Duration::from_secs(4), "{took:?}");
    let mut rest = Vec::new();
    (&stream).read_to_end(&mut rest).unwrap();
    assert!(rest.ends_with(b"0\r\n\r\n"), "the stream ended in order");
}

#[test]
fn behind_a_proxy_attempts_count_for_the_client_not_for_the_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--data", "data", "--proxy-hops", "1"];
    let server = Server::start(folder.path(), &arguments);
    let guess = |forwarded: &str| {
        let headers = format!("connection: close\r\nx-forwarded-for: {forwarded}\r\n");
        let body = r#"{"token":"guess"}"#;
        let mut answer = String::new();
        let mut stream = server.ask("POST", "/api/v1/session", &headers, body);
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    for n in 0..50 {
        // What stands left of the proxy's own entry was written by the client.
        assert_eq!(guess(&format!("10.0.0.{n}, 192.0.2.7")), "401", "{n}");
    }
    assert_eq!(guess("10.0.0.99, 192.0.2.7"), "429");
    assert_eq!(guess("192.0.2.8"), "401");
}

#[test]
fn an_audience_is_left_when_its_window_closes_although_nothing_happens() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["serve", "--data", "data"]);
    let ask = |method: &str, path: &str, body: &str| {
        let mut answer = String::new();
        let mut stream = server.ask(method, path, "connection: close\r\n", body);
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let rule = r#"{"name":"Here","spec":{"when":"count(\"Seen\", 2 seconds) >= 1"}}"#;
    let put = ask("PUT", "/api/v1/definitions/audience/here", rule);
    assert!(put.starts_with("HTTP/1.1 201"), "{put}");
    let track =
        format!(r#"{{"userId":"1","event":"Seen","messageId":"m1","writeKey":"{WRITE_KEY}"}}"#);
    let sent = ask("POST", "/v1/track", &track);
    assert!(sent.starts_with("HTTP/1.1 200"), "{sent}");
    let size = |size: u32| {
        let begun = Instant::now();
        let told = format!("\"size\":{size},");
        while begun.elapsed() < Duration::from_secs(10) {
            if ask("GET", "/api/v1/audiences/here/size", "").contains(&told) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the size is never {size}");
    };
    size(1);
    size(0);
}
