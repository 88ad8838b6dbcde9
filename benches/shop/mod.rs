//! The shop that is measured: made once per size by the demo's generator, kept below `target/`.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use shoptet_sync::demo::generate::write_files;

/// Two shops of the same seed and size are the same, byte for byte.
const SEED: u64 = 1;

/// A shop as the files a merchant would download.
#[derive(Debug, Clone)]
pub struct Shop {
    /// How many customers were asked for.
    pub customers: usize,
    /// How many orders were asked for.
    pub orders: usize,
    folder: PathBuf,
}

impl Shop {
    /// `BENCH_CUSTOMERS` (20,000) and `BENCH_ORDERS` (three for each customer).
    pub fn from_environment() -> Self {
        let customers = number("BENCH_CUSTOMERS").unwrap_or(20_000);
        Self::of(customers, number("BENCH_ORDERS").unwrap_or(customers * 3))
    }

    /// A shop of this size; made when it is not there yet.
    pub fn of(customers: usize, orders: usize) -> Self {
        let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = place.join(format!("shop-{SEED}-{customers}-{orders}"));
        if !folder.exists() {
            eprintln!("making a shop of {customers} customers and {orders} orders ...");
            // Renamed when complete: a generator that was killed leaves no half shop to be measured.
            let unfinished = place.join(format!("shop-unfinished-{}", process::id()));
            write_files(SEED, customers, orders, &unfinished).unwrap();
            fs::rename(&unfinished, &folder).unwrap();
        }
        Self {
            customers,
            orders,
            folder,
        }
    }

    /// The snapshot of all customers: JSON lines, gzip.
    pub fn customers_file(&self) -> PathBuf {
        self.folder.join("customers.jsonl.gz")
    }

    /// The export of all orders: the system's XML.
    pub fn orders_file(&self) -> PathBuf {
        self.folder.join("orders.xml")
    }
}

fn number(name: &str) -> Option<usize> {
    let text = env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text:?}")),
    )
}
