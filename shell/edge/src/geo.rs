//! Coarse places of network addresses, from a database in MaxMind's format.

use std::net::IpAddr;
use std::path::Path;

use kith_event::enrich::Geo;
use maxminddb::{Reader, geoip2};

/// A database held in memory.
pub struct GeoDatabase(Reader<Vec<u8>>);

/// Why a database could not be used.
#[derive(Debug, thiserror::Error)]
#[error("the geo database cannot be used: {0}")]
pub struct OpenError(#[from] maxminddb::MaxMindDbError);

impl GeoDatabase {
    /// Reads a file such as `GeoLite2-City.mmdb` or `GeoLite2-Country.mmdb`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(GeoDatabase(Reader::open_readfile(path)?))
    }

    /// From the bytes of such a file.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, OpenError> {
        Ok(GeoDatabase(Reader::from_source(bytes)?))
    }

    /// The place of an address; empty where the database knows none.
    pub(crate) fn place(&self, address: &str) -> Geo {
        let Ok(address) = address.trim().parse::<IpAddr>() else {
            return Geo::default();
        };
        let found = self.0.lookup(address.to_canonical());
        let Ok(Some(city)) = found.and_then(|found| found.decode::<geoip2::City<'_>>()) else {
            return Geo::default();
        };
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Geo {
            country: text(city.country.iso_code),
            region: text(
                city.subdivisions
                    .first()
                    .and_then(|first| first.names.english),
            ),
            city: text(city.city.names.english),
        }
    }
}
