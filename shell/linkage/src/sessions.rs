//! Visits, made of events as the log holds them.
//!
//! A session ends half an hour after its last event. Time is that of the events, so that the same
//! log gives the same sessions in the same order.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kith_base::{Duration, NodeId, Timestamp, Value, limits};
use kith_event::{Commerce, Event, Kind};
use kith_identity::Rules;
use kith_matching::visitors::{Device, Net, Session};

use crate::SiteKey;

/// The kind of identifier that names a browser or an app.
pub(crate) const ANONYMOUS: &str = "anonymous_id";
/// A visit is over after so long without an event: the field's usual half hour.
const GAP: Duration = Duration::from_secs(30 * 60);
/// How often, in the time of events, it is looked for visits that are over.
const SWEEP: Duration = Duration::from_secs(60);

/// Sessions under way.
#[derive(Default)]
pub(crate) struct Sessions {
    open: BTreeMap<u64, Open>,
    by_last: BTreeSet<(Timestamp, u64)>,
    clock: Timestamp,
    swept: Timestamp,
}

/// A session, under way or over.
pub(crate) struct Open {
    /// The node of the visitor id.
    pub node: NodeId,
    /// Its last event.
    pub last: Timestamp,
    /// Without a word on consent.
    pub session: Session,
    /// Pages, which count where no products are looked at.
    pages: Vec<u32>,
    /// The context was read.
    told: bool,
    on_desk: bool,
}

/// The number of a visitor id: it leads back to its node.
pub(crate) fn number(node: NodeId) -> u64 {
    let first: [u8; 8] = node.0[..8].try_into().expect("eight of sixteen bytes");
    u64::from_be_bytes(first)
}

/// The node of the visitor id that an event came from.
pub(crate) fn visitor(event: &Event, rules: &Rules) -> Option<NodeId> {
    let mut named = event.identifiers.iter();
    let id = named.find(|identifier| identifier.namespace == ANONYMOUS)?;
    let normal = rules.normalise(id).ok()?;
    Some(NodeId::of(&normal.namespace, &normal.value))
}

impl Sessions {
    /// Adds an event; the sessions that are over by now, in order.
    pub fn take(&mut self, event: &Event, rules: &Rules, key: &SiteKey) -> Vec<Open> {
        let at = event.occurred_at.min(event.received_at);
        self.clock = self.clock.max(at);
        let mut over = Vec::new();
        if self.clock.since(self.swept) >= SWEEP {
            over = self.sweep(self.clock, key);
        }
        let node = visitor(event, rules);
        let Some(node) = node.filter(|_| event.kind != Kind::Alias && !event.enrichment.bot) else {
            return over;
        };
        let id = number(node);
        let held = self.open.get(&id).map(|open| open.last);
        if held.is_some_and(|last| at.since(last) > GAP) {
            over.extend(self.sweep(at, key));
        }
        let derived = &event.enrichment;
        let tells_device = !derived.os.is_empty() || !derived.browser.is_empty();
        if !self.open.contains_key(&id) && !tells_device {
            return over;
        }
        let open = self.open.entry(id).or_insert_with(|| Open::new(node, at));
        self.by_last.remove(&(open.last, id));
        open.last = open.last.max(at);
        self.by_last.insert((open.last, id));
        open.add(event, rules, key);
        if self.open.len() > limits::LINKAGE_SESSIONS_MAX {
            over.extend(self.end_first(key));
        }
        over
    }

    /// Ends the sessions whose last event is too long before `now`, in the order of these.
    pub fn sweep(&mut self, now: Timestamp, key: &SiteKey) -> Vec<Open> {
        self.swept = self.swept.max(now);
        let mut over = Vec::new();
        while let Some((last, _)) = self.by_last.first()
            && now.since(*last) > GAP
        {
            over.extend(self.end_first(key));
        }
        over
    }

    fn end_first(&mut self, key: &SiteKey) -> Option<Open> {
        let (_, id) = self.by_last.pop_first()?;
        self.open.remove(&id).map(|open| open.end(key))
    }

    /// Forgets the session of a visitor id.
    pub fn forget(&mut self, id: u64) {
        if let Some(open) = self.open.remove(&id) {
            self.by_last.remove(&(open.last, id));
        }
    }
}

impl Open {
    fn new(node: NodeId, at: Timestamp) -> Self {
        let device = Device {
            os: 0,
            model: 0,
            screen: 0,
            browser: 0,
            language: 0,
            zone: 0,
        };
        Open {
            node,
            last: at,
            session: Session {
                visitor: number(node),
                at_s: 0,
                ip: 0,
                network: 0,
                net: Net::Unknown,
                device,
                major: 0,
                items: Vec::new(),
                login: None,
                consent: false,
            },
            pages: Vec::new(),
            told: false,
            on_desk: false,
        }
    }

    /// When it was over.
    pub fn over_at(&self) -> Timestamp {
        self.last.plus(GAP)
    }

    fn end(mut self, key: &SiteKey) -> Self {
        self.session.at_s = self.last.as_millis().div_euclid(1_000);
        if self.session.network == 0 {
            // An address that is not known is nobody else's: two such are not one.
            let nowhere = format!("{}/{}", self.session.visitor, self.session.at_s);
            self.session.ip = key.hash("nowhere", &nowhere);
            self.session.network = self.session.ip;
        }
        if self.session.items.is_empty() {
            self.session.items = std::mem::take(&mut self.pages);
        }
        self
    }

    fn add(&mut self, event: &Event, rules: &Rules, key: &SiteKey) {
        let derived = &event.enrichment;
        let device = &mut self.session.device;
        for (held, kind, value) in [
            (&mut device.os, "os", &derived.os),
            (&mut device.browser, "browser", &derived.browser),
            (&mut device.language, "language", &derived.locale),
        ] {
            if *held == 0 {
                *held = key.hash(kind, value);
            }
        }
        if self.session.major == 0 {
            let major = derived.browser_version.split('.').next();
            self.session.major = major.and_then(|text| text.parse().ok()).unwrap_or(0);
        }
        self.on_desk |= derived.device_type == "desktop";
        if !self.told && !event.context.is_empty() {
            self.told = true;
            self.read_context(&event.context.value(), key);
        }
        let room = |held: &[u32]| limits::LINKAGE_SESSION_ITEMS_MAX.saturating_sub(held.len());
        let commerce = Commerce::read(&event.properties);
        let lines = commerce.lines().iter();
        let items = lines.filter_map(|line| line.item_id.as_deref());
        let items = items.map(|item| key.hash("item", item) as u32);
        let left = room(&self.session.items);
        self.session.items.extend(items.take(left));
        if let (Kind::Page | Kind::Screen, true) = (event.kind, room(&self.pages) > 0) {
            let page = commerce.url.as_deref().unwrap_or(&event.name);
            let page = page.split(['?', '#']).next().unwrap_or_default();
            if !page.is_empty() {
                self.pages.push(key.hash("page", page) as u32);
            }
        }
        if self.session.login.is_none() {
            let mut named = event.identifiers.iter();
            let unique =
                named.find(|identifier| rules.namespace(&identifier.namespace).is_unique());
            let normal = unique.and_then(|identifier| rules.normalise(identifier).ok());
            let node = normal.map(|normal| NodeId::of(&normal.namespace, &normal.value));
            self.session.login = node.map(number);
        }
    }

    fn read_context(&mut self, context: &Value, key: &SiteKey) {
        let session = &mut self.session;
        let text = |path: &str| context.path(path).as_text().unwrap_or_default();
        let number = |path: &str| context.path(path).as_number();
        session.device.model = key.hash("model", text("device.model"));
        session.device.zone = key.hash("zone", text("timezone"));
        if let (Some(width), Some(height)) = (number("screen.width"), number("screen.height")) {
            // Turned, it is the same screen.
            let (short, long) = (width.min(height), width.max(height));
            session.device.screen = key.hash("screen", &format!("{short}x{long}"));
        }
        let is = |path: &str| *context.path(path) == Value::Bool(true);
        session.net = match (is("network.cellular"), is("network.wifi")) {
            (true, false) => Net::Mobile,
            (false, true) => Net::Fixed,
            // Browsers do not tell. A computer on a desk is at home or in an office; where many
            // log in, it is no home.
            _ if self.on_desk => Net::Fixed,
            _ => Net::Unknown,
        };
        if let Ok(address) = text("ip").parse::<IpAddr>() {
            let network = network(address);
            session.network = key.hash("network", &network.to_string());
            session.ip = match network == address {
                true => session.network,
                false => key.hash("address", &address.to_string()),
            };
        }
    }
}

/// The /24 or /48 that an address lies in; of one that was shortened, itself.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            IpAddr::from([a, b, c, 0])
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            IpAddr::from([a, b, c, 0, 0, 0, 0, 0])
        }
    }
}
