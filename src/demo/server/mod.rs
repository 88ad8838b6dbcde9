//! The simulated shop as a running server: two hosts on loopback, and the log of what was asked.

mod answer;
mod api;
mod customers;
mod damage;
mod eshop;
mod exports;
mod feed;
mod jobs;
mod mailing;
mod meanwhile;
mod orders;
mod proxy;
mod tokens;
mod traffic;
mod webhooks;

pub use traffic::{Request, Side};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;

use self::answer::{Answer, Delivery};
use self::meanwhile::Meanwhile;
use self::proxy::Proxy;
use self::traffic::Traffic;
use super::faults::{self, FaultKind};
use super::world::World;
use crate::error::{Doing, Kind, Result};

/// The largest body of a request that is read: a list of fifty webhooks is far below it.
const LARGEST_REQUEST: usize = 1 << 20;

/// A running shop. It stops when this is dropped.
#[derive(Debug)]
pub struct SimulatedShop {
    url: String,
    api_url: String,
    world: SharedWorld,
    traffic: Traffic,
    meanwhile: Meanwhile,
    _stop: watch::Sender<()>,
}

/// The world, as both hosts and the test see it.
#[derive(Debug, Clone)]
struct SharedWorld(Arc<Mutex<World>>);

struct Host {
    side: Side,
    world: SharedWorld,
    traffic: Traffic,
    meanwhile: Meanwhile,
    proxy: Proxy,
}

/// A request as the handlers see it.
struct Call {
    number: usize,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl SimulatedShop {
    /// Starts both hosts on free ports of 127.0.0.1, and gives the shop its address.
    ///
    /// # Errors
    /// [`Kind::Unreachable`] when no port can be had.
    pub async fn start(mut world: World) -> Result<Self> {
        let (shop, url) = listen().await?;
        let (api, api_url) = listen().await?;
        world.shop.url.clone_from(&url);
        let world = SharedWorld(Arc::new(Mutex::new(world)));
        let (traffic, meanwhile) = (Traffic::default(), Meanwhile::default());
        let (stop, stopped) = watch::channel(());
        for (side, listener) in [(Side::Shop, shop), (Side::Api, api)] {
            let host = Arc::new(Host {
                side,
                world: world.clone(),
                traffic: traffic.clone(),
                meanwhile: meanwhile.clone(),
                proxy: Proxy::default(),
            });
            let router = Router::new().fallback(handle).with_state(host);
            let mut stopped = stopped.clone();
            tokio::spawn(async move {
                let until_dropped = async move {
                    let _ = stopped.changed().await;
                };
                // It ends when told to, or with the program.
                let _ = axum::serve(listener, router)
                    .with_graceful_shutdown(until_dropped)
                    .await;
            });
        }
        Ok(Self {
            url,
            api_url,
            world,
            traffic,
            meanwhile,
            _stop: stop,
        })
    }

    /// The shop itself: links, results of jobs, access tokens. No slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The REST interface: another port than the shop's. No slash at the end.
    pub fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The address at which access tokens are given out.
    pub fn token_url(&self) -> String {
        format!("{}{}", self.url, tokens::PATH)
    }

    /// Looks at the world, or changes it, between two requests.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.world.lock())
    }

    /// Lets something happen in the shop each time a request comes, before it is answered: a list
    /// that shifts between two pages. It has the world in its hands: it must not ask this for it.
    pub fn before_each(&self, happens: impl FnMut(&Request, &mut World) + Send + 'static) {
        self.meanwhile.set(happens);
    }

    /// Every request since the start, or since [`SimulatedShop::forget_requests`].
    pub fn requests(&self) -> Vec<Request> {
        self.traffic.requests()
    }

    /// Empties the log.
    pub fn forget_requests(&self) {
        self.traffic.forget();
    }

    /// The most requests that were answered at once with one token.
    pub fn most_at_once(&self) -> usize {
        let api = self
            .requests()
            .into_iter()
            .filter(|request| request.side == Side::Api);
        api.map(|request| request.at_once).max().unwrap_or(0)
    }

    /// Requests that carried one of the API's tokens to the shop's own host: there must be none.
    pub fn leaked_tokens(&self) -> Vec<Request> {
        let mut requests = self.requests();
        requests.retain(|request| {
            let header = request.token.as_ref().map(|(header, _)| header.as_str());
            request.side == Side::Shop
                && header.is_some_and(|header| header != "authorization" || request.path != tokens::PATH)
        });
        requests
    }
}

impl SharedWorld {
    fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Call {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn token(&self) -> Option<(String, String)> {
        let headers = [tokens::PRIVATE_HEADER, tokens::ACCESS_HEADER, "authorization"];
        headers
            .into_iter()
            .find_map(|name| Some((name.to_owned(), self.header(name)?.to_owned())))
    }
}

async fn listen() -> Result<(TcpListener, String)> {
    let doing = || "starting the simulated shop on 127.0.0.1".to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .doing(Kind::Unreachable, doing)?;
    let address = listener.local_addr().doing(Kind::Unreachable, doing)?;
    Ok((listener, format!("http://{address}")))
}

async fn handle(State(host): State<Arc<Host>>, request: axum::extract::Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let query = Query::<Vec<(String, String)>>::try_from_uri(&head.uri);
    let mut call = Call {
        number: 0,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.map(|Query(pairs)| pairs).unwrap_or_default(),
        headers: head.headers,
        body: axum::body::to_bytes(body, LARGEST_REQUEST)
            .await
            .unwrap_or_default()
            .to_vec(),
    };
    let request = logged(&host, &call);
    host.meanwhile.happen(&request, &mut host.world.lock());
    let visit = host.traffic.arrive(request);
    call.number = visit.number();
    let (fault, latency) = {
        let mut world = host.world.lock();
        (
            faults::take(&mut world.faults, &call.method, &call.path),
            world.limits.latency,
        )
    };
    if host.side == Side::Api && !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let delivery = match &fault {
        Some(FaultKind::Hang(long)) => {
            tokio::time::sleep(*long).await;
            Delivery::Plain
        }
        Some(FaultKind::SlowDrip { bytes, pause }) => Delivery::Drip {
            bytes: *bytes,
            pause: *pause,
        },
        Some(FaultKind::Truncate { percent }) => Delivery::Cut { percent: *percent },
        Some(FaultKind::Reset | FaultKind::LostAnswer) => Delivery::Lost,
        _ => Delivery::Plain,
    };
    let answer = host.proxy.answer(&call.path, fault.as_ref(), || {
        let answer = answer(&host, &call, fault.as_ref(), visit.at_once);
        answer.with_header("date", tokens::http_date(host.world.lock().clock.now()))
    });
    visit.answered(answer.status, answer.patience(), fault);
    answer.send(delivery, visit)
}

fn answer(host: &Host, call: &Call, fault: Option<&FaultKind>, at_once: usize) -> Answer {
    let instead = match fault {
        Some(FaultKind::Status(status)) => Some(api::trouble(*status)),
        Some(FaultKind::Busy { retry_after }) => {
            Some(api::trouble(429).with_header("retry-after", retry_after.clone()))
        }
        Some(FaultKind::Reset) => Some(api::trouble(500)),
        Some(FaultKind::Html) => Some(Answer::login_page()),
        Some(FaultKind::Redirect(to)) => Some(Answer::html(302, "Found").with_header("location", to.clone())),
        _ => None,
    };
    if let Some(instead) = instead {
        return instead;
    }
    let mut answer = match host.side {
        Side::Api => api::answer(&mut host.world.lock(), call, at_once),
        Side::Shop => match call.path.as_str() {
            tokens::PATH => tokens::give_access_token(&mut host.world.lock(), call),
            path if path.starts_with("/export/") => exports::answer(&host.world, &host.traffic, call),
            path if path.starts_with("/api-results/") => jobs::result(&host.world.lock(), call),
            _ => Answer::html(404, "Stránka nenalezena"),
        },
    };
    if let Some(fault) = fault {
        damage::damage_if_meant(&mut answer, fault, &call.path);
    }
    answer
}

fn logged(host: &Host, call: &Call) -> Request {
    let mut query = call.query.clone();
    if host.side == Side::Shop {
        let world = host.world.lock();
        for (_, value) in query.iter_mut().filter(|(key, _)| key == "hash") {
            *value = exports::link_of_hash(&world.doors, value)
                .unwrap_or("wrong")
                .to_owned();
        }
    }
    Request {
        side: host.side,
        method: call.method.clone(),
        path: call.path.clone(),
        query,
        token: call.token(),
        says_json: call
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/json")),
        at_once: 0,
        fault: None,
        status: None,
        came: Instant::now(),
        answered: None,
        ended: None,
        patience: None,
    }
}
