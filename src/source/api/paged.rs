//! Customers one by one: the whole paged list, then each detail, where no snapshot job can run.
//!
//! This takes hours in a large shop, so it is remembered how far it came: a killed import goes on
//! where it stopped.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _};

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::client::{Ask, Client};
use super::customers::detail;
use crate::error::{Doing as _, Kind, Result};
use crate::source::progress::{Progress, Unit};
use crate::source::spool::{Incoming, Section, Spool, reading_note};

/// The most the shop lists on one page.
const PER_PAGE: u32 = 1_000;

/// The leaky bucket drains ten requests a second: what the details of a shop cost in time.
const DETAILS_PER_SECOND: u64 = 10;

/// A list whose length changed while it was paged is read again, this often at most.
const MOST_LISTINGS: u32 = 3;

/// How many details a killed import has to read again at most: half a minute's worth.
const SAVED_EVERY: u64 = 300;

/// A list older than this is not gone on with: most of what it misses would have to be read again.
const GONE_ON_WITH_FOR: SignedDuration = SignedDuration::from_hours(24);

/// How far the reading came, durably.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    api: String,
    /// Noted before the first request.
    requested_at: Timestamp,
    /// Whether the list stood still while it was read: rows that shift may hide a customer.
    stood_still: bool,
    customers: u64,
    /// Customers whose detail is in the first `bytes` of the download (or who were gone by then).
    done: u64,
    bytes: u64,
}

/// A reading that came to its end.
pub(in crate::source) struct Paged {
    pub incoming: Incoming,
    pub requested_at: Timestamp,
    pub stood_still: bool,
}

/// Reads the whole list, then each detail, as lines like a snapshot's.
pub(in crate::source) async fn download(
    client: &Client,
    spool: &Spool,
    progress: &dyn Progress,
) -> Result<Paged> {
    let (mut note, mut incoming, list) = match go_on(client, spool).await? {
        Some(earlier) => earlier,
        None => start(client, spool, progress).await?,
    };
    let minutes = (note.customers.saturating_sub(note.done) / DETAILS_PER_SECOND / 60).saturating_add(1);
    progress.tell(&match note.done {
        0 => format!(
            "reading {} customers one by one, which takes about {minutes} min",
            note.customers
        ),
        done => format!(
            "going on with customer {done} of {}, read one by one, which takes about {minutes} min more",
            note.customers
        ),
    });
    let done = usize::try_from(note.done).unwrap_or(usize::MAX);
    let mut details = stream::iter(BufReader::new(list).lines().skip(done))
        .map(|guid| async move { detail(client, &guid.doing(Kind::Disk, keeping)?).await })
        .buffered(Client::connections());
    while let Some(customer) = details.next().await {
        // `None`: deleted since it was listed.
        if let Some(customer) = customer? {
            incoming.write(one_line(customer).as_bytes()).await?;
        }
        note.done = note.done.saturating_add(1);
        if note.done.is_multiple_of(SAVED_EVERY) {
            note.bytes = incoming.sync().await?;
            spool.remember(&reading_note(Section::Customers), &note)?;
        }
        progress.report(
            "reading customers one by one",
            note.done,
            Some(note.customers),
            Unit::Records,
        );
    }
    Ok(Paged {
        incoming,
        requested_at: note.requested_at,
        stood_still: note.stood_still,
    })
}

async fn go_on(client: &Client, spool: &Spool) -> Result<Option<(Note, Incoming, File)>> {
    let Some(note) = spool.recall::<Note>(&reading_note(Section::Customers))? else {
        return Ok(None);
    };
    let young = Timestamp::now().duration_since(note.requested_at).abs() < GONE_ON_WITH_FOR;
    if !young || note.api != client.base().as_str() {
        return Ok(None);
    }
    let Some(incoming) = spool.go_on(Section::Customers, note.bytes).await? else {
        return Ok(None);
    };
    let mut list = spool.list(Section::Customers)?;
    list.rewind().doing(Kind::Disk, keeping)?;
    Ok(Some((note, incoming, list)))
}

async fn start(client: &Client, spool: &Spool, progress: &dyn Progress) -> Result<(Note, Incoming, File)> {
    let requested_at = Timestamp::now();
    let incoming = spool.begin(Section::Customers).await?;
    // On disk: a list must not grow in memory with the shop.
    let mut list = spool.list(Section::Customers)?;
    let mut listed = Listed::default();
    for _ in 0..MOST_LISTINGS {
        listed = read_list(client, &mut list, progress).await?;
        if listed.stood_still {
            break;
        }
    }
    let note = Note {
        api: client.base().as_str().to_owned(),
        requested_at,
        stood_still: listed.stood_still,
        customers: listed.customers,
        done: 0,
        bytes: 0,
    };
    spool.remember(&reading_note(Section::Customers), &note)?;
    Ok((note, incoming, list))
}

#[derive(Default)]
struct Listed {
    customers: u64,
    stood_still: bool,
}

/// Reads the list anew into `file`, one guid a line, durably.
async fn read_list(client: &Client, file: &mut File, progress: &dyn Progress) -> Result<Listed> {
    #[derive(Deserialize)]
    struct Page {
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
    empty(file).doing(Kind::Disk, keeping)?;
    let mut lines = BufWriter::new(&*file);
    let mut customers: u64 = 0;
    let mut total = None;
    let mut stood_still = true;
    let mut number: u32 = 1;
    loop {
        let ask = Ask::get("/api/customers")
            .with("itemsPerPage", PER_PAGE)
            .with("page", number);
        // The list may lose its last page while it is read; an empty shop may have no page at all.
        let Some(page) = client.find::<Page>(&ask, "page-not-found").await? else {
            stood_still &= number == 1;
            break;
        };
        stood_still &= *total.get_or_insert(page.paginator.total_count) == page.paginator.total_count;
        for customer in &page.customers {
            writeln!(lines, "{}", customer.guid).doing(Kind::Disk, keeping)?;
        }
        customers = customers.saturating_add(page.customers.len() as u64);
        progress.report("listing customers", customers, total, Unit::Records);
        if number >= page.paginator.page_count || page.customers.is_empty() {
            break;
        }
        number = number.saturating_add(1);
    }
    lines.flush().doing(Kind::Disk, keeping)?;
    drop(lines);
    file.sync_all()
        .and_then(|()| file.rewind())
        .doing(Kind::Disk, keeping)?;
    Ok(Listed {
        customers,
        stood_still: stood_still && customers == total.unwrap_or_default(),
    })
}

fn empty(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()
}

/// A line break in JSON stands between values, never inside one, so a space says the same.
fn one_line(customer: String) -> String {
    let mut line = customer.replace(['\n', '\r'], " ");
    line.push('\n');
    line
}

fn keeping() -> String {
    "keeping the list of customers in the spool".to_owned()
}
