//! What every handler is given.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kith_base::Timestamp;
use kith_event::collect::Limits;
use kith_runtime::{Handle, Preview};

use crate::devices::Devices;
use crate::geo::GeoDatabase;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// True for a live secret key.
pub type SecretKeyCheck = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// What a link of preview shows, if it is genuine and not over.
pub type PreviewCheck = Arc<dyn Fn(&str, Timestamp) -> Option<Preview> + Send + Sync>;

/// What the program decides about the data plane.
pub struct Options {
    /// Scheme, host and path under which clients reach this server, such as
    /// `https://events.example.com`. Without it the request's own host is taken.
    pub public_url: Option<String>,
    /// How many proxies of ours stand before this server. That many entries at the end of
    /// `X-Forwarded-For` are trusted, and `X-Forwarded-Proto` and `-Host` with them.
    pub proxy_hops: usize,
    /// Places of network addresses.
    pub geo: Option<GeoDatabase>,
    /// Who else may ask for decisions.
    pub is_secret_key: SecretKeyCheck,
    /// What links of preview show.
    pub preview: PreviewCheck,
    /// Sizes beyond which events are refused.
    pub limits: Limits,
    /// The clock.
    pub clock: Clock,
}

impl Options {
    /// No proxy, no geo, no secret keys, no previews, the machine's clock.
    pub fn standard() -> Self {
        Options {
            public_url: None,
            proxy_hops: 0,
            geo: None,
            is_secret_key: Arc::new(|_| false),
            preview: Arc::new(|_, _| None),
            limits: Limits::STANDARD,
            clock: Arc::new(kith_runtime::now),
        }
    }
}

/// Shared by all requests; cheap to clone.
#[derive(Clone)]
pub struct EdgeState(Arc<Inner>);

struct Inner {
    handle: Handle,
    options: Options,
    devices: Devices,
    seeds: AtomicU64,
}

impl EdgeState {
    /// Over a running engine.
    pub fn new(handle: Handle, options: Options) -> Self {
        let first = getrandom::u64().expect("the system has a source of randomness");
        EdgeState(Arc::new(Inner {
            handle,
            options,
            devices: Devices::default(),
            seeds: AtomicU64::new(first),
        }))
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.0.handle
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn devices(&self) -> &Devices {
        &self.0.devices
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.options.clock)()
    }

    /// A number no other request of this process gets.
    pub(crate) fn next_seed(&self) -> u64 {
        self.0.seeds.fetch_add(1, Ordering::Relaxed)
    }
}
