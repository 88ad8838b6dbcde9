//! Records read one at a time, as the API has them now.

use futures_util::{Stream, StreamExt as _, stream};
use jiff::Timestamp;

use super::api::{self, Client};
use super::document::{self, Locale};
use super::shop::Shop;
use super::spool::Section;
use crate::error::Result;
use crate::model::{BadRecord, Customer, Order, Reading};

/// One record that was asked for.
#[derive(Debug, Clone)]
pub struct Detail<T> {
    /// Customer guid or order code, as it was asked for.
    pub key: String,
    /// Noted before the request.
    pub requested_at: Timestamp,
    /// What the shop says.
    pub told: Told<T>,
}

/// What the shop says of a record.
#[derive(Debug, Clone)]
pub enum Told<T> {
    /// It is there; [`Reading::Bad`] when it cannot be understood, or the shop keeps failing over it
    /// alone.
    Read(Reading<T>),
    /// There is no such record: what confirms a deletion.
    Gone,
}

impl Shop {
    /// Reads these customers, two at a time, in the order of the answers. The shop counts requests:
    /// no more are sent than its bucket takes.
    ///
    /// # Errors
    /// When there is no API; an item, when the API stops answering: it is the last one of use, and
    /// what was not read by then has to be asked for again.
    pub fn customer_details<'a>(
        &'a self,
        guids: impl IntoIterator<Item = String> + 'a,
        locale: &'a Locale,
    ) -> Result<impl Stream<Item = Result<Detail<Customer>>> + 'a> {
        let client = self.client(Section::Customers)?;
        let parse = |detail: &str| document::customer_from_api(detail.as_bytes(), locale);
        Ok(details(client, Section::Customers, guids, parse))
    }

    /// Reads these orders, as [`Shop::customer_details`] reads customers.
    ///
    /// # Errors
    /// As [`Shop::customer_details`].
    pub fn order_details<'a>(
        &'a self,
        codes: impl IntoIterator<Item = String> + 'a,
        locale: &'a Locale,
    ) -> Result<impl Stream<Item = Result<Detail<Order>>> + 'a> {
        let client = self.client(Section::Orders)?;
        let parse = |detail: &str| document::order_from_api(detail.as_bytes(), locale);
        Ok(details(client, Section::Orders, codes, parse))
    }
}

fn details<'a, T: 'a>(
    client: &'a Client,
    section: Section,
    keys: impl IntoIterator<Item = String> + 'a,
    parse: impl Fn(&str) -> Result<T> + Copy + 'a,
) -> impl Stream<Item = Result<Detail<T>>> + 'a {
    stream::iter((1..).zip(keys))
        .map(move |(position, key)| async move {
            let requested_at = Timestamp::now();
            let bad = |reason: &str| {
                Told::Read(Reading::Bad(BadRecord {
                    key: Some(key.clone()),
                    position,
                    imprint: 0,
                    reason: reason.to_owned(),
                }))
            };
            let told = match api::detail(client, section, &key).await? {
                api::Told::Gone => Told::Gone,
                api::Told::Broken(error) => bad(error.cause()),
                api::Told::Detail(detail) => match parse(&detail) {
                    Ok(record) => Told::Read(Reading::Record(record)),
                    Err(error) => bad(error.cause()),
                },
            };
            Ok(Detail {
                key,
                requested_at,
                told,
            })
        })
        .buffer_unordered(Client::connections())
}
