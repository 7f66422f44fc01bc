//! Rebuilds the crate when the tag was built, so that the binary holds the newest one.

use std::path::Path;

fn main() {
    let tag = Path::new("../../web/tag");
    let dist = tag.join("dist");
    // While there is no build to watch, watch the folder it will appear in.
    let watched = if dist.exists() { &dist } else { tag };
    println!("cargo::rerun-if-changed={}", watched.display());
}
