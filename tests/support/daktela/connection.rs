//! Connections that can be cut before an answer goes out.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

/// Whether a connection is cut: nothing more is written into it.
#[derive(Debug, Clone, Default)]
pub struct Cut(Arc<AtomicBool>);

impl Cut {
    pub fn now(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Listening>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Listening>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Its port, at which it listens while it is up.
pub struct Listening {
    at: SocketAddr,
    listener: Option<TcpListener>,
    is_up: watch::Receiver<bool>,
}

impl Listening {
    pub async fn start(is_up: watch::Receiver<bool>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            at: listener.local_addr().unwrap(),
            listener: Some(listener),
            is_up,
        }
    }

    pub fn url(&self) -> Url {
        format!("http://{}/", self.at).parse().unwrap()
    }

    /// Waits until it is up or down as it is to be.
    async fn obey(&mut self) {
        let is_up = *self.is_up.borrow_and_update();
        match (is_up, &self.listener) {
            (true, None) => self.listener = Some(TcpListener::bind(self.at).await.unwrap()),
            (false, Some(_)) => self.listener = None,
            _ => {}
        }
    }
}

impl Listener for Listening {
    type Io = Connection;
    type Addr = Cut;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let stream = loop {
            self.obey().await;
            let mut is_up = self.is_up.clone();
            let accepted = async {
                match &self.listener {
                    Some(listener) => listener.accept().await.unwrap().0,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                stream = accepted => break stream,
                changed = is_up.changed() => if changed.is_err() { std::future::pending::<()>().await },
            }
        };
        stream.set_nodelay(true).unwrap();
        let cut = Cut::default();
        (
            Connection {
                stream,
                cut: cut.clone(),
            },
            cut,
        )
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(Cut::default())
    }
}

pub struct Connection {
    stream: TcpStream,
    cut: Cut,
}

impl Connection {
    fn is_whole(&self) -> io::Result<()> {
        match self.cut.0.load(Ordering::SeqCst) {
            true => Err(io::ErrorKind::ConnectionReset.into()),
            false => Ok(()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_whole()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.is_whole()?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
