//! Customers from the API: what a snapshot job is asked for, and one customer alone.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::client::{Ask, Client};
use super::jobs::Snapshot;
use crate::error::Result;
use crate::source::clock::for_the_api;
use crate::source::spool::Section;

/// Every customer, as a snapshot job; with `changed_since` only what changed from that moment on.
pub(in crate::source) fn snapshot(changed_since: Option<Timestamp>) -> Snapshot {
    Snapshot {
        section: Section::Customers,
        endpoint: "/api/customers/snapshot",
        query: changed_since
            .map(|moment| ("changeTimeFrom".to_owned(), for_the_api(moment)))
            .into_iter()
            .collect(),
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
