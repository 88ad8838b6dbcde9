//! `[server]`: the status page and the webhooks.

use std::net::{Ipv4Addr, SocketAddr};

use url::Url;

use super::address::{Extent, listen, web};
use super::known;
use super::secret::{self, Shape};
use super::section::Section;
use crate::secret::Secret;

/// Where to listen unless configured: this machine only.
const LISTEN: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 8787);

/// `[server]`
#[derive(Debug, Clone)]
pub struct ServerSettings {
    /// `127.0.0.1:8787` unless configured.
    pub listen: SocketAddr,
    /// Where the shop reaches `/webhooks/shoptet/SHOP`; without it there are no webhooks.
    pub public_url: Option<Url>,
    /// Always there when `listen` is not loopback.
    pub password: Option<Secret>,
}

pub(super) fn read(top: &Section) -> Option<ServerSettings> {
    let section = top.table("server", &[&known::SERVER])?;
    let listen = section.parsed("listen", listen).unwrap_or_else(|| LISTEN.into());
    let public_url = section.parsed("public_url", web(Extent::Path));
    if !listen.ip().is_loopback() && !section.has("password") {
        section.missing(
            "password",
            "it is required when `listen` is open to other machines",
        );
    }
    Some(ServerSettings {
        listen,
        public_url,
        password: secret::read(&section, "password", Shape::Password),
    })
}
