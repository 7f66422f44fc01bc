//! The links of one node, held while they are few.

use kith_base::NodeId;

use crate::table::LinkRow;

/// All links of a node.
#[derive(Debug)]
pub(super) enum Neighbours {
    /// Each of them, by the far end.
    Few(Vec<(NodeId, LinkRow)>),
    /// More than are held.
    Many,
}

impl Neighbours {
    /// Most links held: a device or a person has a handful, and what has more is read each time.
    pub const HELD_MAX: usize = 16;

    /// From all links, or from the first ones when there are many.
    pub fn of(links: &[(NodeId, LinkRow)]) -> Self {
        if links.len() > Neighbours::HELD_MAX {
            Neighbours::Many
        } else {
            Neighbours::Few(links.to_vec())
        }
    }

    /// A link that was written.
    pub fn put(&mut self, other: NodeId, row: &LinkRow) {
        let Neighbours::Few(links) = self else {
            return;
        };
        match links.binary_search_by_key(&other, |(id, _)| *id) {
            Ok(at) => links[at].1 = row.clone(),
            Err(at) => links.insert(at, (other, row.clone())),
        }
        if links.len() > Neighbours::HELD_MAX {
            *self = Neighbours::Many;
        }
    }
}

#[cfg(test)]
mod tests {
    use kith_base::Timestamp;
    use kith_event::Kind;

    use super::*;

    #[test]
    fn holds_a_few_in_order() {
        let row = |message_id: &str| LinkRow {
            first_at: Timestamp::from_millis(0),
            kind: Kind::Track,
            source: "web".to_owned(),
            message_id: message_id.to_owned(),
            refusal: None,
        };
        let mut neighbours = Neighbours::of(&[]);
        for (id, message_id) in [(3, "a"), (1, "b"), (3, "c")] {
            neighbours.put(NodeId([id; 16]), &row(message_id));
        }
        let Neighbours::Few(links) = &neighbours else {
            panic!("two are few");
        };
        let held: Vec<_> = links
            .iter()
            .map(|(id, row)| (id.0[0], row.message_id.as_str()))
            .collect();
        assert_eq!(held, [(1, "b"), (3, "c")]);
        for id in 10..10 + Neighbours::HELD_MAX as u8 {
            neighbours.put(NodeId([id; 16]), &row("d"));
        }
        assert!(matches!(neighbours, Neighbours::Many));
    }
}
