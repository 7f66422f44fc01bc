//! `kith demo`: a server with a shop, its definitions and catalog, and visitors.
//!
//! Nothing here is a short cut: the shop is served as files, the visitors speak to the collect
//! and decide routes over HTTP with the shop's write key. Only `/demo/profile`, which shows a
//! visitor what Kith knows, exists nowhere else.

mod contents;
mod liking;
mod person;
mod persona;
mod shop;
mod traffic;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::output::{Output, Verdict};
use crate::serve::{self, Configuration, Server};
use crate::wiring;

/// Who the sign-in link signs in.
const USER: (&str, &str) = ("demo@example.com", "Demo");

/// Options of `kith demo`.
#[derive(Debug, Args)]
pub struct Options {
    /// Address to listen on
    #[arg(long, env = "KITH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Folder of the demo, created when absent
    #[arg(long, default_value = "kith-demo-data")]
    data: PathBuf,
    /// Start of the chance by which visitors behave
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// New visitors a minute
    #[arg(long, default_value_t = 20)]
    visitors_per_minute: u32,
    /// No visitors but yourself
    #[arg(long, conflicts_with = "visitors_per_minute")]
    no_traffic: bool,
}

/// Runs the command until SIGTERM or Ctrl-C.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    let handle = wiring::open(&options.data)?;
    let keys = contents::prepare(&handle, &options.data)?;
    let server = Server::new(&handle, &Configuration::local(&options.data))?;
    let profile = person::router(server.router.clone(), keys.secret_key.clone());
    let router = server
        .router
        .merge(shop::router(&keys.write_key))
        .merge(profile);
    let stop = Arc::new(AtomicBool::new(false));
    let linkage = serve::link(server.linker)?;
    let learning = serve::learn(server.learner)?;
    let visitors = serve::runtime()?.block_on(async {
        let listener = serve::bind(options.listen).await?;
        let address = listener.local_addr()?;
        let token = server.admin.issue_sign_in_token(USER.0, USER.1).await;
        let token = token.map_err(|problem| anyhow::anyhow!("a sign-in link: {problem:?}"))?;
        print_links(&format!("http://{address}"), &token, &keys, output);
        let visitors = traffic::Settings {
            url: format!("http://{address}"),
            write_key: keys.write_key.clone(),
            seed: options.seed,
            visitors_per_minute: match options.no_traffic {
                true => 0,
                false => options.visitors_per_minute,
            },
            with_history: keys.is_new,
        };
        let visitors = traffic::start(visitors, Arc::clone(&stop))?;
        let close = || server.admin.close_streams();
        let served = serve::serve(
            listener,
            &handle,
            router,
            Arc::clone(&server.webhooks),
            close,
        )
        .await;
        stop.store(true, Ordering::Relaxed);
        served.map(|()| visitors)
    })?;
    visitors
        .join()
        .ok()
        .context("the visitors ended in a panic")?;
    drop((linkage, learning));
    handle.shutdown();
    Ok(Verdict::Done)
}

fn print_links(url: &str, token: &str, keys: &contents::Keys, output: Output) {
    let object = json!({
        "shop": format!("{url}/shop/"),
        "console": format!("{url}/console/sign-in?token={token}"),
        "write_key": keys.write_key,
        "secret_key": keys.secret_key,
    });
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let lines = [
        String::new(),
        format!("  shop        {}", text("shop")),
        format!("  console     {}", text("console")),
        "              (signs in once, within 10 minutes)".to_owned(),
        format!("  secret key  {}", text("secret_key")),
        format!("  write key   {}", text("write_key")),
        String::new(),
        "  Stop with Ctrl-C.".to_owned(),
        String::new(),
    ];
    output.result(&object, &lines.join("\n"));
}
