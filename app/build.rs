//! Rebuilds the program when the demo shop was built or its definitions changed: they are
//! embedded, and the compiler does not see files that appear.

use std::path::Path;

fn main() {
    let shop = Path::new("../web/demo-shop");
    let dist = shop.join("dist");
    // While there is no build to watch, watch the folder it will appear in.
    let watched = if dist.exists() { dist.as_path() } else { shop };
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-changed=../examples/demo");
    println!("cargo::rerun-if-changed=build.rs");
}
