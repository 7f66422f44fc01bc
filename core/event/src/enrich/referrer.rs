//! Where a visitor came from: the host, and what kind of place it is.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Host and kind of a referrer.
pub(super) struct Referrer {
    pub(super) host: String,
    pub(super) kind: &'static str,
}

/// Whole hosts, or the ends of hosts after a dot; the longest match wins, so that the mail and
/// AI services of a search company come before the company.
const KINDS: [(&str, &[&str]); 4] = [
    (
        "mail",
        &[
            "mail.google.com",
            "com.google.android.gm",
            "outlook.live.com",
            "outlook.office.com",
            "outlook.office365.com",
            "mail.proton.me",
            "mail.ru",
            "mail.qq.com",
            "mail.163.com",
            "mail.zoho.com",
            "webmail",
            "app.hey.com",
            "tutanota.com",
            "gmx.net",
            "navigator-bs.gmx.net",
            "icloud.com",
        ],
    ),
    (
        "ai",
        &[
            "chatgpt.com",
            "openai.com",
            "perplexity.ai",
            "claude.ai",
            "gemini.google.com",
            "bard.google.com",
            "notebooklm.google.com",
            "copilot.microsoft.com",
            "you.com",
            "poe.com",
            "deepseek.com",
            "grok.com",
            "meta.ai",
            "chat.mistral.ai",
            "kimi.com",
            "kimi.moonshot.cn",
            "doubao.com",
            "phind.com",
        ],
    ),
    (
        "social",
        &[
            "facebook.com",
            "fb.com",
            "fb.me",
            "com.facebook.katana",
            "instagram.com",
            "com.instagram.android",
            "t.co",
            "twitter.com",
            "x.com",
            "linkedin.com",
            "lnkd.in",
            "com.linkedin.android",
            "reddit.com",
            "com.reddit.frontpage",
            "youtube.com",
            "youtu.be",
            "tiktok.com",
            "vk.com",
            "ok.ru",
            "weibo.com",
            "weibo.cn",
            "threads.net",
            "threads.com",
            "bsky.app",
            "mastodon.social",
            "whatsapp.com",
            "wa.me",
            "telegram.org",
            "t.me",
            "org.telegram.messenger",
            "line.me",
            "jp.naver.line.android",
            "discord.com",
            "quora.com",
            "tumblr.com",
            "snapchat.com",
            "plurk.com",
            "dcard.tw",
            "ptt.cc",
            "zhihu.com",
            "douyin.com",
            "xiaohongshu.com",
            "slack.com",
            "xing.com",
            "medium.com",
            "flipboard.com",
            "news.ycombinator.com",
        ],
    ),
    (
        "search",
        &[
            "bing.com",
            "duckduckgo.com",
            "ecosia.org",
            "qwant.com",
            "startpage.com",
            "search.brave.com",
            "kagi.com",
            "ask.com",
            "search.aol.com",
            "naver.com",
            "daum.net",
            "baidu.com",
            "sogou.com",
            "so.com",
            "seznam.cz",
            "yandex.com",
            "com.google.android.googlequicksearchbox",
            "search.marginalia.nu",
            "mojeek.com",
            "goo.ne.jp",
            "petalsearch.com",
        ],
    ),
];

static HOSTS: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let pairs = |(kind, hosts): &(&'static str, &'static [&'static str])| {
        let kind = *kind;
        hosts.iter().map(move |host| (*host, kind))
    };
    KINDS.iter().flat_map(pairs).collect()
});

/// Companies with one domain per country: the label before the suffix, and the kind.
const NATIONAL: [(&str, &str); 4] = [
    ("google", "search"),
    ("yahoo", "search"),
    ("yandex", "search"),
    ("pinterest", "social"),
];

/// Classifies a referrer as seen from a page. Without a page nothing came from anywhere.
pub(super) fn classify(referrer: &str, page_url: &str) -> Referrer {
    let nowhere = |kind| Referrer {
        host: String::new(),
        kind,
    };
    let referrer = referrer.trim();
    let page = host(page_url);
    if referrer.is_empty() {
        return nowhere(if page.is_empty() { "" } else { "direct" });
    }
    if referrer == "$direct" {
        return nowhere("direct");
    }
    let host = host(referrer);
    if host.is_empty() {
        return nowhere(if page.is_empty() { "" } else { "direct" });
    }
    let kind = if belongs(&host, &page) || belongs(&page, &host) {
        "internal"
    } else {
        of(&host)
    };
    Referrer { host, kind }
}

/// True for the same host and for a host below it.
fn belongs(host: &str, domain: &str) -> bool {
    !domain.is_empty()
        && host
            .strip_suffix(domain)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn of(host: &str) -> &'static str {
    if host.starts_with("mail.") || host.starts_with("webmail.") {
        return "mail";
    }
    let mut end = host;
    loop {
        if let Some(kind) = HOSTS.get(end) {
            return kind;
        }
        match end.split_once('.') {
            Some((_, rest)) => end = rest,
            None => break,
        }
    }
    for (company, kind) in NATIONAL {
        let mut labels = host.split('.').skip_while(|label| *label != company);
        let found = labels.next().is_some();
        let suffix: Vec<&str> = labels.collect();
        if found && (1..=2).contains(&suffix.len()) && suffix.iter().all(|part| part.len() <= 3) {
            return kind;
        }
    }
    "other"
}

/// The host of an address, lower case, without user, port and `www.`; empty when it has none.
pub(super) fn host(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else {
        return String::new();
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = if host.starts_with('[') {
        host.split_inclusive(']').next().unwrap_or_default()
    } else {
        host.split(':').next().unwrap_or_default()
    };
    let host = host.trim_end_matches('.').to_lowercase();
    host.strip_prefix("www.").map(str::to_owned).unwrap_or(host)
}
