//! The command line: exit codes, `--json`, data folders, a server and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{command, example, json, kith};

pub const WRITE_KEY: &str = "cabcdefghij0123456789abcd";
const SECRET_KEY: &str = "ksk_0123456789abcdef0123456789abcdef";

#[test]
fn bad_usage_exits_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let exit = |arguments: &[&str]| kith(folder.path(), arguments).status.code();
    assert_eq!(exit(&["fly"]), Some(2));
    assert_eq!(exit(&["doctor", "--data", "nowhere"]), Some(2));
    assert_eq!(exit(&["plan", "."]), Some(2));
    assert_eq!(
        exit(&["import", "a.csv", "--mapping", "b.yaml", "--source", "s"]),
        Some(2)
    );
    let missing = json(folder.path(), &["check", "nowhere"], 2);
    assert_eq!(missing["error"]["message"], "nowhere is not a folder");
}

#[test]
fn a_check_that_finds_something_exits_with_1() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        json(folder.path(), &["check", &example("demo/definitions")], 0)["errors"][0],
        Value::Null
    );
    let broken = "kind: offer\nid: a\nspec: {placements: [nowhere], when: 'traits.plan ='}\n";
    std::fs::write(folder.path().join("offer.yaml"), broken).unwrap();
    let found = json(folder.path(), &["check"], 1);
    assert_eq!(found["errors"].as_array().unwrap().len(), 2, "{found}");
}

#[test]
fn definitions_and_history_fill_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let definitions = example("demo/definitions");
    let planned = json(here, &["plan", &definitions, "--data", "data"], 0);
    let applied = json(here, &["apply", &definitions, "--data", "data"], 0);
    assert_eq!(planned["changes"], applied["changes"]);
    let changes = planned["changes"].as_array().unwrap();
    let hero = changes
        .iter()
        .find(|change| change["id"] == "hero_member")
        .unwrap();
    assert_eq!(hero["touches"], serde_json::json!(["placement/home_hero"]));
    assert!(!applied["changes"].as_array().unwrap().is_empty());
    let again = json(here, &["plan", &definitions, "--data", "data"], 0);
    assert_eq!(again["changes"], serde_json::json!([]));
    let pulled = json(here, &["pull", "pulled", "--data", "data"], 0);
    assert_eq!(
        pulled["definitions"],
        pulled["written"].as_array().unwrap().len()
    );
    let same = json(here, &["plan", "pulled", "--data", "data"], 0);
    assert_eq!(same["changes"], serde_json::json!([]));

    write_orders(here);
    let import = [
        "import",
        "o.csv",
        "--mapping",
        "m.yaml",
        "--source",
        "old",
        "--data",
        "data",
    ];
    let done = json(here, &import, 0);
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&2.into(), &1.into()),
        "{done}"
    );
    assert_eq!(json(here, &import, 0)["already_imported"], true);

    let health = json(here, &["doctor", "--data", "data"], 0);
    assert_eq!(health["contents"]["events"], 2);
    assert_eq!(
        json(here, &["replay", "--verify", "--data", "data"], 0)["same"],
        true
    );
    json(here, &["replay", "--data", "data"], 0);
    assert_eq!(
        json(here, &["replay", "--verify", "--data", "data"], 0)["same"],
        true
    );
}

#[test]
fn everybody_and_audiences_leave_as_files_from_a_folder_and_from_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_definitions(here);
    json(here, &["apply", "d", "--data", "data"], 0);
    let again = json(here, &["plan", "d", "--data", "data"], 0);
    assert_eq!(again["changes"], serde_json::json!([]));
    write_orders(here);
    let import = [
        "import",
        "o.csv",
        "--mapping",
        "m.yaml",
        "--source",
        "old",
        "--data",
        "data",
    ];
    json(here, &import, 0);
    let csv = ["export", "profiles", "--out", "p.csv", "--data", "data"];
    assert_eq!(json(here, &csv, 0)["rows"], 2);
    let text = std::fs::read_to_string(here.join("p.csv")).unwrap();
    let head = "person_id,anonymous_id,email,phone,user_id,trait_order_count";
    assert_eq!(text.lines().next(), Some(head));
    assert!(text.lines().any(|line| line.ends_with(",ann,1")), "{text}");
    assert!(!here.join("p.csv.part").exists());
    let google = [
        "export", "audience", "buyers", "--for", "google", "--out", "g.csv",
    ];
    let gated = json(here, &[&google[..], &["--data", "data"]].concat(), 0);
    assert_eq!(gated["withheld"], serde_json::json!({"no-consent": 2}));
    let nobody = [
        "export", "audience", "nobody", "--out", "n.csv", "--data", "data",
    ];
    json(here, &nobody, 2);
    let format = [
        "export", "profiles", "--format", "google", "--out", "n.csv", "--data", "data",
    ];
    json(here, &format, 2);

    let made = json(here, &["keys", "create", "--data", "data"], 0);
    let secret = made["secret_key"].as_str().unwrap();
    let server = Server::start(here, &["serve", "--data", "data"]);
    let from = ["--url", &server.url, "--key", secret];
    let parquet = [
        "export",
        "audience",
        "buyers",
        "--format",
        "parquet",
        "--out",
        "b.parquet",
    ];
    let done = json(here, &[&parquet[..], &from[..]].concat(), 0);
    assert_eq!(done["rows"], 2, "{done}");
    assert_eq!(
        &std::fs::read(here.join("b.parquet")).unwrap()[..4],
        b"PAR1"
    );
    come_back(here);
    let gated = json(here, &[&google[..], &from[..]].concat(), 0);
    assert_eq!(gated["withheld"], serde_json::json!({"no-consent": 2}));
}

/// What left as Parquet is imported into another folder.
fn come_back(here: &Path) {
    let mapping = "id: members\ntime: {column: since}\n\
        identifiers: [{namespace: user_id, column: user_id}]\n\
        events: [{type: identify, traits: {bought_since: since}}]\n";
    std::fs::write(here.join("members.yaml"), mapping).unwrap();
    let members = [
        "import",
        "b.parquet",
        "--mapping",
        "members.yaml",
        "--source",
        "old",
        "--data",
        "copy",
    ];
    let done = json(here, &members, 0);
    assert_eq!(
        (&done["rows"], &done["events"]),
        (&2.into(), &2.into()),
        "{done}"
    );
}

#[test]
fn a_plan_says_what_a_change_touches_and_whom() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_definitions(here);
    json(here, &["apply", "d", "--data", "data"], 0);
    write_orders(here);
    let import = [
        "import",
        "o.csv",
        "--mapping",
        "m.yaml",
        "--source",
        "old",
        "--data",
        "data",
    ];
    json(here, &import, 0);
    let orders = "kind: feature\nid: orders\n\
        spec: {value: 'count(\"Order Completed\", 90 days)', trait: order_count}\n";
    std::fs::create_dir(here.join("e")).unwrap();
    std::fs::write(here.join("e/f.yaml"), orders).unwrap();
    for name in ["a", "w"] {
        let file = format!("{name}.yaml");
        std::fs::copy(here.join("d").join(&file), here.join("e").join(file)).unwrap();
    }
    let planned = json(here, &["plan", "e", "--data", "data"], 0);
    let touches = &planned["changes"][0]["touches"];
    assert_eq!(touches, &serde_json::json!(["webhook/crm"]), "{planned}");
    let fewer = "kind: audience\nid: buyers\nspec: {when: 'features.orders >= 2'}\n";
    std::fs::write(here.join("e/a.yaml"), fewer).unwrap();
    let planned = json(here, &["plan", "e", "--data", "data"], 0);
    assert_eq!(planned["members_now"], serde_json::json!({"buyers": 2}));
}

fn write_definitions(folder: &Path) {
    let buyers = "kind: audience\nid: buyers\nspec: {when: 'count(\"Order Completed\") >= 1'}\n";
    let orders = "kind: feature\nid: orders\n\
        spec: {value: 'count(\"Order Completed\")', trait: order_count}\n";
    let hook = "kind: webhook\nid: crm\n\
        spec: {url: 'https://crm.example/', audiences: [buyers], traits: [order_count]}\n";
    std::fs::create_dir(folder.join("d")).unwrap();
    for (name, text) in [("a", buyers), ("f", orders), ("w", hook)] {
        std::fs::write(folder.join(format!("d/{name}.yaml")), text).unwrap();
    }
}

fn write_orders(folder: &Path) {
    let orders = "order,user,at\n1,ann,1600000000\n2,bob,1600000001\n3,cid,soon\n";
    std::fs::write(folder.join("o.csv"), orders).unwrap();
    let mapping = "
id: orders
time: {column: at, format: unix-seconds}
identifiers: [{namespace: user_id, column: user}]
events: [{name: Order Completed, properties: {order_id: order}}]
";
    std::fs::write(folder.join("m.yaml"), mapping).unwrap();
}

/// A running program that is killed when a test fails.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(folder, arguments)
            .args(["--listen", "127.0.0.1:0"])
            .env("KITH_WRITE_KEY", WRITE_KEY)
            .env("KITH_ADMIN_KEY", SECRET_KEY)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("kith starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.by_ref().map(Result::unwrap).find_map(|line| {
            let start = line.find("http://127.0.0.1:")?;
            let end = line[start + 7..].find('/')? + start + 7;
            Some(line[start..end].to_owned())
        });
        // The rest must be read, or the program would block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Server {
            child,
            url: url.expect("kith says where it listens"),
        }
    }

    fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        let mut stream = self.ask("GET", path, "connection: close\r\n", "");
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends a request and leaves its answer to be read.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {SECRET_KEY}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }

    /// Writes a definition; of one that exists it is the next revision.
    pub fn define(&self, what: &str, spec: &str, precondition: &str) {
        let path = format!("/api/v1/definitions/{what}");
        let body = format!(r#"{{"name":"Ten","spec":{spec}}}"#);
        let headers = format!("connection: close\r\n{precondition}\r\n");
        let mut answer = String::new();
        let mut stream = self.ask("PUT", &path, &headers, &body);
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    }

    /// What a route that succeeds answers.
    pub fn answer(&self, method: &str, path: &str, sent: &str) -> Value {
        let body = self.body(method, path, sent);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// The same as text.
    pub fn body(&self, method: &str, path: &str, sent: &str) -> String {
        let mut answer = String::new();
        let mut stream = self.ask(method, path, "connection: close\r\n", sent);
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 20"), "{answer}");
        body.to_owned()
    }

    pub fn terminate(&mut self) -> (Option<i32>, Duration) {
        let begun = Instant::now();
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        (self.child.wait().unwrap().code(), begun.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command against a server.
fn run_at(server: &Server, folder: &Path, arguments: &[&str]) -> Value {
    json(
        folder,
        &[arguments, &["--url", &server.url, "--key", SECRET_KEY]].concat(),
        0,
    )
}

#[test]
fn a_server_takes_imports_and_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut server = Server::start(here, &["serve", "--data", "data"]);
    assert!(server.get("/health").starts_with("HTTP/1.1 200"));
    let busy = json(here, &["doctor", "--data", "data"], 1);
    assert!(
        busy["error"]["message"]
            .as_str()
            .unwrap()
            .contains("in use by another process")
    );

    write_orders(here);
    let import = ["import", "o.csv", "--mapping", "m.yaml", "--source", "old"];
    let done = run_at(&server, here, &import);
    assert_eq!(
        (&done["events"], &done["rejected"]),
        (&2.into(), &1.into()),
        "{done}"
    );
    run_at(&server, here, &import);
    let ann = server.get("/api/v1/persons?identifier=user_id:ann");
    assert!(
        ann.contains("\"event_count\":1"),
        "a second import counts nothing twice: {ann}"
    );

    let (exit, took) = server.terminate();
    assert_eq!(exit, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert_eq!(
        json(here, &["replay", "--verify", "--data", "data"], 0)["same"],
        true
    );
}

#[test]
fn a_server_takes_definitions_and_keys() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let server = Server::start(here, &["serve", "--data", "data"]);
    run_at(&server, here, &["pull", "pulled"]);
    let placement = "kind: placement\nid: home\nspec: {type: offers}\n";
    let file = here.join("pulled/placement-home.yaml");
    std::fs::write(&file, placement).unwrap();
    let count = |object: &Value| object["changes"].as_array().unwrap().len();
    assert_eq!(count(&run_at(&server, here, &["apply", "pulled"])), 1);
    assert_eq!(count(&run_at(&server, here, &["plan", "pulled"])), 0);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(count(&run_at(&server, here, &["apply", "pulled"])), 1);
    std::fs::write(&file, placement).unwrap();
    assert_eq!(
        count(&run_at(&server, here, &["apply", "pulled"])),
        1,
        "archived, then back"
    );

    // What names each other goes together, whatever the order of the files; and all of it or none.
    let audience = |id: &str, when: &str| {
        let text = format!("kind: audience\nid: {id}\nspec: {{when: '{when}'}}\n");
        std::fs::write(here.join(format!("pulled/audience-{id}.yaml")), text).unwrap();
    };
    audience("a", r#"in audience "z""#);
    audience("z", "count(page) >= 1");
    assert_eq!(count(&run_at(&server, here, &["apply", "pulled"])), 2);
    for id in ["a", "z"] {
        std::fs::remove_file(here.join(format!("pulled/audience-{id}.yaml"))).unwrap();
    }
    assert_eq!(count(&run_at(&server, here, &["apply", "pulled"])), 2);

    let made = run_at(&server, here, &["keys", "create"]);
    let id = made["key_id"].as_str().unwrap();
    let listed = || run_at(&server, here, &["keys", "list"]);
    assert_eq!(listed()["secret_keys"].as_array().unwrap().len(), 2);
    run_at(&server, here, &["keys", "revoke", id]);
    assert_eq!(listed()["secret_keys"].as_array().unwrap().len(), 1);
}

#[test]
fn a_demo_has_visitors() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["demo", "--data", "demo", "--visitors-per-minute", "60"];
    let mut server = Server::start(folder.path(), &arguments);
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let people = server.get("/api/v1/persons?q=ex");
        let overview = server.get("/api/v1/overview");
        if overview.contains("\"name\":\"Order Completed\"") && people.contains("200 OK") {
            break;
        }
        assert!(
            Instant::now() < limit,
            "no orders within a minute: {overview}"
        );
    }
    let (exit, took) = server.terminate();
    assert_eq!(exit, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
}
