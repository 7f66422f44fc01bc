//! The server under test: in this process, or as a child that may be killed.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use axum::extract::Request;
use axum::middleware::{self, Next};
use hdrhistogram::Histogram;
use kith_runtime::Handle;
use tokio::sync::oneshot;

use super::fill::WRITE_KEY;
use super::http::Connection;
use super::pace;
use crate::{serve, wiring};

/// How long a child may take until it answers.
const START_MAX: Duration = Duration::from_secs(600);

/// The whole server in this process: engine and its clock, both planes, a listener on a loopback
/// port.
pub struct Local {
    /// The engine.
    pub handle: Handle,
    /// Where it listens.
    pub address: SocketAddr,
    times: Arc<Mutex<Histogram<u64>>>,
    runtime: Option<tokio::runtime::Runtime>,
    stop: Option<oneshot::Sender<()>>,
}

impl Local {
    /// Starts over a data folder.
    pub fn start(data: &Path) -> Result<Self> {
        let handle = wiring::open(data)?;
        let configuration = serve::Configuration::local(data);
        let server = serve::Server::new(&handle, &configuration)?;
        let times = Arc::new(Mutex::new(pace::histogram()));
        let noted = Arc::clone(&times);
        let timed = middleware::from_fn(move |request: Request, next: Next| {
            let noted = Arc::clone(&noted);
            async move {
                let begun = Instant::now();
                let response = next.run(request).await;
                let mut times = noted.lock().expect("no holder of this lock panics");
                pace::note(&mut times, begun.elapsed());
                response
            }
        });
        let runtime = serve::runtime()?;
        let listener = runtime.block_on(serve::bind(([127, 0, 0, 1], 0).into()))?;
        let address = listener.local_addr()?;
        let service = server
            .router
            .layer(timed)
            .into_make_service_with_connect_info::<SocketAddr>();
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(serve::keep_time(handle.clone()));
        runtime.spawn(async move {
            let serving = axum::serve(listener, service).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = serving.await {
                tracing::error!(%error, "the server under test ended");
            }
        });
        Ok(Local {
            handle,
            address,
            times,
            runtime: Some(runtime),
            stop: Some(stop),
        })
    }

    /// Times of the requests since the last call, from the router's side, in microseconds.
    pub fn take_times(&self) -> Histogram<u64> {
        let mut times = self.times.lock().expect("no holder of this lock panics");
        std::mem::replace(&mut times, pace::histogram())
    }

    /// Waits until everything durable is applied.
    pub fn wait_applied(&self) -> Result<()> {
        let end = self.handle.status().end;
        Ok(wiring::block_on(self.handle.wait_applied(end))??)
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself.
            let _ = stop.send(());
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
        self.handle.shutdown();
    }
}

/// `kith serve` as a process of its own.
pub struct Served {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to its first answer to a decide call.
    pub first_answer: Duration,
}

impl Served {
    /// Starts it over a data folder and waits for its first answer.
    pub fn start(data: &Path) -> Result<Self> {
        let begun = Instant::now();
        let mut served = Served::spawn(data)?;
        while !served.answers() {
            if let Some(status) = served.child.try_wait()? {
                anyhow::bail!("kith serve ended with {status} before it answered");
            }
            anyhow::ensure!(begun.elapsed() < START_MAX, "kith serve does not answer");
            std::thread::sleep(Duration::from_millis(2));
        }
        served.first_answer = begun.elapsed();
        Ok(served)
    }

    /// Starts it and waits for nothing.
    pub fn spawn(data: &Path) -> Result<Self> {
        let address = free_address()?;
        let program = std::env::current_exe().context("finding this program's file")?;
        let child = Command::new(program)
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", &address.to_string()])
            .env("KITH_WRITE_KEY", WRITE_KEY)
            .env(
                "KITH_LOG",
                std::env::var("KITH_LOG").as_deref().unwrap_or("warn"),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .context("starting kith serve")?;
        Ok(Served {
            child,
            address,
            first_answer: Duration::ZERO,
        })
    }

    /// True when a call that reads state is answered.
    fn answers(&self) -> bool {
        let call = r#"{"placements":["none"],"identifiers":{"user_id":"user-0"}}"#;
        let ask = || Connection::open(self.address)?.post("/v1/decide", WRITE_KEY, call);
        ask().is_ok_and(|answer| answer.status == 200)
    }

    /// `kill -9`.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill().context("killing kith serve")?;
        self.child.wait().context("waiting for kith serve")?;
        Ok(())
    }

    /// Resident memory in bytes.
    pub fn resident_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| {
            line.trim()
                .trim_end_matches(" kB")
                .trim()
                .parse::<u64>()
                .ok()
        });
        kib.map(|kib| kib * 1024)
            .with_context(|| format!("{path} does not tell VmRSS"))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It has been killed and waited for in most cases.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("finding a free port")?;
    Ok(listener.local_addr()?)
}
