//! The `kith` program: every command, and the one place where ports meet their implementations.
//!
//! Nothing is decided here. A command reads its options, wires what it needs, and reports through
//! [`output::Output`].

mod bench;
mod cli;
mod client;
mod definitions;
mod demo;
mod doctor;
mod export;
mod import;
mod keys;
mod logs;
mod matching;
mod output;
mod replay;
mod serve;
mod target;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let output = output::Output::new(arguments.json);
    logs::start();
    output.finish(cli::run(&arguments.command, output))
}
