//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::import;
use crate::output::{Output, Verdict};

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
    /// Bring in a file of history
    Import(import::Options),
}

/// Runs one command.
pub fn run(command: &Command, output: Output) -> Result<Verdict> {
    match command {
        Command::Import(options) => import::run(options, output),
    }
}
