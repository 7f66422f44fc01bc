//! The series of one node by id, each read from its stored form when somebody first asks for it.
//!
//! A node holds as many series as there are aggregates, an event touches a few of them, and a
//! rule looks at a few. The others are never decoded: they are copied from the row that was read
//! into the row that is written.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use kith_base::members::{Members, content, unsigned};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Series;
use super::stored::is_stored_form;
use crate::{SeriesId, Unreadable};

/// Series by id, ascending.
#[derive(Clone, Default)]
pub struct SeriesMap {
    /// Stored forms of series, one after the other.
    stored: Vec<u8>,
    held: Vec<(SeriesId, Held)>,
}

/// One series: its stored form, or what became of it, or both.
#[derive(Clone)]
struct Held {
    /// Where its stored form is, unless it changed since.
    place: Option<(usize, usize)>,
    opened: OnceLock<Box<Series>>,
}

impl SeriesMap {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// A series to be read.
    pub fn get(&self, id: SeriesId) -> Option<&Series> {
        let at = self.find(id).ok()?;
        Some(self.open(&self.held[at].1))
    }

    /// A series to be changed; an empty one when there is none.
    pub fn get_or_default(&mut self, id: SeriesId) -> &mut Series {
        let at = match self.find(id) {
            Ok(at) => {
                self.open(&self.held[at].1);
                at
            }
            Err(at) => {
                self.held.insert(at, (id, Held::new(Series::default())));
                at
            }
        };
        let held = &mut self.held[at].1;
        held.place = None;
        held.opened.get_mut().expect("it was opened above")
    }

    /// Puts a series in place of what there was under its id.
    pub fn insert(&mut self, id: SeriesId, series: Series) {
        *self.get_or_default(id) = series;
    }

    /// Every series.
    pub fn iter(&self) -> impl Iterator<Item = (SeriesId, &Series)> {
        self.held.iter().map(|(id, held)| (*id, self.open(held)))
    }

    /// Ids, ascending.
    pub fn ids(&self) -> impl Iterator<Item = SeriesId> {
        self.held.iter().map(|(id, _)| *id)
    }

    /// Keeps those whose id is wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(SeriesId) -> bool) {
        self.held.retain(|(id, _)| wanted(*id));
    }

    /// Drops all.
    pub fn clear(&mut self) {
        *self = SeriesMap::default();
    }

    /// Gives those that changed their stored form, so that writing is copying, and those that
    /// change no more are not encoded again.
    pub fn pack(&mut self) {
        if self.held.iter().all(|(_, held)| held.place.is_some()) {
            return;
        }
        let mut stored = Vec::with_capacity(self.stored.len() + 64);
        for (_, held) in &mut self.held {
            let from = stored.len();
            match (held.place, held.opened.get()) {
                (Some((from, to)), _) => stored.extend_from_slice(&self.stored[from..to]),
                (None, Some(series)) => series.write_to(&mut stored),
                (None, None) => unreachable!("without a stored form it is open"),
            }
            held.place = Some((from, stored.len()));
        }
        self.stored = stored;
    }

    /// Reads these series of a stored map and passes over the others.
    pub(crate) fn read(map: &[u8], wanted: &BTreeSet<SeriesId>) -> Result<Self, Unreadable> {
        let mut read = SeriesMap::default();
        if wanted.is_empty() {
            return Ok(read);
        }
        for member in Members::of(map)? {
            let (id, series) = member?;
            let id = SeriesId(unsigned(id)?);
            if wanted.contains(&id) {
                let from = read.stored.len();
                read.stored.extend_from_slice(content(series)?);
                read.hold(id, from).map_err(Unreadable::Series)?;
            }
        }
        Ok(read)
    }

    /// What was just put behind the stored forms is that of a series.
    fn hold(&mut self, id: SeriesId, from: usize) -> Result<(), &'static str> {
        if !is_stored_form(&self.stored[from..]) {
            return Err("not the bytes of a series");
        }
        if self.held.last().is_some_and(|(last, _)| *last >= id) {
            return Err("series are not in the order of their ids");
        }
        let held = Held {
            place: Some((from, self.stored.len())),
            opened: OnceLock::new(),
        };
        self.held.push((id, held));
        Ok(())
    }

    fn find(&self, id: SeriesId) -> Result<usize, usize> {
        self.held.binary_search_by_key(&id, |(held, _)| *held)
    }

    fn open<'a>(&self, held: &'a Held) -> &'a Series {
        held.opened.get_or_init(|| {
            let (from, to) = held.place.expect("without a stored form it is open");
            let series = Series::from_bytes(&self.stored[from..to]);
            // The store checks what it reads by checksums, and reading the row checks the version.
            Box::new(series.expect("what was stored is the stored form of a series"))
        })
    }
}

impl Held {
    fn new(series: Series) -> Self {
        Held {
            place: None,
            opened: OnceLock::from(Box::new(series)),
        }
    }
}

impl PartialEq for SeriesMap {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl fmt::Debug for SeriesMap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.iter()).finish()
    }
}

impl FromIterator<(SeriesId, Series)> for SeriesMap {
    fn from_iter<I: IntoIterator<Item = (SeriesId, Series)>>(all: I) -> Self {
        let mut map = SeriesMap::default();
        all.into_iter()
            .for_each(|(id, series)| map.insert(id, series));
        map
    }
}

impl Serialize for SeriesMap {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.held.len()))?;
        for (id, held) in &self.held {
            map.serialize_key(id)?;
            match held.place {
                Some((from, to)) => map.serialize_value(&Bytes(&self.stored[from..to]))?,
                None => map.serialize_value(&Bytes(&self.open(held).to_bytes()))?,
            }
        }
        map.end()
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

impl<'de> Deserialize<'de> for SeriesMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(All)
    }
}

struct All;

impl<'de> Visitor<'de> for All {
    type Value = SeriesMap;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("series by id")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SeriesMap, A::Error> {
        let mut read = SeriesMap::default();
        read.held.reserve(map.size_hint().unwrap_or(0).min(1_024));
        while let Some(id) = map.next_key::<SeriesId>()? {
            let from = read.stored.len();
            map.next_value_seed(Stored(&mut read.stored))?;
            read.hold(id, from).map_err(A::Error::custom)?;
        }
        Ok(read)
    }
}

/// Appends bytes to others.
struct Stored<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Stored<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<'de> Visitor<'de> for Stored<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the bytes of a series")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(byte) = seq.next_element()? {
            self.0.push(byte);
        }
        Ok(())
    }
}
