//! The address of a contact. None can be deleted there, so one is known and written again and again.

use super::api::Api;
use super::failure;
use super::wire::{Record, is_set};
use crate::error::Result;

/// What a new one is called: the manual's example names it, and one client calls that mandatory.
const NAME: &str = "Webshop";

/// Of a contact with more addresses the default one may be another one than ours.
const LOOKED_AT: usize = 6;

const READING: &str = "reading the address of a contact";
const WRITING: &str = "writing the address of a contact";

/// An address by its id.
///
/// # Errors
/// When it cannot be read.
pub async fn by_id(api: &Api, id: u64) -> Result<Option<(u64, Record)>> {
    let found = api.record(&["R3", "Address", &id.to_string()], READING).await?;
    Ok(found.map(|record| (id, record)))
}

/// The address of a contact: the one that is known, else its default one, else any.
///
/// # Errors
/// When it cannot be read.
pub async fn of(api: &Api, contact: u64, known: Option<u64>) -> Result<Option<(u64, Record)>> {
    if let Some(id) = known
        && let Some(found) = by_id(api, id).await?
    {
        return Ok(Some(found));
    }
    let mut first = None;
    for id in all(api, contact).await?.into_iter().take(LOOKED_AT) {
        match by_id(api, id).await? {
            Some(found) if is_set(&found.1, "Default") => return Ok(Some(found)),
            Some(found) => first = first.or(Some(found)),
            None => {}
        }
    }
    Ok(first)
}

/// The ids of all addresses of a contact.
///
/// # Errors
/// When they cannot be read.
pub async fn all(api: &Api, contact: u64) -> Result<Vec<u64>> {
    let contact = contact.to_string();
    let path = ["R3", "AddressList", contact.as_str()];
    let found = api.list(&path, &[("Structured", "1")], READING).await?;
    Ok(found.into_iter().map(|(id, _)| id).collect())
}

/// Writes the address of a contact: the one that is known or found, else a new one. Answers with its id; none is made
/// of nothing.
///
/// # Errors
/// As [`Api::make`].
pub async fn write(api: &Api, contact: u64, known: Option<u64>, fields: &Record) -> Result<Option<u64>> {
    if let Some(id) = known
        && api.set("Address", id, fields, WRITING).await?
    {
        return Ok(Some(id));
    }
    if let Some((id, _)) = of(api, contact, None).await? {
        return match api.set("Address", id, fields, WRITING).await? {
            true => Ok(Some(id)),
            false => Err(failure::gone(WRITING)),
        };
    }
    make(api, contact, fields).await
}

/// Makes the first address of a contact.
///
/// # Errors
/// As [`Api::make`].
pub async fn make(api: &Api, contact: u64, fields: &Record) -> Result<Option<u64>> {
    let mut record = first(fields);
    if record.is_empty() {
        return Ok(None);
    }
    record.insert("ContactId".to_owned(), contact.into());
    api.make("Address", &record, WRITING).await.map(Some)
}

/// The first address of a contact as a record; nothing where nothing is known of it.
pub fn first(fields: &Record) -> Record {
    let mut record = Record::new();
    if fields.values().any(|value| value != "") {
        record.insert("Name".to_owned(), NAME.into());
        record.insert("Default".to_owned(), 1.into());
        record.extend(fields.clone());
    }
    record
}
