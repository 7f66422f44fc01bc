//! The program from outside: what is asked on the command line, and what it leaves behind.

#![expect(clippy::unwrap_used, reason = "in a test the panic is the message")]

mod cli;
mod crash;
mod damage;
mod grants;
mod import;
mod previews;
mod process;
mod serve;
