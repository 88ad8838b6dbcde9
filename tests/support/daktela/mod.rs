//! A Daktela on loopback: it takes what the real one takes and refuses what that refuses, in the same forms and with
//! the same codes, as far as they are published; where they are not, it can be either way ([`Manners`]).
//!
//! It shares no code with the program. The test changes the world between two requests, plans faults, and reads what
//! was asked.
#![allow(dead_code)] // not every test that shares this file uses all of it

mod answers;
mod connection;
mod query;
mod requests;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::Response;
use tokio::sync::{oneshot, watch};
use url::Url;

use connection::{Cut, Listening};

pub use requests::Asked;
pub use world::{CustomField, Manners, Thing, World};

/// What can go wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out, and the connection breaks.
    LostAnswer,
    /// It is carried out, and the answer breaks off in its middle.
    HalfAnswer,
    /// The connection breaks before anything is done.
    LostRequest,
    /// It is carried out, and nobody ever answers.
    Hang,
    /// Nothing is done, and nobody ever answers.
    Silence,
    /// Nothing is done: it is in trouble, and says which.
    Trouble,
    /// Nothing is done.
    Status(u16),
    /// Nothing is done: the user of the token has no right to it.
    Forbidden,
    /// Nothing is done, and the result is empty.
    Empty,
    /// Nothing is done: there is no such record yet.
    NotThere,
    /// Nothing is done: so many requests are too many; with the seconds to wait.
    Busy(u64),
    /// It is carried out, and the answer is a page of somebody else's.
    Page,
}

/// Decides about a request before it is carried out.
type Plan = Box<dyn FnMut(&Asked) -> Option<Fault> + Send>;

/// The running fake; it stops when this is dropped.
pub struct Daktela {
    pub url: Url,
    shared: Arc<Mutex<Shared>>,
    stop: Option<oneshot::Sender<()>>,
    up: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    world: World,
    asked: Vec<Asked>,
    /// Those that were not dealt with yet, for as long as requests take.
    under_way: Vec<Asked>,
    plan: Option<Plan>,
    /// The numbers of those writes whose answers get lost, counted from 1.
    lose: BTreeSet<u64>,
    carried_out: u64,
    lost: u64,
    /// What no client may do.
    violations: Vec<String>,
    /// How long each request takes.
    slowness: Duration,
    at_once: usize,
    most_at_once: usize,
}

impl Daktela {
    pub fn start() -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (stop, stopped) = oneshot::channel();
        let (up, is_up) = watch::channel(true);
        let (tell, told) = std::sync::mpsc::channel();
        let among = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = Listening::start(is_up).await;
                tell.send(listener.url()).unwrap();
                let router =
                    Router::new().fallback(move |ConnectInfo(cut): ConnectInfo<Cut>, request: Request| {
                        let among = Arc::clone(&among);
                        async move { handle(request, cut, &among).await }
                    });
                let service = router.into_make_service_with_connect_info::<Cut>();
                tokio::select! {
                    served = axum::serve(listener, service) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: told.recv().unwrap(),
            shared,
            stop: Some(stop),
            up,
            thread: Some(thread),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap()
    }

    /// Looks at the world, or changes it, between two requests.
    pub fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut self.lock().world)
    }

    /// Every request so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// Forgets them.
    pub fn forget_requests(&self) {
        self.lock().asked.clear();
    }

    /// How many requests there were, by method and list: `GET contacts`.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for asked in &self.lock().asked {
            *counts
                .entry(format!("{} {}", asked.method, asked.model))
                .or_default() += 1;
        }
        counts
    }

    /// From now on each request is decided about by this.
    pub fn plan(&self, plan: impl FnMut(&Asked) -> Option<Fault> + Send + 'static) {
        self.lock().plan = Some(Box::new(plan));
    }

    /// From now on nothing goes wrong.
    pub fn mend(&self) {
        self.lock().plan = None;
    }

    /// From now on nobody listens at its port, or somebody does again.
    pub fn is_up(&self, is_up: bool) {
        self.up.send(is_up).unwrap();
        let at = (self.url.host_str().unwrap(), self.url.port().unwrap());
        while std::net::TcpStream::connect(at).is_ok() != is_up {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// From now on each request takes so long.
    pub fn slow_down(&self, slowness: Duration) {
        self.lock().slowness = slowness;
    }

    /// Whether such a request has arrived, answered or not.
    pub fn asked_or_under_way(&self, method: &str, model: &str) -> bool {
        let shared = self.lock();
        let is_it = |asked: &Asked| asked.method == method && asked.model == model;
        shared.under_way.iter().chain(&shared.asked).any(is_it)
    }

    /// The most requests that were under way side by side.
    pub fn most_at_once(&self) -> usize {
        self.lock().most_at_once
    }

    /// From now on the answers to these writes get lost, counted from 1.
    pub fn lose(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut shared = self.lock();
        let so_far = shared.carried_out;
        shared.lose = numbers.into_iter().map(|number| so_far + number).collect();
        shared.lost = 0;
    }

    pub fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// How many writes were carried out, whether or not anybody heard of it.
    pub fn carried_out(&self) -> u64 {
        self.lock().carried_out
    }

    /// How many requests meant to write.
    pub fn writes(&self) -> u64 {
        self.lock().asked.iter().filter(|asked| asked.is_write()).count() as u64
    }
}

impl Drop for Daktela {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
        if !std::thread::panicking() {
            let violations = std::mem::take(&mut self.shared.lock().unwrap().violations);
            assert_eq!(violations, [""; 0], "what no client may do");
        }
    }
}

async fn handle(request: Request, cut: Cut, shared: &Mutex<Shared>) -> Response<Body> {
    let asked = requests::read(request).await;
    let slowness = {
        let mut shared = shared.lock().unwrap();
        shared.at_once += 1;
        shared.most_at_once = shared.most_at_once.max(shared.at_once);
        shared.under_way.push(asked.clone());
        shared.slowness
    };
    if !slowness.is_zero() {
        tokio::time::sleep(slowness).await;
    }
    let (answer, fault) = {
        let mut shared = shared.lock().unwrap();
        shared.at_once -= 1;
        shared.under_way.retain(|known| known.at != asked.at);
        let fault = shared.fault(&asked);
        let answer = match fault {
            Some(Fault::Status(status)) => answers::bare(status),
            Some(Fault::Busy(seconds)) => answers::busy(seconds),
            Some(Fault::Forbidden) => shared.world.forbidden(),
            Some(Fault::Empty) => shared.world.nothing(),
            Some(Fault::NotThere) => shared.world.not_there(),
            Some(Fault::Trouble) => answers::trouble(),
            Some(Fault::LostRequest | Fault::Silence) => answers::bare(500),
            _ => shared.carry_out(&asked),
        };
        shared.asked.push(asked);
        (answer, fault)
    };
    match fault {
        Some(Fault::LostAnswer | Fault::LostRequest) => {
            cut.now();
            answer
        }
        Some(Fault::HalfAnswer) => answers::half(answer).await,
        Some(Fault::Hang | Fault::Silence) => std::future::pending().await,
        Some(Fault::Page) => answers::page(),
        _ => answer,
    }
}

impl Shared {
    fn fault(&mut self, asked: &Asked) -> Option<Fault> {
        let planned = self.plan.as_mut().and_then(|plan| plan(asked));
        planned.or_else(|| {
            let is_lost = asked.is_write() && self.lose.contains(&(self.carried_out + 1));
            is_lost.then_some(Fault::LostAnswer)
        })
    }

    fn carry_out(&mut self, asked: &Asked) -> Response<Body> {
        self.violations.extend(asked.violations());
        let answer = self.world.answer(asked);
        if asked.is_write() && answer.status().is_success() {
            self.carried_out += 1;
            if self.lose.contains(&self.carried_out) {
                self.lost += 1;
            }
        }
        answer
    }
}
