//! Addresses: `https`, or `http` on this machine; no log-in inside. Messages never repeat an
//! address, which may carry a token.

use std::net::SocketAddr;

use url::{Host, Url};

/// What may follow the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing.
    Host,
    /// A path.
    Path,
    /// A path and a query.
    Query,
}

/// An address of the web.
pub(super) fn web(extent: Extent) -> impl Fn(&str) -> Result<Url, String> {
    move |text| {
        let url = Url::parse(text).map_err(|fault| format!("is no address (https://…): {fault}"))?;
        let host = url
            .host()
            .ok_or("is no address (https://…): the host is missing")?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => {
                return Err(
                    "must begin with https://: over http:// a token could be read on its way".to_owned(),
                );
            }
            _ => return Err("must begin with https://".to_owned()),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must have no user name or password before the host".to_owned());
        }
        let too_long = match extent {
            Extent::Host => url.path() != "/" || url.query().is_some(),
            Extent::Path => url.query().is_some(),
            Extent::Query => false,
        };
        if too_long || url.fragment().is_some() {
            return Err(match extent {
                Extent::Host => "must end after the host, as in https://1234.myshoptet.com",
                Extent::Path => "must have no `?` and nothing behind it",
                Extent::Query => "must have no `#` and nothing behind it",
            }
            .to_owned());
        }
        Ok(url)
    }
}

/// A bare host name or IP address.
pub(super) fn host(text: &str) -> Result<String, String> {
    let bare = !text.is_empty() && !text.contains(['/', ':', '@', '?', '*']);
    match Host::parse(text) {
        Ok(host) if bare => Ok(host.to_string()),
        _ => Err("must be a bare host name, as in \"www.shop.example\"".to_owned()),
    }
}

/// Where to listen.
pub(super) fn listen(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "must be an IP address with a port, as in \"127.0.0.1:8787\"".to_owned())
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
