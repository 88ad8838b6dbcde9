//! A MiniCRM on loopback: it takes what the manual says that the real one takes and refuses what that refuses, in the
//! same shapes and with the same codes, its traps included; where nothing says what it does, it can be either way
//! ([`Manners`]).
//!
//! It shares no code with the program. The test changes the world between two requests, plans faults, and counts what
//! was asked.
#![allow(dead_code)] // not every test that shares this file uses all of it

mod answers;
mod asked;
mod cards;
mod connection;
mod feed;
mod orders;
mod people;
mod world;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use connection::{Breaker, Door};

pub use asked::Asked;
pub use world::{Language, Manners, Order, World};

/// The number of the system, and its key.
pub const SYSTEM: &str = "12345";
pub const KEY: &str = "k3y";

/// The product whose cards are contacts, and the one whose cards are orders.
pub const WEBSHOP: u64 = 21;
pub const ORDERS: u64 = 4;

/// What can go wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is carried out, and the connection breaks.
    LostAnswer,
    /// The connection breaks before anything is done.
    LostRequest,
    /// It is carried out, and nobody ever answers.
    Hang,
    /// Nothing is done.
    Status(u16),
    /// Nothing is done; with the seconds to wait.
    Busy(u64),
    /// Nothing is done, and the answer is a page for people.
    Page,
}

type Plan = Box<dyn FnMut(&Asked) -> Option<Fault> + Send>;

/// The running fake; it stops when this is dropped.
pub struct MiniCrm {
    pub url: String,
    shared: Arc<Mutex<Shared>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    world: World,
    asked: Vec<Asked>,
    plan: Option<Plan>,
    /// The numbers of those writes whose answers get lost, counted from 1.
    lose: BTreeSet<u64>,
    carried_out: u64,
    lost: u64,
    /// Requests that it takes in so long.
    limit: Option<(usize, Duration)>,
    recent: VecDeque<Instant>,
    violations: Vec<String>,
}

impl MiniCrm {
    pub fn start() -> Self {
        let shared = Arc::new(Mutex::new(Shared::default()));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let among = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(format!("http://{}", listener.local_addr().unwrap()))
                    .unwrap();
                let router = Router::new().fallback(
                    move |ConnectInfo(breaker): ConnectInfo<Breaker>, request: Request| {
                        let among = Arc::clone(&among);
                        async move { handle(request, breaker, &among).await }
                    },
                );
                let service = router.into_make_service_with_connect_info::<Breaker>();
                tokio::select! {
                    served = axum::serve(Door(listener), service) => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            url: told.recv().unwrap(),
            shared,
            stop: Some(stop),
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

    /// Every request since they were forgotten.
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    pub fn forget_requests(&self) {
        self.lock().asked.clear();
    }

    /// How many there were, by method and endpoint, reads and writes.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for asked in &self.lock().asked {
            *counts.entry(asked.endpoint()).or_default() += 1;
        }
        counts
    }

    /// The writes among them, in their order.
    pub fn told(&self) -> Vec<String> {
        self.lock()
            .asked
            .iter()
            .filter(|asked| asked.is_write())
            .map(Asked::endpoint)
            .collect()
    }

    /// From now on each request is decided about by this.
    pub fn plan(&self, plan: impl FnMut(&Asked) -> Option<Fault> + Send + 'static) {
        self.lock().plan = Some(Box::new(plan));
    }

    pub fn mend(&self) {
        self.lock().plan = None;
    }

    /// From now on it takes so many requests in so long.
    pub fn limit(&self, requests: usize, within: Duration) {
        self.lock().limit = Some((requests, within));
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
}

impl Drop for MiniCrm {
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

async fn handle(request: Request, breaker: Breaker, shared: &Mutex<Shared>) -> Response<Body> {
    let asked = asked::read(request).await;
    let (answer, fault) = {
        let mut shared = shared.lock().unwrap();
        let fault = shared.fault(&asked);
        let answer = match fault {
            Some(Fault::Status(status)) => answers::response((status, String::new())),
            Some(Fault::Busy(seconds)) => {
                let mut answer = answers::response((429, "Too Many Requests".to_owned()));
                if seconds > 0 {
                    answer
                        .headers_mut()
                        .insert("retry-after", seconds.to_string().parse().unwrap());
                }
                answer
            }
            Some(Fault::LostRequest) => answers::response((500, String::new())),
            Some(Fault::Page) => answers::response((200, "<html><body>maintenance</body></html>".to_owned())),
            _ => answers::response(shared.carry_out(&asked)),
        };
        shared.asked.push(asked);
        (answer, fault)
    };
    match fault {
        Some(Fault::LostAnswer | Fault::LostRequest) => breaker.break_it(),
        Some(Fault::Hang) => std::future::pending().await,
        _ => {}
    }
    answer
}

impl Shared {
    fn fault(&mut self, asked: &Asked) -> Option<Fault> {
        if let Some((requests, within)) = self.limit {
            let now = Instant::now();
            while self
                .recent
                .front()
                .is_some_and(|at| now.duration_since(*at) >= within)
            {
                self.recent.pop_front();
            }
            if self.recent.len() >= requests {
                return Some(Fault::Busy(0));
            }
            self.recent.push_back(now);
        }
        if let Some(fault) = self.plan.as_mut().and_then(|plan| plan(asked)) {
            return Some(fault);
        }
        let is_lost = asked.is_write() && self.lose.contains(&(self.carried_out + 1));
        is_lost.then_some(Fault::LostAnswer)
    }

    fn carry_out(&mut self, asked: &Asked) -> answers::Answer {
        self.violations.extend(asked.violations());
        let answer = self.world.answer(asked);
        self.violations.append(&mut self.world.violations);
        if asked.is_write() && answer.0 == 200 {
            self.carried_out += 1;
            if self.lose.contains(&self.carried_out) {
                self.lost += 1;
            }
        }
        answer
    }
}

/// A value as text.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
