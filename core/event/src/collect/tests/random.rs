//! Properties over random and mutated input.

use proptest::prelude::*;

use super::*;

fn event(index: usize) -> String {
    format!(
        concat!(
            r#"{{"type":"track","event":"e{0}","userId":"u{0}","messageId":"m{0}","#,
            r#""properties":{{"a":[1,{{"b":"\u00e9"}}]}},"#,
            r#""context":{{"page":{{"url":"https://a.example/?utm_source=s"}}}}}}"#
        ),
        index
    )
}

proptest! {
    #[test]
    fn any_bytes_are_survived(body in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = parse(&body, &request(), &mut enriched);
    }

    #[test]
    fn any_json_like_text_is_survived(body in r#"[\[\]{}",:\\ut0-9d8a-f ]{0,400}"#) {
        let _ = parse(body.as_bytes(), &request(), &mut enriched);
        let _ = parse(format!(r#"{{"batch":[{body}"#).as_bytes(), &request(), &mut enriched);
    }

    #[test]
    fn mutated_bodies_are_survived(
        places in proptest::collection::vec((0_usize..700, any::<u8>()), 1..20),
    ) {
        let events: Vec<String> = (0..3).map(event).collect();
        let mut body = format!(r#"{{"batch":[{}]}}"#, events.join(",")).into_bytes();
        for (place, byte) in places {
            if let Some(slot) = body.get_mut(place) {
                *slot = byte;
            }
        }
        let _ = parse(&body, &request(), &mut enriched);
    }

    #[test]
    fn one_broken_event_never_costs_its_neighbours(
        count in 2_usize..8,
        broken in 0_usize..8,
        place in 1_usize..150,
        byte in any::<u8>(),
    ) {
        let broken = broken % count;
        let mut bodies: Vec<Vec<u8>> = (0..count).map(|index| event(index).into_bytes()).collect();
        let length = bodies[broken].len();
        bodies[broken][place.min(length - 2)] = byte;
        let mut body = br#"{"batch":["#.to_vec();
        body.extend(bodies.join(&b','));
        body.extend(b"]}");
        let parsed = parse_with(&body, &request());
        for index in (0..count).filter(|index| *index != broken) {
            let id = format!("m{index}");
            prop_assert!(
                parsed.events.iter().any(|event| event.message_id == id),
                "event {index} lost: {}", String::from_utf8_lossy(&body)
            );
        }
    }
}
