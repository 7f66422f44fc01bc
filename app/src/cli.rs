//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::output::{Output, Verdict};
use crate::{bench, definitions, demo, doctor, export, import, keys, matching, replay, serve};

/// A self-hosted engine for 1:1 customer engagement.
#[derive(Debug, Parser)]
#[command(name = "kith", version, arg_required_else_help = true)]
pub struct Arguments {
    /// One JSON object on stdout and nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// Every command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Options),
    /// Run a server with a shop and visitors, in a folder of its own
    Demo(demo::Options),
    /// Bring in a file of history
    Import(import::Options),
    /// Take an audience, or everybody, out as a file
    Export(export::Options),
    /// Find the records of files that belong to the same person or firm
    Match(matching::Options),
    /// Show what `apply` would change
    Plan(definitions::Options),
    /// Make the live definitions those of a folder
    Apply(definitions::Options),
    /// Write the live definitions into a folder
    Pull(definitions::Options),
    /// Check the definitions in a folder
    Check(definitions::CheckOptions),
    /// Rebuild the state from the log, or compare the two
    Replay(replay::Options),
    /// Examine a data folder
    Doctor(doctor::Options),
    /// Measure speed, memory and crash safety on this machine
    Bench(bench::Options),
    /// List, make and revoke keys
    Keys(keys::Options),
}

/// Runs one command.
pub fn run(command: &Command, output: Output) -> Result<Verdict> {
    match command {
        Command::Serve(options) => serve::run(options, output),
        Command::Demo(options) => demo::run(options, output),
        Command::Import(options) => import::run(options, output),
        Command::Export(options) => export::run(options, output),
        Command::Match(options) => matching::run(options, output),
        Command::Plan(options) => definitions::plan(options, output),
        Command::Apply(options) => definitions::apply(options, output),
        Command::Pull(options) => definitions::pull(options, output),
        Command::Check(options) => definitions::check(options, output),
        Command::Replay(options) => replay::run(options, output),
        Command::Doctor(options) => doctor::run(options, output),
        Command::Bench(options) => bench::run(options, output),
        Command::Keys(options) => keys::run(options, output),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_command_is_well_formed() {
        super::Arguments::command().debug_assert();
    }
}
