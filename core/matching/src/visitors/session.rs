//! What a site sees of one session.

/// One visit, as the site itself saw it. Every `u64` is a keyed hash of the value, so that
/// neither addresses nor names are held; 0 stands for unknown.
#[derive(Clone, Debug)]
pub struct Session {
    /// The visitor id of the browser, such as a cookie's.
    pub visitor: u64,
    /// When it ended, in seconds since 1970.
    pub at_s: i64,
    /// The full address. Where a site keeps truncated addresses only, the same as `network`.
    pub ip: u64,
    /// The /24 or /48 that the address lies in.
    pub network: u64,
    /// What kind of line it came over.
    pub net: Net,
    /// What the browser tells of itself.
    pub device: Device,
    /// The browser's major version; it may only grow on one device.
    pub major: u16,
    /// The items looked at, in order.
    pub items: Vec<u32>,
    /// Who logged in during the session.
    pub login: Option<u64>,
    /// Whether the visitor consented to be recognised.
    pub consent: bool,
}

/// A kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Net {
    /// Not known.
    Unknown,
    /// A home's.
    Fixed,
    /// A mobile carrier's, which many share.
    Mobile,
    /// A firm's.
    Office,
}

/// Number of kinds of line.
pub(super) const NETS: usize = 4;

/// What a browser tells of itself with every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Device {
    /// The operating system.
    pub os: u64,
    /// The model, where it is told.
    pub model: u64,
    /// The size of the screen.
    pub screen: u64,
    /// The browser without its version.
    pub browser: u64,
    /// The language.
    pub language: u64,
    /// The time zone.
    pub zone: u64,
}

impl Session {
    pub(super) fn hour(&self) -> usize {
        self.at_s.rem_euclid(86_400) as usize / 3_600
    }
}

impl Device {
    /// One number for the whole.
    pub(super) fn signature(&self) -> u64 {
        [
            self.os,
            self.model,
            self.screen,
            self.browser,
            self.language,
            self.zone,
        ]
        .iter()
        .fold(17, |all: u64, part| mix(all ^ part))
    }
}

/// Spreads the bits of a number (the finaliser of SplitMix64).
pub(super) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
