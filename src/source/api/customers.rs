//! Customers from the API: what a snapshot job is asked for, the paged list with details where no
//! job can run, and one customer alone.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Seek as _, Write as _};

use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Ask, Client};
use super::jobs::Snapshot;
use crate::error::{Doing as _, Kind, Result};
use crate::source::progress::{Progress, Unit};
use crate::source::spool::{Incoming, Section, Spool};

/// The most the shop lists on one page.
const PER_PAGE: u32 = 1_000;

/// The leaky bucket drains ten requests a second: what the details of a shop cost in time.
const DETAILS_PER_SECOND: u64 = 10;

/// A list whose length changed while it was paged is read again, this often at most.
const MOST_LISTINGS: u32 = 3;

/// Every customer, as a snapshot job.
pub(in crate::source) fn snapshot() -> Snapshot {
    Snapshot {
        section: Section::Customers,
        endpoint: "/api/customers/snapshot",
        query: Vec::new(),
    }
}

/// The detail of one customer as the shop wrote it, or `None` when the shop has no such customer.
///
/// Only the shop's own `customer-not-found` counts as an absence: a wrong address answers 404 too,
/// and must never confirm a deletion.
pub(in crate::source) async fn detail(client: &Client, guid: &str) -> Result<Option<String>> {
    #[derive(Deserialize)]
    struct Read {
        customer: Box<RawValue>,
    }
    let ask = Ask::get("/api/customers/{id}").of(guid);
    let read: Option<Read> = client.find(&ask, "customer-not-found").await?;
    Ok(read.map(|read| read.customer.get().to_owned()))
}

/// Reads the whole list, then each detail, as lines like a snapshot's.
///
/// Returns the moment before the first request, and whether the list stood still meanwhile: rows
/// that shift between two pages may hide a customer.
pub(in crate::source) async fn download_paged(
    client: &Client,
    spool: &Spool,
    progress: &dyn Progress,
) -> Result<(Incoming, Timestamp, bool)> {
    let requested_at = Timestamp::now();
    let mut listing = Listing::new(spool)?;
    let mut stood_still = false;
    for _ in 0..MOST_LISTINGS {
        stood_still = listing.read(client, progress).await?;
        if stood_still {
            break;
        }
    }
    let total = listing.customers;
    let minutes = (total / DETAILS_PER_SECOND / 60).saturating_add(1);
    progress.tell(&format!(
        "reading {total} customers one by one, which takes about {minutes} min"
    ));
    let mut incoming = spool.begin(Section::Customers).await?;
    let mut details = stream::iter(listing.guids()?)
        .map(|guid| async move { detail(client, &guid?).await })
        .buffered(Client::connections());
    let mut done: u64 = 0;
    while let Some(customer) = details.next().await {
        // `None`: deleted since it was listed.
        if let Some(customer) = customer? {
            incoming.write(one_line(customer).as_bytes()).await?;
        }
        done = done.saturating_add(1);
        progress.report("reading customers one by one", done, Some(total), Unit::Records);
    }
    Ok((incoming, requested_at, stood_still))
}

/// A line break in JSON stands between values, never inside one, so a space says the same.
fn one_line(customer: String) -> String {
    let mut line = customer.replace(['\n', '\r'], " ");
    line.push('\n');
    line
}

/// The guids of all customers, on disk: a list must not grow in memory with the shop.
struct Listing {
    file: File,
    customers: u64,
}

impl Listing {
    fn new(spool: &Spool) -> Result<Self> {
        Ok(Self {
            file: spool.scratch()?,
            customers: 0,
        })
    }

    /// Reads the list anew; returns whether its length stayed the same from page to page.
    async fn read(&mut self, client: &Client, progress: &dyn Progress) -> Result<bool> {
        #[derive(Deserialize)]
        struct Listed {
            customers: Vec<Customer>,
            paginator: Paginator,
        }
        #[derive(Deserialize)]
        struct Customer {
            guid: String,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Paginator {
            total_count: u64,
            page_count: u32,
        }
        self.empty().doing(Kind::Disk, writing)?;
        let mut total = None;
        let mut stood_still = true;
        let mut page: u32 = 1;
        loop {
            let ask = Ask::get("/api/customers")
                .with("itemsPerPage", PER_PAGE)
                .with("page", page);
            // The list may lose its last page while it is read.
            let listed: Option<Listed> = client.find(&ask, "page-not-found").await?;
            let Some(listed) = listed else {
                return Ok(page == 1);
            };
            stood_still &= *total.get_or_insert(listed.paginator.total_count) == listed.paginator.total_count;
            let guids: String = listed
                .customers
                .iter()
                .flat_map(|customer| [customer.guid.as_str(), "\n"])
                .collect();
            self.file.write_all(guids.as_bytes()).doing(Kind::Disk, writing)?;
            self.customers = self.customers.saturating_add(listed.customers.len() as u64);
            progress.report("listing customers", self.customers, total, Unit::Records);
            if page >= listed.paginator.page_count || listed.customers.is_empty() {
                return Ok(stood_still && Some(self.customers) == total);
            }
            page = page.saturating_add(1);
        }
    }

    fn empty(&mut self) -> io::Result<()> {
        self.customers = 0;
        self.file.set_len(0)?;
        self.file.rewind()
    }

    /// The guids, read back one by one.
    fn guids(&mut self) -> Result<impl Iterator<Item = Result<String>>> {
        self.file.rewind().doing(Kind::Disk, writing)?;
        let file = self.file.try_clone().doing(Kind::Disk, writing)?;
        Ok(BufReader::new(file)
            .lines()
            .map(|line| line.doing(Kind::Disk, writing)))
    }
}

fn writing() -> String {
    "keeping the list of customers in the spool".to_owned()
}
