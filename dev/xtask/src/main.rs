//! `cargo xtask`: the chores of this repository, in Rust, so that they run wherever it builds.
//!
//! `tidy` checks what the compiler does not (layers, sizes, docs, links); `web` builds tag,
//! console and demo shop; `chromium` finds or installs the browser of the end-to-end tests; `ci`
//! runs everything a change must pass.

#![expect(
    clippy::print_stdout,
    reason = "a task runner talks to people on stdout"
)]

mod ci;
mod step;
mod system;
mod tidy;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask tidy      check layers, sizes, module docs, links
cargo xtask web       install the web packages when needed, build tag, console and demo shop
cargo xtask chromium  print the path of chromium, installing it by apt when it is missing
cargo xtask ci        everything `make test` checks, in order
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.first().map(String::as_str) {
        Some("tidy") => tidy::run(&root()),
        Some("web") => web::build(&root()),
        Some("chromium") => system::chromium().map(|path| println!("{}", path.display())),
        Some("ci") => ci::run(&root()),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository this program was built from.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .ancestors()
        .nth(2)
        .expect("dev/xtask lies two levels below the root")
        .to_path_buf()
}
