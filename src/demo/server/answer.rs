//! An answer as a value, until the moment it is sent.

use std::iter::Peekable;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::{Value, json};

use super::traffic::Visit;

/// Status, headers and body.
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(&'static str, String)>,
    /// The body, or its beginning.
    start: Vec<u8>,
    /// What follows, made piece by piece while it is sent.
    rest: Option<Pieces>,
    /// What happens when all of it was handed to the connection.
    when_sent: Option<WhenSent>,
}

type WhenSent = Box<dyn FnOnce() + Send>;

pub(super) type Pieces = Box<dyn Iterator<Item = Vec<u8>> + Send>;

/// How a body gets to the other side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Delivery {
    /// As fast as it is taken.
    Plain,
    /// Little by little.
    Drip { bytes: usize, pause: Duration },
    /// So much per cent of it, then the connection ends.
    Cut { percent: u8 },
    /// Nothing of it, nor the head: the connection ends.
    Lost,
}

impl Answer {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            start: body.into(),
            rest: None,
            when_sent: None,
        }
    }

    /// An answer whose length is not known when it begins.
    pub(super) fn streamed(content_type: &str, pieces: Pieces) -> Self {
        Self {
            rest: Some(pieces),
            ..Self::new(200, content_type, "")
        }
    }

    pub(super) fn html(status: u16, title: &str) -> Self {
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"cs\"><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, "text/html; charset=utf-8", page)
    }

    /// What a browser without a log-in gets from the administration.
    pub(super) fn login_page() -> Self {
        let page = "<!DOCTYPE html>\n<html lang=\"cs\"><head><title>Přihlášení</title></head><body>\
            <form method=\"post\" action=\"/admin/login/\"><input name=\"email\"><input name=\"password\" type=\"password\">\
            <button>Přihlásit</button></form></body></html>\n";
        Self::new(200, "text/html; charset=utf-8", page)
    }

    /// How long it asks to be left alone: `Retry-After`, in seconds or as a date on the shop's clock.
    pub(super) fn patience(&self) -> Option<Duration> {
        let header = |name| {
            let found = self.headers.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.as_str())
        };
        let asked = header("retry-after")?;
        if let Ok(seconds) = asked.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let [until, now] = [Some(asked), header("date")]
            .map(|date| httpdate::parse_http_date(date.unwrap_or_default()).ok());
        until?.duration_since(now?).ok()
    }

    pub(super) fn data(status: u16, data: &Value) -> Self {
        Self::envelope(status, data, &Value::Null)
    }

    /// An error in the API's form.
    pub(super) fn refusal(status: u16, code: &str, message: &str, instance: &str) -> Self {
        let error = json!({"errorCode": code, "message": message, "instance": instance});
        Self::envelope(status, &Value::Null, &json!([error]))
    }

    /// Lets this happen when all of the answer was handed to the connection, and not when it is cut.
    pub(super) fn when_sent(mut self, happens: impl FnOnce() + Send + 'static) -> Self {
        self.when_sent = Some(Box::new(happens));
        self
    }

    /// The same answer once more, whole already; what was to happen happens.
    pub(super) fn twin(&mut self) -> Self {
        self.collect();
        if let Some(happens) = self.when_sent.take() {
            happens();
        }
        Self {
            status: self.status,
            headers: self.headers.clone(),
            start: self.start.clone(),
            rest: None,
            when_sent: None,
        }
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn envelope(status: u16, data: &Value, errors: &Value) -> Self {
        let metadata = json!({"requestId": "019c8c34-64f3-7328-af43-bf1e34fa39d7"});
        let body = json!({"data": data, "errors": errors, "metadata": metadata});
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    /// The body as one piece.
    pub(super) fn collect(&mut self) -> &mut Vec<u8> {
        if let Some(rest) = self.rest.take() {
            self.start.extend(rest.flatten());
        }
        &mut self.start
    }

    /// Sends it; `visit` ends when the body is sent or given up.
    pub(super) fn send(mut self, delivery: Delivery, visit: Visit) -> Response<Body> {
        if !matches!(delivery, Delivery::Plain) {
            self.collect();
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
        }
        let bytes = self.start;
        let pieces: Pieces = match self.rest {
            Some(rest) => rest,
            None => {
                let length = bytes.len().into();
                response.headers_mut().insert(header::CONTENT_LENGTH, length);
                delivery.pieces(bytes)
            }
        };
        let sending = Sending {
            pieces: pieces.peekable(),
            delivery,
            when_sent: self.when_sent,
            _visit: visit,
        };
        *response.body_mut() = Body::from_stream(futures_util::stream::unfold(Some(sending), step));
        response
    }
}

impl Delivery {
    fn pieces(self, bytes: Vec<u8>) -> Pieces {
        match self {
            Self::Plain => Box::new(std::iter::once(bytes)),
            Self::Drip { bytes: size, .. } => {
                let pieces: Vec<Vec<u8>> = bytes.chunks(size.max(1)).map(<[u8]>::to_vec).collect();
                Box::new(pieces.into_iter())
            }
            Self::Cut { percent } => {
                let keep = share(bytes.len(), percent);
                Box::new(std::iter::once(bytes.into_iter().take(keep).collect()))
            }
            Self::Lost => Box::new(std::iter::empty()),
        }
    }
}

struct Sending {
    pieces: Peekable<Pieces>,
    delivery: Delivery,
    when_sent: Option<WhenSent>,
    _visit: Visit,
}

type Piece = Result<Bytes, std::io::Error>;

async fn step(sending: Option<Sending>) -> Option<(Piece, Option<Sending>)> {
    let mut sending = sending?;
    if let Delivery::Drip { pause, .. } = sending.delivery {
        tokio::time::sleep(pause).await;
    }
    if let Some(piece) = sending.pieces.next() {
        let whole = matches!(sending.delivery, Delivery::Plain | Delivery::Drip { .. });
        // With a length announced nobody asks again after the last piece.
        if whole
            && sending.pieces.peek().is_none()
            && let Some(happens) = sending.when_sent.take()
        {
            happens();
        }
        return Some((Ok(Bytes::from(piece)), Some(sending)));
    }
    match sending.delivery {
        Delivery::Plain | Delivery::Drip { .. } => return None,
        // An error throws away what the connection has not sent yet: the piece has to leave first …
        Delivery::Cut { .. } => tokio::time::sleep(Duration::from_millis(50)).await,
        // … and an answer that is lost goes with its head.
        Delivery::Lost => {}
    }
    let broken = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "simulated");
    Some((Err(broken), None))
}

/// So much per cent of a length.
pub(super) fn share(length: usize, percent: u8) -> usize {
    (length / 100).saturating_mul(usize::from(percent)) + (length % 100) * usize::from(percent) / 100
}
