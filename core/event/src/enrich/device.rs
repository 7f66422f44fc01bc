//! Browser, operating system and device type from a user agent and client hints.

use std::borrow::Cow;

use super::Facts;

/// Longest user agent that is looked at, in bytes; real ones stay below 400.
const USER_AGENT_MAX_BYTES: usize = 512;

/// Client hints, from `context.userAgentData` or the `Sec-CH-UA` headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hints<'a> {
    /// Brand names with their version, as JSON or header text; only known brands matter.
    pub brands: Cow<'a, str>,
    /// Such as `Windows` or `macOS`.
    pub platform: Cow<'a, str>,
    /// The browser says it runs on a phone.
    pub mobile: bool,
}

/// What a user agent stands for; empty text means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Name of the browser.
    pub browser: String,
    /// Version of the browser.
    pub browser_version: String,
    /// Operating system without its version.
    pub os: String,
    /// Version of the operating system.
    pub os_version: String,
    /// `desktop`, `mobile`, `tablet`, `tv` or `console`.
    pub device_type: String,
    /// A crawler, a monitor or a headless browser.
    pub bot: bool,
}

/// Browsers inside apps and browsers the classifier does not know, by a mark in the user agent.
const EMBEDDED: [(&str, &str); 8] = [
    ("Line/", "LINE"),
    ("Instagram ", "Instagram"),
    ("FBAV/", "Facebook"),
    ("MicroMessenger/", "WeChat"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Brave/", "Brave"),
    ("UCBrowser/", "UC Browser"),
    ("MiuiBrowser/", "Mi Browser"),
];

/// Brands of client hints and what they are called here, the most telling first.
const BRANDS: [(&str, &str); 7] = [
    ("Microsoft Edge", "Edge"),
    ("Brave", "Brave"),
    ("Opera", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("YaBrowser", "Yandex Browser"),
    ("Samsung Internet", "Samsung Internet"),
    ("Google Chrome", "Chrome"),
];

/// Lower-case marks of programs that browse on nobody's behalf.
const BOT_MARKS: [&str; 10] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "headless",
    "lighthouse",
    "pingdom",
    "phantomjs",
    "facebookexternalhit",
    "monitor",
];

impl Device {
    /// Classifies a user agent; the hints win where they are more exact.
    pub fn read(user_agent: &str, hints: &Hints<'_>) -> Self {
        let user_agent = head(user_agent.trim(), USER_AGENT_MAX_BYTES);
        let mut device = Device::from_user_agent(user_agent);
        if !hints.platform.is_empty() {
            let platform = os_name(&hints.platform);
            if device.os != platform {
                device.os = platform.to_owned();
                device.os_version.clear();
            }
        }
        for (brand, name) in BRANDS {
            if let Some(position) = hints.brands.find(brand) {
                if device.browser != name || device.browser_version.is_empty() {
                    device.browser = name.to_owned();
                    device.browser_version = digits_after(&hints.brands[position + brand.len()..]);
                }
                break;
            }
        }
        if hints.mobile {
            device.device_type = "mobile".to_owned();
        } else if device.device_type.is_empty() && !hints.platform.is_empty() {
            device.device_type = "desktop".to_owned();
        }
        device
    }

    fn from_user_agent(user_agent: &str) -> Self {
        if user_agent.is_empty() {
            return Device::default();
        }
        let lower = user_agent.to_ascii_lowercase();
        // Cubot is a maker of phones.
        let bot = BOT_MARKS.iter().any(|mark| lower.contains(mark)) && !lower.contains("cubot");
        let known = woothee::parser::Parser::new()
            .parse(user_agent)
            .unwrap_or_default();
        let crawler = known.category == "crawler" && !lower.contains("cubot");
        let mut device = Device {
            browser: browser_name(unknown_as_empty(known.name)).to_owned(),
            browser_version: unknown_as_empty(known.version).to_owned(),
            os: os_name(unknown_as_empty(known.os)).to_owned(),
            os_version: unknown_as_empty(&known.os_version).to_owned(),
            device_type: device_type(&known, &lower).to_owned(),
            bot: bot || crawler,
        };
        for (mark, name) in EMBEDDED {
            if let Some(position) = user_agent.find(mark) {
                device.browser = name.to_owned();
                device.browser_version = version_at(&user_agent[position + mark.len()..]);
                break;
            }
        }
        device
    }
}

fn head(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

fn unknown_as_empty(text: &str) -> &str {
    if text == woothee::woothee::VALUE_UNKNOWN {
        ""
    } else {
        text
    }
}

fn browser_name(name: &str) -> &str {
    match name {
        "SamsungBrowser" => "Samsung Internet",
        "Webview" => "WebView",
        other => other,
    }
}

/// One name per system, whatever the client calls it.
pub(super) fn os_name(name: &str) -> &str {
    let starts = |prefix: &str| {
        name.get(..prefix.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    if starts("windows") {
        "Windows"
    } else if starts("mac") || starts("os x") {
        "macOS"
    } else if starts("iphone") || starts("ipad") || starts("ipod") || starts("ios") {
        "iOS"
    } else if starts("chrome os") || starts("chromeos") || starts("chromium os") {
        "ChromeOS"
    } else if starts("android") {
        "Android"
    } else if starts("linux") {
        "Linux"
    } else {
        name
    }
}

fn device_type(known: &woothee::parser::WootheeResult<'_>, lower: &str) -> &'static str {
    let tv = [
        "smart-tv",
        "smarttv",
        "appletv",
        "googletv",
        "android tv",
        "bravia",
        "web0s",
    ];
    if tv.iter().any(|mark| lower.contains(mark)) {
        return "tv";
    }
    match known.category {
        "pc" => "desktop",
        "smartphone" if known.os == "iPad" => "tablet",
        "smartphone" if known.os == "Android" && !lower.contains("mobile") => "tablet",
        "smartphone" | "mobilephone" => "mobile",
        "appliance" => "console",
        _ => "",
    }
}

/// Device type of an app's event, which has no browser.
pub(super) fn app_type(facts: &Facts<'_>) -> Option<&'static str> {
    let tablet = facts.device_model.starts_with("iPad") || facts.device_model.contains("Tab");
    match &*facts.device_type {
        "ios" | "android" | "mobile" | "phone" | "smartphone" | "Mobile" if tablet => {
            Some("tablet")
        }
        "ios" | "android" | "mobile" | "phone" | "smartphone" | "Mobile" => Some("mobile"),
        "tablet" | "Tablet" | "ipad" => Some("tablet"),
        "desktop" | "Desktop" | "macos" | "windows" => Some("desktop"),
        "tv" | "tvos" | "smarttv" => Some("tv"),
        _ => None,
    }
}

fn version_at(text: &str) -> String {
    text.chars()
        .take_while(|char| char.is_ascii_digit() || *char == '.')
        .take(32)
        .collect()
}

/// The digits that follow within a few characters: `";v="131"` and `","version":"131"` alike.
fn digits_after(text: &str) -> String {
    let start = text.bytes().take(16).position(|byte| byte.is_ascii_digit());
    start
        .map(|start| version_at(&text[start..]))
        .unwrap_or_default()
}
