//! Stands between the program and a PostgreSQL server: remembers every statement that passes, and cuts the
//! connection when it is told to, before the server's answer comes through.
#![allow(dead_code)] // not every test that shares this file uses all of it

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// The proxy; it ends with the test.
pub struct Proxy {
    /// Where the program connects to.
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    statements: Vec<String>,
    /// Writes that were sent to be carried out: a COMMIT, or a statement outside any transaction.
    carried_out: u64,
    /// The numbers of those whose answer is lost, counted from 1, in their order.
    lose: Vec<u64>,
    lost: u64,
    /// Whether nobody gets through.
    closed: bool,
}

impl Proxy {
    /// In front of the server at this address.
    pub fn before(server: (String, u16)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let among = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = (server.0.clone(), server.1);
                let shared = Arc::clone(&among);
                thread::spawn(move || drop(pass(client, server, &shared)));
            }
        });
        Self { port, shared }
    }

    /// Every statement so far.
    pub fn statements(&self) -> Vec<String> {
        self.shared.lock().unwrap().statements.clone()
    }

    /// How many of them write.
    pub fn writes(&self) -> u64 {
        self.statements().iter().filter(|sql| is_write(sql)).count() as u64
    }

    /// How many writes were carried out.
    pub fn carried_out(&self) -> u64 {
        self.shared.lock().unwrap().carried_out
    }

    /// From now on the answers to these writes are lost, counted from 1: the server does them, and the
    /// connection is cut.
    pub fn lose(&self, numbers: impl IntoIterator<Item = u64>) {
        let mut shared = self.shared.lock().unwrap();
        let so_far = shared.carried_out;
        shared.lose = numbers.into_iter().map(|number| so_far + number).collect();
        shared.lost = 0;
    }

    /// How many answers were lost.
    pub fn lost(&self) -> u64 {
        self.shared.lock().unwrap().lost
    }

    /// Lets nobody through any more, or everybody again.
    pub fn close(&self, closed: bool) {
        self.shared.lock().unwrap().closed = closed;
    }
}

/// Whether a statement changes anything.
pub fn is_write(sql: &str) -> bool {
    let word = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
    !matches!(
        word.as_str(),
        "SELECT" | "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | ""
    )
}

fn pass(mut client: TcpStream, server: (String, u16), shared: &Arc<Mutex<Shared>>) -> io::Result<()> {
    if shared.lock().unwrap().closed {
        return client.shutdown(Shutdown::Both);
    }
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let is_cut = Arc::new(AtomicBool::new(false));
    let answers = {
        let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
        let is_cut = Arc::clone(&is_cut);
        thread::spawn(move || drop(answers(&mut from, &mut to, &is_cut)))
    };
    let passed = questions(&mut client, &mut server, shared, &is_cut);
    server.shutdown(Shutdown::Write).ok();
    answers.join().unwrap();
    client.shutdown(Shutdown::Both).ok();
    passed
}

/// The first message of who wants to talk in secret (PostgreSQL's protocol, SSLRequest).
const WISH_FOR_TLS: [u8; 4] = 80_877_103_u32.to_be_bytes();

/// The first message has a length alone, every later one a letter before it.
fn questions(
    client: &mut TcpStream,
    server: &mut TcpStream,
    shared: &Arc<Mutex<Shared>>,
    is_cut: &AtomicBool,
) -> io::Result<()> {
    let mut is_first = true;
    let mut in_transaction = false;
    loop {
        let mut message = vec![0; if is_first { 4 } else { 5 }];
        client.read_exact(&mut message)?;
        let length: [u8; 4] = message[message.len() - 4..].try_into().unwrap();
        let begin = message.len();
        message.resize(begin - 4 + u32::from_be_bytes(length) as usize, 0);
        client.read_exact(&mut message[begin..])?;
        let body = &message[begin..];
        let sql = match message[0] {
            _ if is_first => None,
            // A name, then the statement.
            b'P' => body.split(|byte| *byte == 0).nth(1),
            b'Q' => body.split(|byte| *byte == 0).next(),
            _ => None,
        };
        if is_first && body == WISH_FOR_TLS {
            server.write_all(&message)?;
            // What follows nobody can read.
            return io::copy(client, server).map(drop);
        }
        is_first = false;
        if let Some(sql) = sql.map(|sql| String::from_utf8_lossy(sql).into_owned()) {
            let mut shared = shared.lock().unwrap();
            let word = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
            let ends_writing = word == "COMMIT" || (!in_transaction && is_write(&sql));
            match word.as_str() {
                "BEGIN" | "START" => in_transaction = true,
                "COMMIT" | "ROLLBACK" => in_transaction = false,
                _ => {}
            }
            shared.statements.push(sql);
            if ends_writing {
                shared.carried_out += 1;
                let number = shared.carried_out;
                if shared.lose.contains(&number) {
                    shared.lost += 1;
                    is_cut.store(true, Ordering::SeqCst);
                }
            }
        }
        server.write_all(&message)?;
        if is_cut.load(Ordering::SeqCst) && matches!(message[0], b'Q' | b'S') {
            // All of it is on its way; the server ends what it was asked to do before it reads on.
            return Ok(());
        }
    }
}

/// Passes answers on until the connection is cut: then they are read, and nobody hears of them.
fn answers(server: &mut TcpStream, client: &mut TcpStream, is_cut: &AtomicBool) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = server.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        if !is_cut.load(Ordering::SeqCst) {
            client.write_all(&piece[..length])?;
        }
    }
}
