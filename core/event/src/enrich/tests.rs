//! One fixture per derived member.

use super::*;

const CHROME_WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
const SAFARI_IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1";
const ANDROID_TABLET: &str = "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36";
const LINE_ANDROID: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, \
    like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Line/14.1.0/IAB";

fn device(user_agent: &str) -> Device {
    Device::read(user_agent, &Hints::default())
}

fn check_device(user_agent: &str, expect: [&str; 4]) {
    let device = device(user_agent);
    let read = [
        device.browser,
        device.browser_version,
        device.os,
        device.device_type,
    ];
    assert_eq!(read.each_ref().map(String::as_str), expect, "{user_agent}");
}

#[test]
fn devices() {
    check_device(
        CHROME_WINDOWS,
        ["Chrome", "131.0.0.0", "Windows", "desktop"],
    );
    check_device(SAFARI_IPHONE, ["Safari", "17.2", "iOS", "mobile"]);
    check_device(ANDROID_TABLET, ["Chrome", "120.0.0.0", "Android", "tablet"]);
    check_device(LINE_ANDROID, ["LINE", "14.1.0", "Android", "mobile"]);
    let edge = format!("{CHROME_WINDOWS} Edg/131.0.2903.70");
    check_device(&edge, ["Edge", "131.0.2903.70", "Windows", "desktop"]);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";
    check_device(firefox, ["Firefox", "133.0", "Linux", "desktop"]);
    let macintosh = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
        (KHTML, like Gecko) Version/17.4 Safari/605.1.15";
    check_device(macintosh, ["Safari", "17.4", "macOS", "desktop"]);
    check_device("", ["", "", "", ""]);
    check_device("\u{1F600} ☃", ["", "", "", ""]);
}

#[test]
fn bots() {
    let check = |user_agent: &str, expect: bool| {
        assert_eq!(device(user_agent).bot, expect, "{user_agent}");
    };
    check(
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        true,
    );
    check(
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2)",
        true,
    );
    check(
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/131.0.0.0 Safari/537.36",
        true,
    );
    check(
        "Mozilla/5.0 (Linux; Android 12; CUBOT X30) Chrome/120.0.0.0 Mobile",
        false,
    );
    check(CHROME_WINDOWS, false);
}

#[test]
fn client_hints_name_what_the_user_agent_hides() {
    let hints = Hints {
        brands: r#"[{"brand":"Chromium","version":"131"},{"brand":"Brave","version":"131"}]"#
            .into(),
        platform: "Windows".into(),
        mobile: false,
    };
    let device = Device::read(CHROME_WINDOWS, &hints);
    assert_eq!(
        (device.browser.as_str(), device.browser_version.as_str()),
        ("Brave", "131")
    );
    let header = Hints {
        brands: r#""Microsoft Edge";v="130", "Chromium";v="130""#.into(),
        ..hints
    };
    assert_eq!(Device::read(CHROME_WINDOWS, &header).browser, "Edge");
    let phone = Hints {
        mobile: true,
        platform: "Android".into(),
        ..Hints::default()
    };
    let device = Device::read("", &phone);
    assert_eq!(
        (device.os.as_str(), device.device_type.as_str()),
        ("Android", "mobile")
    );
}

#[test]
fn app_events_name_their_device() {
    let facts = Facts {
        device_type: "ios".into(),
        device_model: "iPad13,4".into(),
        os: "iPadOS".into(),
        os_version: "17.5".into(),
        ..Facts::default()
    };
    let enrichment = derive(&facts, &Device::default(), &Geo::default());
    assert_eq!(enrichment.device_type, "tablet");
    assert_eq!(
        (enrichment.os.as_str(), enrichment.os_version.as_str()),
        ("iOS", "17.5")
    );
}

#[test]
fn languages() {
    let check = |text: &str, locale: &str, language: &str| {
        let facts = Facts {
            locale: text.into(),
            ..Facts::default()
        };
        let enrichment = derive(&facts, &Device::default(), &Geo::default());
        assert_eq!(
            (enrichment.locale.as_str(), enrichment.language.as_str()),
            (locale, language)
        );
    };
    check("en-US", "en-US", "en");
    check("zh_tw", "zh-TW", "zh");
    check("zh-hant-TW", "zh-Hant-TW", "zh");
    check("es-419", "es-419", "es");
    check("de-DE,de;q=0.9", "de-DE", "de");
    check("C", "", "");
    check("*", "", "");
    check("", "", "");
}

#[test]
fn referrers() {
    let check = |referrer: &str, host: &str, kind: &str| {
        let facts = Facts {
            referrer: referrer.into(),
            page_url: "https://shop.example/p/1".into(),
            ..Facts::default()
        };
        let enrichment = derive(&facts, &Device::default(), &Geo::default());
        let read = (
            enrichment.referrer_host.as_str(),
            enrichment.referrer_type.as_str(),
        );
        assert_eq!(read, (host, kind), "{referrer}");
    };
    check("https://www.google.co.uk/", "google.co.uk", "search");
    check("https://www.bing.com/search?q=x", "bing.com", "search");
    check(
        "https://mail.google.com/mail/u/0",
        "mail.google.com",
        "mail",
    );
    check("https://gemini.google.com/app", "gemini.google.com", "ai");
    check("https://chatgpt.com/", "chatgpt.com", "ai");
    check(
        "https://l.facebook.com/l.php?u=",
        "l.facebook.com",
        "social",
    );
    check("https://t.co/abc", "t.co", "social");
    check("https://nott.co/abc", "nott.co", "other");
    check(
        "https://google.evil.example/",
        "google.evil.example",
        "other",
    );
    check(
        "android-app://com.google.android.gm/",
        "com.google.android.gm",
        "mail",
    );
    check(
        "https://blog.shop.example:8443/x",
        "blog.shop.example",
        "internal",
    );
    check("https://WWW.Shop.Example/", "shop.example", "internal");
    check("", "", "direct");
    check("$direct", "", "direct");
    check("not an address", "", "direct");
    let server = derive(&Facts::default(), &Device::default(), &Geo::default());
    assert_eq!(server.referrer_type, "");
}

#[test]
fn campaigns() {
    let check = |url: &str, expect: [&str; 5]| {
        let facts = Facts {
            page_url: url.into(),
            ..Facts::default()
        };
        let campaign = derive(&facts, &Device::default(), &Geo::default()).campaign;
        let read = [
            campaign.source,
            campaign.medium,
            campaign.name,
            campaign.term,
            campaign.content,
        ];
        assert_eq!(read.each_ref().map(String::as_str), expect, "{url}");
    };
    check(
        "https://s.example/?utm_source=news&utm_medium=e-mail&utm_campaign=No%C3%ABl+sale#x",
        ["news", "e-mail", "Noël sale", "", ""],
    );
    check(
        "https://s.example/?gclid=abc",
        ["google", "cpc", "", "", ""],
    );
    check(
        "https://s.example/?fbclid=a&utm_source=ig&utm_term=t",
        ["ig", "", "", "t", ""],
    );
    check("https://s.example/?fbclid=", ["", "", "", "", ""]);
    check(
        "https://s.example/?utm_source=%FF",
        ["\u{FFFD}", "", "", "", ""],
    );
    let named = Facts {
        campaign: CampaignFacts {
            source: "partner".into(),
            ..CampaignFacts::default()
        },
        page_search: "?utm_source=other&utm_content=blue".into(),
        ..Facts::default()
    };
    let campaign = derive(&named, &Device::default(), &Geo::default()).campaign;
    assert_eq!(
        (campaign.source.as_str(), campaign.content.as_str()),
        ("partner", "blue")
    );
}

#[test]
fn the_place_is_given_and_the_version_is_kept() {
    let geo = Geo {
        country: "TW".into(),
        region: "Taipei".into(),
        city: "Taipei".into(),
    };
    let enrichment = derive(&Facts::default(), &Device::default(), &geo);
    assert_eq!(
        (enrichment.country.as_str(), enrichment.city.as_str()),
        ("TW", "Taipei")
    );
    assert_eq!(enrichment.version, VERSION);
}
