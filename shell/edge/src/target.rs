//! Paths to targets. Clients put prefixes before their paths, double their slashes and leave out
//! the version, so a path is read from its end.

use axum::http::Method;
use kith_event::Kind;
use kith_event::collect::Route;

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Events. `is_lossy` clients never send again what is turned away.
    Collect { route: Route, is_lossy: bool },
    /// One event in the query; the answer is an image in any case.
    Pixel(Kind),
    /// Client statistics: answered, not kept.
    Discard,
    /// What analytics-next and the mobile clients load first.
    SegmentSettings { write_key: String },
    /// What RudderStack's browser client loads first.
    RudderConfig,
    /// Scripts of other vendors.
    ForeignScript,
    /// The tag without a configuration.
    Tag,
    /// The tag with the configuration of one source.
    TagOf { write_key: String },
    /// The visitor's cookie.
    Visitor,
    /// Cookies RudderStack's client asks the server to set.
    RudderCookies,
    /// Decisions.
    Decide,
    /// Items in a person's order.
    Rerank,
    /// Alive.
    Health,
    /// Ready to serve.
    Ready,
}

impl Target {
    /// The metric label.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Target::Collect { .. } => "collect",
            Target::Pixel(_) => "pixel",
            Target::Discard => "discard",
            Target::SegmentSettings { .. } => "segment-settings",
            Target::RudderConfig => "rudder-config",
            Target::ForeignScript => "foreign-script",
            Target::Tag => "tag",
            Target::TagOf { .. } => "tag-of-source",
            Target::Visitor => "visitor",
            Target::RudderCookies => "rudder-cookies",
            Target::Decide => "decide",
            Target::Rerank => "rerank",
            Target::Health => "health",
            Target::Ready => "ready",
        }
    }

    /// True when the method fits. `HEAD` fits wherever `GET` does.
    pub(crate) fn takes(&self, method: &Method) -> bool {
        let reads = method == Method::GET || method == Method::HEAD;
        match self {
            Target::Collect { .. }
            | Target::Visitor
            | Target::RudderCookies
            | Target::Decide
            | Target::Rerank
            | Target::Discard => method == Method::POST,
            Target::Pixel(_) => reads || method == Method::POST,
            _ => reads,
        }
    }

    /// Reads a path.
    pub(crate) fn parse(path: &str) -> Option<(Self, usize)> {
        let parts = segments(path);
        let names: Vec<&str> = parts.iter().map(|(_, name)| *name).collect();
        let (target, used) = match names.as_slice() {
            [.., "api", "s", "s2s", last] => (collect(last, true)?, 4),
            [.., "api", "s", last] => (collect(last, true)?, 3),
            [.., "api", "px", kind] => (Target::Pixel(Kind::parse(kind)?), 3),
            [.., "pixel", "v1", kind] => (Target::Pixel(Kind::parse(kind)?), 3),
            [.., "pixel", kind] => (Target::Pixel(Kind::parse(kind)?), 2),
            [.., "beacon", "v1", last] => (collect(last, true)?, 3),
            [.., "beacon", last] => (collect(last, true)?, 2),
            [.., "projects", key, "settings"] => {
                let write_key = (*key).to_owned();
                let doubled = names.len() > 3 && names[names.len() - 4] == "projects";
                (
                    Target::SegmentSettings { write_key },
                    3 + usize::from(doubled),
                )
            }
            [.., "tag", file] => {
                let write_key = file.strip_suffix(".js")?.to_owned();
                (Target::TagOf { write_key }, 2)
            }
            [.., "analytics-next" | "next-integrations", _, _] => (Target::ForeignScript, 3),
            [.., "next-integrations", _, _, _] => (Target::ForeignScript, 4),
            [.., last] => (single(last)?, 1),
            [] => return None,
        };
        let versioned = names.len() > used && names[names.len() - used - 1] == "v1";
        let first = names.len() - used - usize::from(versioned);
        Some((target, parts[first].0))
    }
}

fn collect(last: &str, is_lossy: bool) -> Option<Target> {
    // Jitsu's clients may name any kind of event in the path; the body then says what it is.
    let route = Route::parse(last).or(is_lossy.then_some(Route::Any))?;
    Some(Target::Collect { route, is_lossy })
}

fn single(last: &str) -> Option<Target> {
    Some(match last {
        "m" | "rsaMetrics" | "transform" => Target::Discard,
        "sourceConfig" => Target::RudderConfig,
        "rsaRequest" => Target::RudderCookies,
        "kith.js" => Target::Tag,
        "visitor" => Target::Visitor,
        "decide" => Target::Decide,
        "rerank" => Target::Rerank,
        "health" => Target::Health,
        "ready" => Target::Ready,
        "analytics.min.js" | "p.js" | "rsa-plugins.js" => Target::ForeignScript,
        // RudderStack's audience lists are not events of ours; the body is refused and kept.
        "audiencelist" => Target::Collect {
            route: Route::Any,
            is_lossy: false,
        },
        _ => return collect(last, false),
    })
}

/// The parts between slashes, each with the place where it begins.
fn segments(path: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let mut parts = Vec::new();
    for part in path.split('/') {
        if !part.is_empty() {
            parts.push((at, part));
        }
        at += part.len() + 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: &str) {
        let read = Target::parse(path).map(|(target, prefix)| match target {
            Target::Collect {
                route: Route::Any,
                is_lossy,
            } => {
                format!(
                    "any{} {}",
                    if is_lossy { " lossy" } else { "" },
                    &path[..prefix]
                )
            }
            Target::Collect {
                route: Route::Kind(kind),
                is_lossy,
            } => {
                let lossy = if is_lossy { " lossy" } else { "" };
                format!("{}{lossy} {}", kind.as_str(), &path[..prefix])
            }
            Target::SegmentSettings { write_key } => {
                format!("settings {write_key} {}", &path[..prefix])
            }
            Target::TagOf { write_key } => format!("tag of {write_key} {}", &path[..prefix]),
            other => format!("{} {}", other.name(), &path[..prefix]),
        });
        assert_eq!(read.unwrap_or_default(), expect, "{path}");
    }

    #[test]
    fn every_route_of_every_client() {
        check("/v1/batch", "any /");
        check("/v1/b", "any /");
        check("/v1/import", "any /");
        check("/v1/t", "track /");
        check("/v1/i", "identify /");
        check("/v1/p", "page /");
        check("/v1/s", "screen /");
        check("/v1/g", "group /");
        check("/v1/a", "alias /");
        check("/v1/track", "track /");
        check("/v1/alias", "alias /");
        check("/v1/merge", "collect /");
        check("/v1/m", "discard /");
        check("/api/s/track", "track lossy /");
        check("/api/s/s2s/page", "page lossy /");
        check("/api/s/s2s/batch", "any lossy /");
        check("/api/s/custom", "any lossy /");
        check("/api/px/track", "pixel /");
        check("/pixel/v1/page", "pixel /");
        check("/beacon/v1/batch", "any lossy /");
        check("/v1/projects/K/settings", "settings K /");
        check("/v1/projects/projects/K/settings", "settings K /");
        check("/projects/K/settings", "settings K /");
        check("/sourceConfig/", "rudder-config /");
        check("/sourceConfig", "rudder-config /");
        check("/rsaRequest", "rudder-cookies /");
        check(
            "/analytics.js/v1/K/analytics.min.js",
            "foreign-script /analytics.js/v1/K/",
        );
        check("/p.js", "foreign-script /");
        check(
            "/v3/modern/plugins/rsa-plugins.js",
            "foreign-script /v3/modern/plugins/",
        );
        check("/kith.js", "tag /");
        check("/tag/K.js", "tag of K /");
        check("/v1/visitor", "visitor /");
        check("/v1/decide", "decide /");
        check("/health", "health /");
        check("/ready", "ready /");
    }

    #[test]
    fn prefixes_slashes_and_missing_versions() {
        check("/batch", "any /");
        check("//v1//batch/", "any //");
        check("/data/plane/v1/track", "track /data/plane/");
        check("/kith/tag/K.js", "tag of K /kith/");
        check("/kith/v1/projects/K/settings", "settings K /kith/");
        check("/x/sourceConfig/", "rudder-config /x/");
    }

    #[test]
    fn other_paths_are_nobodys() {
        for path in [
            "/",
            "",
            "/v1",
            "/v1/unknown",
            "/tag/K.css",
            "/api/v2",
            "/pixel/v1/odd",
        ] {
            check(path, "");
        }
    }
}
