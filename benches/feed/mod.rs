//! The orders link of a shop: a document of some orders, of which some differ from what it told before.

use std::fs;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

/// More than enough of the end of a document for the orders that are fed.
const TAIL: u64 = 64 << 20;

/// The last orders of a shop, as they stand in its export.
pub struct Feed {
    orders: Vec<String>,
    /// How often something was changed.
    version: usize,
}

impl Feed {
    /// The last so many orders of an export.
    pub fn of_last(export: &Path, count: usize) -> Self {
        let mut file = fs::File::open(export).unwrap();
        let size = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).unwrap();
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).unwrap();
        let tail = String::from_utf8_lossy(&tail);
        let mut orders: Vec<String> = tail
            .split("<ORDER>")
            .skip(1)
            .map(|order| format!("<ORDER>{}</ORDER>\n", order.split("</ORDER>").next().unwrap()))
            .collect();
        let first = orders.len().saturating_sub(count);
        Self {
            orders: orders.split_off(first),
            version: 0,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// The first `fed` of them, of which the first `changed` have another remark than ever before.
    pub fn document(&mut self, fed: usize, changed: usize) -> String {
        self.version += 1;
        for order in self.orders.iter_mut().take(changed) {
            let body = order.split_once("</ORDER>").unwrap().0;
            let body = body.split("<REMARK>").next().unwrap().to_owned()
                + body.split_once("</REMARK>").map_or("", |(_, rest)| rest);
            *order = format!("{body}<REMARK>call before {}</REMARK></ORDER>\n", self.version);
        }
        let orders: String = self.orders.iter().take(fed).map(String::as_str).collect();
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ORDERS>\n{orders}</ORDERS>\n")
    }
}

/// Answers every request with the document of now.
pub struct Server {
    address: SocketAddr,
    document: Arc<Mutex<String>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let document = Arc::new(Mutex::new(String::new()));
        let shown = document.clone();
        thread::spawn(move || {
            for connection in listener.incoming() {
                answer(connection.unwrap(), &shown.lock().unwrap());
            }
        });
        Self { address, document }
    }

    pub fn answer_with(&self, document: String) {
        *self.document.lock().unwrap() = document;
    }

    pub fn size(&self) -> usize {
        self.document.lock().unwrap().len()
    }

    /// A shop of which only the orders are followed, by this server's link.
    pub fn configuration(&self) -> String {
        format!(
            r#"
state_dir = "state"

[[shop]]
name     = "main"
url      = "http://{}"
country  = "CZ"
currency = "CZK"
timezone = "Europe/Prague"

[shop.exports]
partner_id       = 3
customers_hash   = "hash-of-customers"
orders_hash      = "hash-of-orders"
orders_feed_hash = "hash-of-the-feed"
min_interval     = "0s"

[shop.customers]
source = "export"
mode   = "off"

[shop.orders]
source = "feed"

[[target]]
name = "contacts"
kind = "sqlite"
path = "contacts.db"
"#,
            self.address
        )
    }
}

fn answer(mut connection: TcpStream, document: &str) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines();
    while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        document.len()
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(document.as_bytes()).unwrap();
}
