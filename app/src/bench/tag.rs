//! `kith bench tag`: what a visitor's browser loads.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::fill::WRITE_KEY;
use super::http::Connection;
use super::server::Local;

/// Asks a running server for the tag, as a page would, and packs it as a proxy would.
pub fn run(scratch: &Path) -> Result<Value> {
    let server = Local::start(&scratch.join("tag"))?;
    let mut connection = Connection::open(server.address)?;
    let script = connection.get("/kith.js", WRITE_KEY)?.ok()?;
    ensure!(
        script.len() > 1_000,
        "the tag was not built: run `npm run build` in web/tag"
    );
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&script)?;
    let gzip_bytes = packed.finish()?.len();
    Ok(json!({"bytes": script.len(), "gzip_bytes": gzip_bytes}))
}
