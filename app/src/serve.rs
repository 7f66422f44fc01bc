//! `kith serve`: one process that does everything, on one listener.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use clap::Args;
use kith_admin::access::key;
use kith_admin::{AdminState, Settings};
use kith_edge::{EdgeState, GeoDatabase};
use kith_learning::Learner;
use kith_linkage::{Linker, SiteKey};
use kith_runtime::{AppendError, Handle};
use kith_webhook::sign::ServerKey;
use kith_webhook::{Dispatcher, Reach};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::keys;
use crate::output::{BadInput, Output, Verdict};
use crate::wiring;

/// How long open requests may take after SIGTERM. Live streams end at once.
const DRAIN_MAX: Duration = Duration::from_secs(5);

/// How often the engine is told the time: a due exit is seen at most so late.
const TICK_INTERVAL: Duration = Duration::from_millis(100);

/// Options of `kith serve`.
#[derive(Debug, Args)]
pub struct Options {
    /// Data folder, created when absent
    #[arg(long, env = "KITH_DATA", default_value = "kith-data")]
    data: PathBuf,
    /// Address to listen on
    #[arg(long, env = "KITH_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Browsers reach the server by https: mark cookies as secure
    #[arg(long, env = "KITH_SECURE_COOKIES")]
    secure_cookies: bool,
    /// Country and city of visitors, from a database in MaxMind's format
    #[arg(long, env = "KITH_GEO_DATABASE")]
    geo_database: Option<PathBuf>,
    /// Scheme and host under which clients reach the server, such as https://events.example.com
    #[arg(long, env = "KITH_PUBLIC_URL")]
    public_url: Option<String>,
    /// Webhooks may reach this machine and private networks too, not only public addresses
    #[arg(long, env = "KITH_WEBHOOKS_EVERYWHERE")]
    webhooks_everywhere: bool,
    /// Proxies of yours before this server, whose X-Forwarded headers are trusted
    #[arg(long, env = "KITH_PROXY_HOPS", default_value_t = 0)]
    proxy_hops: usize,
}

/// Runs the command until SIGTERM or Ctrl-C.
pub fn run(options: &Options, output: Output) -> Result<Verdict> {
    let given = keys::Given::from_environment()?;
    let handle = wiring::open(&options.data)?;
    let made = keys::ensure(&handle, given)?;
    if made.write_key.is_some() || made.secret_key.is_some() {
        let object = json!({"write_key": made.write_key, "secret_key": made.secret_key});
        let line = |name: &str, key: &Option<String>| {
            let key = key.as_ref();
            key.map_or_else(String::new, |key| format!("\n  {name}{key}"))
        };
        let text = format!(
            "new keys, shown once:{}{}",
            line("write key   ", &made.write_key),
            line("secret key  ", &made.secret_key)
        );
        output.result(&object, &text);
    }
    let server = Server::new(&handle, &options.into())?;
    let listen = options.listen;
    let linkage = link(server.linker)?;
    let learning = learn(server.learner)?;
    runtime()?.block_on(async {
        let listener = bind(listen).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, data = %options.data.display(), "listening");
        output.say(&format!("Kith is at http://{address}/console/"));
        let webhooks = Arc::clone(&server.webhooks);
        serve(listener, &handle, server.router, webhooks, || {
            server.admin.close_streams();
        })
        .await
    })?;
    // What is not found by now is found after the next start.
    drop((linkage, learning));
    handle.shutdown();
    tracing::info!("everything is applied and on disk");
    Ok(Verdict::Done)
}

/// What the routes need to know.
pub struct Configuration<'a> {
    /// Data folder: the key of sessions lies there.
    pub data: &'a Path,
    /// Browsers come by https.
    pub secure_cookies: bool,
    /// Database of places.
    pub geo_database: Option<&'a Path>,
    /// Scheme and host for clients.
    pub public_url: Option<String>,
    /// Proxies of ours.
    pub proxy_hops: usize,
    /// How far webhooks reach.
    pub reach: Reach,
}

impl<'a> Configuration<'a> {
    /// For a server that only this machine reaches.
    pub fn local(data: &'a Path) -> Self {
        let (secure_cookies, geo_database, public_url, proxy_hops) = (false, None, None, 0);
        Configuration {
            data,
            secure_cookies,
            geo_database,
            public_url,
            proxy_hops,
            reach: Reach::Everywhere,
        }
    }
}

impl<'a> From<&'a Options> for Configuration<'a> {
    fn from(options: &'a Options) -> Self {
        Configuration {
            data: &options.data,
            secure_cookies: options.secure_cookies,
            geo_database: options.geo_database.as_deref(),
            public_url: options.public_url.clone(),
            proxy_hops: options.proxy_hops,
            reach: match options.webhooks_everywhere {
                true => Reach::Everywhere,
                false => Reach::Public,
            },
        }
    }
}

/// All routes over one engine.
pub struct Server {
    /// Data plane and control plane.
    pub router: Router,
    /// For commands that act beside the routes.
    pub admin: AdminState,
    /// Sends what webhooks are told.
    pub webhooks: Arc<Dispatcher>,
    /// Finds probable links, once it is started.
    pub linker: Linker,
    /// Learns from the log, once it is started.
    pub learner: Learner,
}

impl Server {
    /// Wires both planes to a running engine. The data plane asks the control plane whose a secret
    /// key is and what a link of preview shows; they meet here and nowhere else.
    pub fn new(handle: &Handle, configuration: &Configuration<'_>) -> Result<Self> {
        let metrics = metrics()?;
        let key = ServerKey::new(kept_key(configuration.data, "webhook.key")?);
        let webhooks = Dispatcher::new(handle.clone(), key, configuration.reach);
        let webhooks = Arc::new(webhooks);
        let key = SiteKey::new(kept_key(configuration.data, "linkage.key")?);
        let linker = Linker::new(handle.clone(), key);
        let learner = Learner::in_folder(handle.clone(), &configuration.data.join("models"));
        let admin = AdminState::new(
            handle.clone(),
            Settings {
                session_key: kept_key(configuration.data, "session.key")?,
                secure_cookies: configuration.secure_cookies,
                sign_in_limits: kith_admin::Limits::STANDARD,
                client_address: client_address(configuration.proxy_hops),
                webhooks: Arc::clone(&webhooks),
                linkage: linker.status(),
                learning: learner.status(),
                metrics: Some(metrics),
                clock: Arc::new(kith_runtime::now),
            },
        );
        let edge = edge_options(handle, &admin, configuration)?;
        let edge = EdgeState::new(handle.clone(), edge);
        let router = kith_edge::router(edge).merge(kith_admin::router(admin.clone()));
        Ok(Server {
            router,
            admin,
            webhooks,
            linker,
            learner,
        })
    }
}

/// One function says who a client is, for events and for attempts to sign in.
fn client_address(proxy_hops: usize) -> kith_admin::ClientAddress {
    Arc::new(move |headers, extensions| kith_edge::client_address(proxy_hops, headers, extensions))
}

fn edge_options(
    handle: &Handle,
    admin: &AdminState,
    configuration: &Configuration<'_>,
) -> Result<kith_edge::Options> {
    let geo = configuration
        .geo_database
        .map(GeoDatabase::open)
        .transpose();
    let reader = handle.clone();
    let previews = admin.clone();
    Ok(kith_edge::Options {
        public_url: configuration.public_url.clone(),
        proxy_hops: configuration.proxy_hops,
        geo: geo.map_err(|error| BadInput(error.to_string()))?,
        is_secret_key: Arc::new(move |secret| {
            matches!(key::check(&*reader.view().state, secret), Ok(Some(_)))
        }),
        preview: Arc::new(move |token, now| previews.preview(token, now)),
        ..kith_edge::Options::standard()
    })
}

/// A key that is made once and kept. `session.key` signs cookies and links of preview: a new one
/// signs everybody out.
/// The secrets of webhooks follow from `webhook.key`: with a new one, receivers need new secrets.
/// Addresses are hashed under `linkage.key` while visitors are matched; hashes are not kept.
fn kept_key(data: &Path, name: &str) -> Result<[u8; 32]> {
    let path = data.join(name);
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| {
            BadInput(format!(
                "{} is damaged: restore it, or delete it to have a new one made",
                path.display()
            ))
            .into()
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            getrandom::fill(&mut key).context("asking the system for random bytes")?;
            write_private(&path, &key)?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("writing {}", path.display()))?;
    file.write_all(bytes)?;
    file.sync_all()
        .with_context(|| format!("writing {}", path.display()))
}

/// Gives the search for probable links its thread.
pub fn link(linker: Linker) -> Result<kith_linkage::Running> {
    kith_linkage::start(linker, kith_runtime::now).context("starting the thread that links")
}

/// Gives learning from the log its thread.
pub fn learn(learner: Learner) -> Result<kith_learning::Running> {
    kith_learning::start(learner, kith_runtime::now).context("starting the thread that learns")
}

/// The metrics of this process, collected from the first call on.
fn metrics() -> Result<PrometheusHandle> {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(metrics) = METRICS.get() {
        return Ok(metrics.clone());
    }
    let metrics = kith_admin::metric::install().context("starting metrics")?;
    Ok(METRICS.get_or_init(|| metrics).clone())
}

/// The runtime of a server.
pub fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder
        .enable_all()
        .build()
        .context("starting the async runtime")
}

/// Listens, or says who else does.
pub async fn bind(listen: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(listen).await.map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AddrInUse => "; another process listens there, choose --listen",
            _ => "",
        };
        BadInput(format!("cannot listen on {listen}: {error}{hint}")).into()
    })
}

/// Lets time pass in the engine: windows close and waits end although nothing happens. While
/// there is more to do it goes on at once; what else came meanwhile has its turn in between.
pub async fn keep_time(handle: Handle) {
    let mut interval = tokio::time::interval(TICK_INTERVAL);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let (mut failing, mut more) = (false, false);
    loop {
        if !more {
            interval.tick().await;
        }
        let ticked = handle.tick(kith_runtime::now()).await;
        more = matches!(ticked, Ok(true));
        match ticked {
            Ok(_) => failing = false,
            Err(AppendError::Stopped) => return,
            Err(error) if !failing => {
                failing = true;
                tracing::error!(%error, "the engine's clock could not be moved");
            }
            Err(_) => {}
        }
    }
}

/// Serves, and keeps the engine's time, until told to stop; then lets open requests finish.
/// `stopping` ends those that would not by themselves.
pub async fn serve(
    listener: TcpListener,
    handle: &Handle,
    router: Router,
    webhooks: Arc<Dispatcher>,
    stopping: impl FnOnce() + Send,
) -> Result<()> {
    let time = tokio::spawn(keep_time(handle.clone()));
    let deliveries = tokio::spawn(kith_webhook::run(webhooks, kith_runtime::now));
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut stopped_too = stopped.clone();
    let drained = async move {
        // The sender lives until the end of this function.
        let _ = stopped_too.wait_for(|stop| *stop).await;
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(drained);
    let mut serving = std::pin::pin!(serving.into_future());
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    tokio::select! {
        ended = &mut serving => return ended.context("serving"),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: no new connections, open requests finish");
    stop.send_replace(true);
    stopping();
    if tokio::time::timeout(DRAIN_MAX, &mut serving).await.is_err() {
        tracing::info!("requests that had not finished were cut");
    }
    time.abort();
    deliveries.abort();
    drop(stopped);
    Ok(())
}
