//! Who asks: address, browser and the address under which they reached us.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, header};
use kith_event::collect::{Client, IpPolicy};

use crate::state::Options;

/// What a request's head says about its sender.
pub(crate) fn read<'a>(headers: &'a HeaderMap, ip: &'a str) -> Client<'a> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Client {
        user_agent: text("user-agent").unwrap_or_default(),
        accept_language: text("accept-language").unwrap_or_default(),
        brands: text("sec-ch-ua").unwrap_or_default(),
        platform: text("sec-ch-ua-platform")
            .unwrap_or_default()
            .trim_matches('"'),
        mobile: text("sec-ch-ua-mobile") == Some("?1"),
        ip,
    }
}

/// The address of the client: what our outermost proxy saw, else the other end of the socket.
pub fn address(proxy_hops: usize, headers: &HeaderMap, extensions: &Extensions) -> String {
    if proxy_hops > 0 {
        let lines = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|line| line.to_str().ok());
        let hops: Vec<&str> = lines
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .collect();
        // Entries further left were written by the client itself.
        let trusted = hops
            .len()
            .checked_sub(proxy_hops)
            .and_then(|at| hops.get(at));
        if let Some(hop) = trusted {
            return without_port(hop);
        }
    }
    let socket = extensions.get::<ConnectInfo<SocketAddr>>();
    socket
        .map(|ConnectInfo(socket)| socket.ip().to_string())
        .unwrap_or_default()
}

fn without_port(hop: &str) -> String {
    match hop.parse::<SocketAddr>() {
        Ok(socket) => socket.ip().to_string(),
        Err(_) => hop.trim_matches(['[', ']']).to_owned(),
    }
}

/// Jitsu's header on what may be kept of the address.
pub(crate) fn ip_policy(headers: &HeaderMap) -> IpPolicy {
    match headers
        .get("x-ip-policy")
        .and_then(|value| value.to_str().ok())
    {
        Some("keep") => IpPolicy::Keep,
        Some("stripLastOctet") => IpPolicy::StripLastOctet,
        Some("remove") => IpPolicy::Remove,
        _ => IpPolicy::PlaceOnly,
    }
}

/// Where this server is, as the client sees it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// `http` or `https`.
    pub(crate) scheme: String,
    /// Host, port, and the path before ours; no slash at the end.
    pub(crate) host_and_path: String,
}

impl Place {
    /// From the options, else from the request and the part of its path before ours.
    pub(crate) fn of(options: &Options, headers: &HeaderMap, prefix: &str) -> Self {
        if let Some((scheme, rest)) = options
            .public_url
            .as_deref()
            .and_then(|url| url.split_once("://"))
        {
            let host_and_path = rest.trim_end_matches('/').to_owned();
            return Place {
                scheme: scheme.to_owned(),
                host_and_path,
            };
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let forwarded = |name: &str| {
            let value = text(name).filter(|_| options.proxy_hops > 0)?;
            value.split(',').next().map(str::trim)
        };
        let host = forwarded("x-forwarded-host").or_else(|| text(header::HOST.as_str()));
        // The host goes into documents and scripts: nothing but a host may stand there.
        let legal = |host: &&str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte);
            !host.is_empty() && host.bytes().all(plain)
        };
        let host = host.filter(legal).unwrap_or("localhost");
        let https = forwarded("x-forwarded-proto").is_some_and(|proto| proto == "https");
        let path: String = prefix
            .split('/')
            .filter(|part| !part.is_empty())
            .flat_map(|part| ["/", part])
            .filter(|part| {
                part.bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b'"')
            })
            .collect();
        Place {
            scheme: if https { "https" } else { "http" }.to_owned(),
            host_and_path: format!("{host}{path}"),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.host_and_path)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.scheme == "https"
    }
}
