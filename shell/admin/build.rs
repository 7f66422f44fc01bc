//! Rebuilds the crate when the console was built, and fails a release without one.

use std::path::Path;

fn main() {
    let console = Path::new("../../web/console");
    let dist = console.join("dist");
    // While there is no build to watch, watch the folder it will appear in.
    let watched = if dist.exists() { &dist } else { console };
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-env-changed=KITH_CONSOLE_REQUIRED");
    let required = std::env::var("KITH_CONSOLE_REQUIRED").is_ok_and(|value| value == "1");
    if required && !dist.join("index.html").exists() {
        println!("cargo::error=the console is not built: run `cargo xtask web`, then build again");
    }
}
