//! Files over a running engine, read back by readers that do not know how they were written.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use kith_base::{Json, Timestamp};
use kith_event::{DefinitionChange, Enrichment, Event, Identifier, Kind, Record};
use kith_export::{Counts, Format, Platform, Request, Selection, preview, write};
use kith_runtime::{Handle, start};
use kith_store::{log, state};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

const NOW: &str = "2026-11-20T08:00:00Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

struct World {
    handle: Handle,
    messages: u32,
}

impl World {
    async fn start() -> Self {
        let state = Box::new(state::Memory::new());
        let handle = start(Box::new(log::Memory::new()), state).unwrap();
        let world = World {
            handle,
            messages: 0,
        };
        world
            .define(
                "feature",
                "orders",
                r#"{"value":"count(\"Order Completed\")","trait":"order_count"}"#,
            )
            .await;
        world
            .define(
                "audience",
                "buyers",
                r#"{"when":"count(\"Order Completed\", 30 days) >= 1"}"#,
            )
            .await;
        world
    }

    async fn define(&self, kind: &str, id: &str, spec: &str) {
        let record = Record::Definition(DefinitionChange {
            kind: kind.into(),
            id: id.into(),
            name: id.into(),
            archived: false,
            author: "test".into(),
            at: now(),
            spec: Json::parse(spec).unwrap(),
        });
        self.append(record).await;
    }

    async fn append(&self, record: Record) {
        self.handle.append_applied(vec![record]).await.unwrap();
    }

    async fn event(&mut self, name: &str, identifiers: &[&str], properties: &str, traits: &str) {
        self.messages += 1;
        let identifier = |text: &&str| Identifier::parse(text).unwrap();
        let event = Event {
            source: "shop".into(),
            message_id: format!("m{}", self.messages),
            kind: if name.is_empty() {
                Kind::Identify
            } else {
                Kind::Track
            },
            name: name.into(),
            identifiers: identifiers.iter().map(identifier).collect(),
            received_at: now(),
            occurred_at: now(),
            original_at: None,
            properties: Json::parse(properties).unwrap(),
            traits: Json::parse(traits).unwrap(),
            context: Json::empty(),
            extra: Json::empty(),
            enrichment: Enrichment::default(),
        };
        self.append(Record::Event(event)).await;
    }

    async fn person(&mut self, identifiers: &[&str], traits: &str, consent: &str) {
        self.event("", identifiers, "{}", traits).await;
        if !consent.is_empty() {
            let properties = format!(r#"{{"categories":{{"marketing":{consent}}}}}"#);
            self.event("Consent Updated", &identifiers[..1], &properties, "{}")
                .await;
        }
    }

    fn export(&self, request: &Request) -> (Vec<u8>, Counts) {
        let (mut out, mut counts) = (Vec::new(), Counts::default());
        let view = self.handle.view();
        write(&view, request, now(), &mut out, &mut counts, |_, _| {}).unwrap();
        (out, counts)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.handle.shutdown();
    }
}

fn request(format: Format) -> Request {
    Request {
        audience: String::new(),
        format,
        selection: Selection::default(),
        consent: "marketing".to_owned(),
    }
}

async fn people() -> World {
    let mut world = World::start().await;
    let ada = r#"{"name":"=cmd(\"x\"), \"Ada\"","plan":"pro","score":-3,"rate":1,"vip":true}"#;
    world
        .person(&["user_id:ada", "email:ada@a.example"], ada, "")
        .await;
    let bob = r#"{"name":"Bob\nB","score":4,"rate":0.5,"tags":["a",1]}"#;
    world
        .person(&["user_id:bob", "phone:+886912345678"], bob, "")
        .await;
    world
        .event(
            "Order Completed",
            &["user_id:bob"],
            r#"{"revenue":5}"#,
            "{}",
        )
        .await;
    world
}

#[tokio::test]
async fn csv_is_quoted_as_the_standard_says_and_runs_no_formula() {
    let world = people().await;
    let (bytes, counts) = world.export(&request(Format::Csv));
    assert_eq!(counts.rows, 2);
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let head: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    let rows: Vec<BTreeMap<String, String>> =
        reader.deserialize().map(|row| row.unwrap()).collect();
    let of = |user: &str| rows.iter().find(|row| row["user_id"] == user).unwrap();
    assert_eq!(of("ada")["trait_name"], "'=cmd(\"x\"), \"Ada\"");
    assert_eq!(of("ada")["email"], "ada@a.example");
    assert_eq!(of("ada")["trait_score"], "-3");
    assert_eq!(of("ada")["trait_vip"], "true");
    assert_eq!(of("bob")["trait_name"], "Bob\nB");
    assert_eq!(of("bob")["trait_tags"], "[\"a\",1]");
    assert_eq!(of("bob")["phone"], "'+886912345678");
    assert_eq!(
        (
            &*of("ada")["trait_order_count"],
            &*of("bob")["trait_order_count"]
        ),
        ("0", "1")
    );
    assert_eq!(head[0], "person_id");
    assert!(!head.contains(&"since".to_owned()));
    assert!(bytes.windows(2).filter(|two| two == b"\r\n").count() == 3);
}

#[tokio::test]
async fn an_audience_has_its_members_alone_and_only_the_columns_asked_for() {
    let world = people().await;
    let (bytes, counts) = world.export(&Request {
        audience: "buyers".to_owned(),
        selection: Selection {
            identifiers: Some(vec!["user_id".to_owned()]),
            traits: Some(vec!["order_count".to_owned(), "nobody has it".to_owned()]),
            features: vec!["orders".to_owned(), "purchase_count".to_owned()],
        },
        ..request(Format::Csv)
    });
    assert_eq!(counts.rows, 1);
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split("\r\n").collect();
    let head = "person_id,since,user_id,trait_nobody has it,trait_order_count,\
        feature_orders,feature_purchase_count";
    assert_eq!(lines[0], head);
    assert!(
        lines[1].ends_with(",2026-11-20T08:00:00.000Z,bob,,1,1,1"),
        "{}",
        lines[1]
    );
}

#[tokio::test]
async fn a_computed_trait_is_a_trait_in_rules_too() {
    let mut world = World::start().await;
    let regulars = r#"{"when":"traits.order_count >= 2"}"#;
    world.define("audience", "regulars", regulars).await;
    for order in 0..3 {
        let user = ["user_id:ada", "user_id:bob", "user_id:ada"][order];
        world.event("Order Completed", &[user], "{}", "{}").await;
    }
    let (bytes, counts) = world.export(&Request {
        audience: "regulars".to_owned(),
        ..request(Format::Csv)
    });
    assert_eq!(counts.rows, 1);
    assert!(String::from_utf8(bytes).unwrap().contains(",ada,"));
}

#[tokio::test]
async fn ndjson_keeps_every_identifier_and_every_type() {
    let mut world = people().await;
    world
        .person(&["user_id:ada", "email:ada@b.example"], "{}", "")
        .await;
    let (bytes, _) = world.export(&request(Format::Ndjson));
    let text = String::from_utf8(bytes).unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ada = lines
        .iter()
        .find(|line| line["traits"]["plan"] == "pro")
        .unwrap();
    assert_eq!(ada["identifiers"]["email"].as_array().unwrap().len(), 2);
    assert_eq!(ada["traits"]["score"], -3);
    assert_eq!(ada["traits"]["vip"], true);
    assert_eq!(ada["traits"]["name"], "=cmd(\"x\"), \"Ada\"");
    let bob = lines
        .iter()
        .find(|line| line["traits"]["score"] == 4)
        .unwrap();
    assert_eq!(bob["traits"]["tags"], serde_json::json!(["a", 1]));
    assert!(bob["traits"].get("plan").is_none());
}

#[tokio::test]
async fn parquet_has_the_types_of_its_values() {
    let world = people().await;
    let wanted = Request {
        audience: "buyers".to_owned(),
        ..request(Format::Parquet)
    };
    let everybody = world.export(&request(Format::Parquet)).0;
    if let Some(folder) = std::env::var_os("KITH_EXPORTS") {
        std::fs::write(
            std::path::Path::new(&folder).join("people.parquet"),
            &everybody,
        )
        .unwrap();
    }
    let reader = SerializedFileReader::new(bytes::Bytes::from(everybody)).unwrap();
    let fields = reader
        .metadata()
        .file_metadata()
        .schema()
        .get_fields()
        .to_vec();
    let types: BTreeMap<String, String> = fields
        .iter()
        .map(|field| {
            (
                field.name().to_owned(),
                field.get_physical_type().to_string(),
            )
        })
        .collect();
    let check = |name: &str, expect: &str| assert_eq!(types[name], expect, "{name}");
    check("person_id", "BYTE_ARRAY");
    check("trait_score", "INT64");
    check("trait_rate", "DOUBLE");
    check("trait_vip", "BOOLEAN");
    check("trait_tags", "BYTE_ARRAY");
    check("trait_order_count", "INT64");
    let place = |name: &str| {
        fields
            .iter()
            .position(|field| field.name() == name)
            .unwrap()
    };
    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| row.unwrap())
        .collect();
    assert_eq!(rows.len(), 2);
    let bob = rows
        .iter()
        .find(|row| row.get_string(place("user_id")).unwrap() == "bob")
        .unwrap();
    assert_eq!(bob.get_long(place("trait_score")).unwrap(), 4);
    assert_eq!(bob.get_double(place("trait_rate")).unwrap(), 0.5);
    assert_eq!(bob.get_string(place("trait_tags")).unwrap(), "[\"a\",1]");
    assert!(
        bob.get_bool(place("trait_vip")).is_err(),
        "nothing is known, so it is null"
    );

    let (members, counts) = world.export(&wanted);
    assert_eq!(counts.rows, 1);
    let reader = SerializedFileReader::new(bytes::Bytes::from(members)).unwrap();
    let row = reader.get_row_iter(None).unwrap().next().unwrap().unwrap();
    assert_eq!(row.get_timestamp_millis(1).unwrap(), now().as_millis());
}

#[tokio::test]
async fn traits_become_columns_up_to_the_limit() {
    let mut world = World::start().await;
    let most = kith_base::limits::EXPORT_TRAITS_MAX;
    // With the computed one, exactly as many as may be.
    for (person, first) in (0..most - 1).step_by(200).enumerate() {
        let names = (first..(first + 200).min(most - 1)).map(|n| format!("\"t{n:03}\":1"));
        let traits = format!("{{{}}}", names.collect::<Vec<_>>().join(","));
        world
            .person(&[&format!("user_id:{person}")], &traits, "")
            .await;
    }
    let columns = |world: &World| {
        let (bytes, _) = world.export(&request(Format::Csv));
        let text = String::from_utf8(bytes).unwrap();
        text.lines().next().unwrap().matches("trait_").count()
    };
    assert_eq!(columns(&world), most);
    world.person(&["user_id:more"], r#"{"zzz":1}"#, "").await;
    assert_eq!(columns(&world), most);
}

#[tokio::test]
async fn more_rows_than_a_group_holds_are_all_there() {
    let mut world = World::start().await;
    let records: Vec<Record> = (0..20_500)
        .map(|n| {
            Record::List(kith_event::ListChange {
                audience: "nobody".into(),
                at: now(),
                add: vec![Identifier::new("user_id", format!("u{n}"))],
                remove: Vec::new(),
            })
        })
        .collect();
    world.handle.append_applied(records).await.unwrap();
    world.person(&["user_id:u1"], r#"{"plan":"pro"}"#, "").await;
    let (bytes, counts) = world.export(&request(Format::Parquet));
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    let rows = reader.metadata().file_metadata().num_rows();
    assert_eq!(
        (rows, counts.rows, reader.num_row_groups()),
        (20_500, 20_500, 3)
    );
}

#[tokio::test]
async fn a_list_for_an_ad_platform_has_only_those_who_agreed_and_says_who_is_left_out() {
    let mut world = World::start().await;
    world
        .person(
            &[
                "user_id:yes",
                "email:Jane.Doe@gmail.com",
                "phone:+886912345678",
            ],
            "{}",
            "true",
        )
        .await;
    world
        .person(&["user_id:no", "email:no@a.example"], "{}", "false")
        .await;
    world
        .person(&["user_id:silent", "email:silent@a.example"], "{}", "")
        .await;
    world.person(&["user_id:nameless"], "{}", "true").await;
    let google = request(Format::Ads(Platform::Google));
    let (bytes, counts) = world.export(&google);
    // Made by `printf … | sha256sum`.
    let expect = "Email,Phone\r\n\
        d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69,\
        1315ec4a63ba3d2b8f5db63688770e89a402ee623ef33e4c8c2f36e48f271be0\r\n";
    assert_eq!(String::from_utf8(bytes).unwrap(), expect);
    let reasons = [("consent-refused", 1), ("no-consent", 1), ("no-contact", 1)];
    let expect: BTreeMap<String, u64> = reasons
        .iter()
        .map(|(reason, persons)| ((*reason).to_owned(), *persons))
        .collect();
    assert_eq!((counts.rows, &counts.withheld), (1, &expect));
    let view = world.handle.view();
    assert_eq!(
        preview(&view, &google, Platform::Google, now()).unwrap(),
        counts
    );
}
