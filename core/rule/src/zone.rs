//! Names of time zones, as the database compiled in knows them.

use std::fmt;
use std::sync::OnceLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use kith_base::limits;
use kith_definition::nearest;

/// An IANA name that exists, such as `Europe/Berlin`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZoneName {
    bytes: [u8; limits::ZONE_NAME_MAX_BYTES],
    length: u8,
}

/// The database compiled in: the same events give the same answer on every machine.
fn database() -> &'static TimeZoneDatabase {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    DATABASE.get_or_init(TimeZoneDatabase::bundled)
}

impl ZoneName {
    /// The zone of a name; the fix when there is none.
    pub fn parse(name: &str) -> Result<Self, String> {
        let zone = database().get(name).ok();
        let known = zone.as_ref().and_then(TimeZone::iana_name);
        let Some(known) = known.filter(|known| known.len() <= limits::ZONE_NAME_MAX_BYTES) else {
            let all: Vec<String> = database()
                .available()
                .map(|name| name.to_string())
                .collect();
            let near = nearest(name, all.iter().map(String::as_str));
            return Err(match near {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "write an IANA name such as \"Europe/Berlin\"".to_owned(),
            });
        };
        let mut bytes = [0; limits::ZONE_NAME_MAX_BYTES];
        bytes[..known.len()].copy_from_slice(known.as_bytes());
        Ok(ZoneName {
            bytes,
            length: known.len() as u8,
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let bytes = &self.bytes[..usize::from(self.length)];
        std::str::from_utf8(bytes).expect("made from a text")
    }

    /// The zone.
    pub fn zone(&self) -> TimeZone {
        let known = database().get(self.as_str());
        known.expect("looked up when the name was made, in a database that never changes")
    }
}

impl fmt::Debug for ZoneName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_has_a_name_that_fits_and_is_found_again() {
        let mut count = 0;
        for name in database().available() {
            let found = ZoneName::parse(name.as_str()).unwrap();
            assert_eq!(ZoneName::parse(found.as_str()), Ok(found));
            assert_eq!(found.zone().iana_name(), Some(found.as_str()));
            count += 1;
        }
        assert!(count > 400, "{count}");
    }

    #[test]
    fn a_name_that_is_none_gets_the_nearest() {
        let fix = |name: &str| ZoneName::parse(name).unwrap_err();
        assert_eq!(fix("Europe/Berlim"), "did you mean \"Europe/Berlin\"?");
        assert!(fix("the moon").contains("Europe/Berlin"));
        let long = "x".repeat(limits::ZONE_NAME_MAX_BYTES + 1);
        assert!(fix(&long).contains("Europe/Berlin"));
        assert_eq!(
            ZoneName::parse("europe/berlin").unwrap().as_str(),
            "Europe/Berlin"
        );
    }
}
