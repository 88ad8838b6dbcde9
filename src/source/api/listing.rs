//! Lists that may shift while they are paged: what changed, who wants the newsletter.
//!
//! When a row moves to the end of such a list, those behind it slide into the page before, which
//! was read already: they are missed although the number of rows stays the same. The order of these
//! lists is not documented, so none is relied on. What is confirmed (OpenAPI, paging): when
//! `totalCount` moves, rows were missed or doubled. Inferred: a page alone is told in one piece, and
//! past the last one there is 404 `page-not-found`.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::marker::PhantomData;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::client::{Ask, Client};
use crate::error::{Kind, Result};
use crate::source::clock::for_the_api;

/// How long the shop keeps changes (OpenAPI, last changes: 30 days guaranteed, older ones go bit by
/// bit), less the time that a reading may take.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24 - 2);

/// A moment this recent is no reason to refuse: what is refused from here on is not its age.
const RECENT: SignedDuration = SignedDuration::from_hours(24);

/// Which list, and what of it.
#[derive(Debug, Clone)]
pub(super) struct List {
    pub endpoint: &'static str,
    pub per_page: u32,
    /// What changed from this moment on; `None`: everything.
    pub from: Option<Timestamp>,
    /// A further filter.
    pub only: Option<(&'static str, &'static str)>,
}

/// One page.
pub(super) struct Page<T> {
    pub rows: Vec<T>,
    /// How many rows the whole list has, as this page says.
    pub total: u64,
}

/// A list from its first page to its last: one pass over it.
pub(super) struct Pages<'a, T> {
    client: &'a Client,
    list: List,
    number: u32,
    over: bool,
    total: u64,
    shrank: bool,
    trace: DefaultHasher,
    of: PhantomData<fn() -> T>,
}

#[derive(Deserialize)]
struct Read<T> {
    #[serde(rename = "changes", alias = "emails", alias = "unsubscribedEmails")]
    rows: Vec<T>,
    paginator: Paginator,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Paginator {
    total_count: u64,
    page_count: u32,
}

impl List {
    /// Begins at its first page.
    pub fn pages<'a, T: DeserializeOwned + Hash>(&self, client: &'a Client) -> Pages<'a, T> {
        Pages {
            client,
            list: self.clone(),
            number: 0,
            over: false,
            total: 0,
            shrank: false,
            trace: DefaultHasher::new(),
            of: PhantomData,
        }
    }

    fn page(&self, number: u32) -> Ask<'_> {
        let mut ask = Ask::get(self.endpoint)
            .with("itemsPerPage", self.per_page)
            .with("page", number);
        if let Some(from) = self.from {
            ask = ask.with("from", for_the_api(from));
        }
        if let Some((name, value)) = self.only {
            ask = ask.with(name, value);
        }
        ask
    }

    /// Whether the shop still keeps all that changed from its moment on. Meant for after an answer,
    /// when the shop's clock is known.
    pub fn looks_back_far_enough(&self, client: &Client) -> bool {
        self.from.is_none_or(|from| age(client, from) <= KEPT)
    }

    /// Whether it is the age of its moment that the shop refused: the same list from a recent one is
    /// told.
    pub async fn is_refused_for_its_age<T: DeserializeOwned + Hash>(&self, client: &Client) -> bool {
        let Some(from) = self.from.filter(|from| age(client, *from) > RECENT) else {
            return false;
        };
        let recent = Self {
            from: from.checked_add(age(client, from).saturating_sub(RECENT)).ok(),
            ..self.clone()
        };
        recent.pages::<T>(client).next().await.is_ok()
    }
}

fn age(client: &Client, moment: Timestamp) -> SignedDuration {
    client.clock().of_ours(Timestamp::now()).duration_since(moment)
}

impl<T: DeserializeOwned + Hash> Pages<'_, T> {
    /// The next page, `None` past the last.
    pub async fn next(&mut self) -> Result<Option<Page<T>>> {
        if self.over {
            return Ok(None);
        }
        self.number = self.number.saturating_add(1);
        let ask = self.list.page(self.number);
        let read: Option<Read<T>> = self.client.find(&ask, "page-not-found").await?;
        let Some(read) = read else {
            self.over = true;
            if self.number == 1 {
                // An empty list may have no page at all, but so has an address that is wrong.
                is_there(self.client).await?;
            }
            return Ok(None);
        };
        let total = read.paginator.total_count;
        self.over = self.number >= read.paginator.page_count || read.rows.is_empty();
        self.shrank |= self.total > total;
        self.total = total;
        for row in &read.rows {
            row.hash(&mut self.trace);
        }
        Ok(Some(Page {
            rows: read.rows,
            total,
        }))
    }

    /// Whether fewer rows were told of at some page than at the one before.
    pub fn shrank(&self) -> bool {
        self.shrank
    }

    /// Whether one page held the whole list, so that nothing can have slid past.
    pub fn was_one_page(&self) -> bool {
        self.over && self.number == 1
    }

    /// What was read, as a number: two passes that read the same have the same one.
    pub fn trace(&self) -> u64 {
        self.trace.finish()
    }
}

/// Asks for what every shop answers, to see that it is the API we are talking to and that it works:
/// then what went wrong before concerns what was asked for, not the service.
///
/// # Errors
/// What the API answers instead.
pub(in crate::source) async fn is_there(client: &Client) -> Result<()> {
    match client.send::<IgnoredAny>(&Ask::get("/api/eshop")).await {
        // Its own refusal is a sign of life too.
        Err(error) if error.kind() != Kind::RightsMissing => Err(error),
        _ => Ok(()),
    }
}
