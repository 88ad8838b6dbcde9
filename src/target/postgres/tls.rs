//! TLS towards the server: rustls, everything verified.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client};

use super::settings::Guard;
use crate::error::{Doing as _, Error, Kind, Result};

/// Makes encrypted connections.
#[derive(Clone)]
pub struct Tls(Arc<ClientConfig>);

impl Tls {
    /// By the certificates that a guard names; `None` for one that needs none.
    ///
    /// # Errors
    /// When there are no certificates to verify the server by.
    pub fn by(guard: &Guard) -> Result<Option<Self>> {
        let doing = || "preparing encrypted connections".to_owned();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .doing(Kind::Configuration, doing)?;
        let builder = match guard {
            Guard::Plain => return Ok(None),
            Guard::System => builder.with_platform_verifier().map_err(|cause| {
                Error::new(Kind::Configuration, doing(), cause)
                    .with_hint("install the system's certificates (on Debian the package ca-certificates)")
            })?,
            Guard::File(file) => builder.with_root_certificates(certificates_in(file)?),
        };
        Ok(Some(Self(Arc::new(builder.with_no_client_auth()))))
    }
}

fn certificates_in(file: &Path) -> Result<RootCertStore> {
    let doing = || format!("reading the certificates in {}", file.display());
    let refused = |cause: &dyn std::fmt::Display| {
        Error::new(Kind::Configuration, doing(), cause)
            .with_hint("`ca_file` names a file of certificates in PEM: those of whoever signed the server's")
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|cause| refused(&cause))? {
        let certificate = certificate.map_err(|cause| refused(&cause))?;
        roots.add(certificate).map_err(|cause| refused(&cause))?;
    }
    if roots.is_empty() {
        return Err(refused(&"there is none in it"));
    }
    Ok(roots)
}

impl<S> MakeTlsConnect<S> for Tls
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type TlsConnect = ToHost;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, host: &str) -> Result<ToHost, InvalidDnsNameError> {
        Ok(ToHost {
            name: ServerName::try_from(host)?.to_owned(),
            config: Arc::clone(&self.0),
        })
    }
}

/// Makes one connection to a host of this name.
pub struct ToHost {
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl<S> TlsConnect<S> for ToHost
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Encrypted<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Encrypted<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move {
            let connector = TlsConnector::from(self.config);
            connector.connect(self.name, stream).await.map(Encrypted)
        })
    }
}

/// A connection that is encrypted.
pub struct Encrypted<S>(client::TlsStream<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Encrypted<S> {
    /// The server is known by its certificate; it need not prove that it knows the password, too.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Encrypted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Encrypted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
