//! The interface, a request at a time: what is asked and told, and how.
//!
//! Confirmed by the vendor's clients: `MODEL.json` is a list, `MODEL/NAME.json` one record; POST makes (201), PUT
//! changes what it names and leaves the rest (200), DELETE removes (204); the token goes into a header, where no log
//! of addresses shows it.

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::refusal::{self, Refusal};
use super::settings::DaktelaSettings;
use super::wire::{Envelope, Page, Record, text};
use crate::error::{Error, Kind, Result};
use crate::http::Service;

/// Requests that are under way side by side.
const SEATS: usize = 4;

/// Records on a page where whole records are asked for: one may weigh 300 kB, with all it refers to.
const WHOLE_RECORDS: usize = 25;

const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// A kind of record, by the name of its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// People and companies.
    Contacts,
    /// Records of configured types: orders.
    CrmRecords,
    /// Databases that contacts are in.
    CrmDatabases,
    /// Types of CRM records.
    CrmRecordsTypes,
    /// Statuses of CRM records.
    Statuses,
}

impl Model {
    const fn word(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::CrmRecords => "crmRecords",
            Self::CrmDatabases => "crmDatabases",
            Self::CrmRecordsTypes => "crmRecordsTypes",
            Self::Statuses => "statuses",
        }
    }
}

/// What is asked of a list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// One condition; all of them have to hold.
    #[must_use]
    pub fn filter(mut self, field: &str, operator: &str, value: &str) -> Self {
        let place = self
            .pairs
            .iter()
            .filter(|(key, _)| key.starts_with("filter") && key.ends_with("[field]"))
            .count();
        self.condition(&format!("filter[{place}]"), field, operator, value);
        self
    }

    /// Conditions of which one has to hold: this field contains one of these, however it is written.
    ///
    /// Whether `eq` minds the case of letters in a custom field is not known, and neither is what it means in a field
    /// that holds several values: so what merely contains it is asked for, and looked at again here. It is one
    /// condition for each value, since an empty list of values (`in`) counts as no condition at all.
    #[must_use]
    pub fn any_contains(mut self, field: &str, values: &[&str]) -> Self {
        if let [value] = values {
            self.condition("filter[0]", field, "contains", value);
            self.push("filter[0][ignoreCase]", "true");
            return self;
        }
        self.push("filter[logic]", "or");
        for (place, value) in values.iter().enumerate() {
            let one = format!("filter[filters][{place}]");
            self.condition(&one, field, "contains", value);
            self.push(&format!("{one}[ignoreCase]"), "true");
        }
        self
    }

    /// Only these fields of each record.
    #[must_use]
    pub fn fields<'f>(mut self, fields: impl IntoIterator<Item = &'f str>) -> Self {
        for (place, field) in fields.into_iter().enumerate() {
            self.push(&format!("fields[{place}]"), field);
        }
        self
    }

    /// By name, upwards.
    #[must_use]
    pub fn by_name(mut self) -> Self {
        self.push("sort[0][field]", "name");
        self.push("sort[0][dir]", "asc");
        self
    }

    fn condition(&mut self, place: &str, field: &str, operator: &str, value: &str) {
        self.push(&format!("{place}[field]"), field);
        self.push(&format!("{place}[operator]"), operator);
        self.push(&format!("{place}[value]"), value);
    }

    fn push(&mut self, key: &str, value: &str) {
        self.pairs.push((key.to_owned(), value.to_owned()));
    }
}

/// One Daktela.
#[derive(Debug)]
pub struct Api {
    service: Service,
    token: HeaderValue,
    seats: Semaphore,
}

impl Api {
    /// The one at this address.
    ///
    /// # Errors
    /// [`Kind::Configuration`] when the token can be in no header.
    pub fn new(service: Service, settings: &DaktelaSettings) -> Result<Self> {
        let token = HeaderValue::from_str(settings.token.expose());
        let mut token = token.map_err(|_| {
            Error::new(
                Kind::Configuration,
                "preparing to ask Daktela",
                "the token has letters that no token has",
            )
        })?;
        token.set_sensitive(true);
        Ok(Self {
            service,
            token,
            seats: Semaphore::new(SEATS),
        })
    }

    /// Who we are: whether the token is taken, and what the clock there shows.
    ///
    /// # Errors
    /// When it is not, or nobody answers.
    pub async fn whoim(&self, doing: &str) -> Result<Envelope> {
        self.asked(&["whoim.json"], &Query::default(), doing)
            .await?
            .map_err(|refusal| refusal.into_error(doing))
    }

    /// One record; `None` where there is none of this name. One that was merged into another may be answered by that
    /// one: that is not it.
    ///
    /// # Errors
    /// When nobody can say.
    pub async fn record(&self, model: Model, name: &str, doing: &str) -> Result<Option<Record>> {
        let file = format!("{name}.json");
        match self
            .asked(&[model.word(), &file], &Query::default(), doing)
            .await
            .map_err(refusal::of_one)?
        {
            Ok(Envelope {
                result: Value::Object(record),
                ..
            }) => {
                let is_it = text(&record, "name").eq_ignore_ascii_case(name);
                Ok(is_it.then_some(record))
            }
            Ok(_) => Err(refusal::of_one(not_as_described(doing))),
            Err(refusal) if refusal.is_not_there() => Ok(None),
            Err(refusal) => Err(refusal.into_error_of_one(doing)),
        }
    }

    /// All records of a list that a query asks for.
    ///
    /// # Errors
    /// When one of the pages cannot be had: what is missing must not count as absent.
    pub async fn all(&self, model: Model, query: &Query, doing: &str) -> Result<Vec<Record>> {
        let mut all: Vec<Record> = Vec::new();
        let query = query.clone().by_name();
        loop {
            let page = self.page(model, &query, all.len(), WHOLE_RECORDS, doing).await?;
            let came = page.records.len();
            all.extend(page.records);
            // It may give fewer on a page than it was asked for, and what is not on this one may be on the next.
            match page.total {
                Some(total) if all.len() >= total => return Ok(all),
                None if came == 0 => return Ok(all),
                Some(_) if came == 0 => {
                    return Err(Error::new(Kind::Truncated, doing, "a list ended before its end"));
                }
                Some(_) | None => {}
            }
        }
    }

    /// A page of a list.
    ///
    /// # Errors
    /// When it cannot be had.
    pub async fn page(
        &self,
        model: Model,
        query: &Query,
        skip: usize,
        take: usize,
        doing: &str,
    ) -> Result<Page> {
        let mut query = query.clone();
        query.push("skip", &skip.to_string());
        query.push("take", &take.to_string());
        let file = format!("{}.json", model.word());
        let envelope = self
            .asked(&[&file], &query, doing)
            .await?
            .map_err(|refusal| refusal.into_error(doing))?;
        Page::read(envelope.result).ok_or_else(|| not_as_described(doing))
    }

    /// Makes a record.
    ///
    /// # Errors
    /// The outer one of a kind that calls for a retry where nobody knows whether it was made.
    pub async fn make(
        &self,
        model: Model,
        body: &Record,
        doing: &str,
    ) -> Result<Result<Option<Record>, Refusal>> {
        let file = format!("{}.json", model.word());
        self.told(Method::POST, &[&file], Some(body), doing).await
    }

    /// Changes those fields of a record that are given.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn change(
        &self,
        model: Model,
        name: &str,
        body: &Record,
        doing: &str,
    ) -> Result<Result<Option<Record>, Refusal>> {
        let file = format!("{name}.json");
        self.told(Method::PUT, &[model.word(), &file], Some(body), doing)
            .await
    }

    /// Removes a record.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn remove(
        &self,
        model: Model,
        name: &str,
        doing: &str,
    ) -> Result<Result<Option<Record>, Refusal>> {
        let file = format!("{name}.json");
        self.told(Method::DELETE, &[model.word(), &file], None, doing)
            .await
    }

    async fn asked(&self, path: &[&str], query: &Query, doing: &str) -> Result<Result<Envelope, Refusal>> {
        let _seat = self.seats.acquire().await;
        let build = |client: &Client| self.request(client, Method::GET, path).query(&query.pairs);
        refusal::read(&self.service.ask(build, doing).await?, doing)
    }

    async fn told(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Record>,
        doing: &str,
    ) -> Result<Result<Option<Record>, Refusal>> {
        let sent = body.map(|body| Value::Object(body.clone()).to_string());
        let _seat = self.seats.acquire().await;
        let build = |client: &Client| {
            let request = self.request(client, method.clone(), path);
            match &sent {
                Some(sent) => request
                    .header("content-type", "application/json")
                    .body(sent.clone()),
                None => request,
            }
        };
        let answer = self.service.tell(build, doing).await?;
        let read = refusal::read(&answer, doing).map_err(|error| match error.kind() {
            // It answered, but what: nobody knows what it did.
            Kind::Damaged => error.seen_as(Kind::Truncated, doing),
            _ => error,
        });
        Ok(read?.map(|envelope| match envelope.result {
            Value::Object(record) => Some(record),
            _ => None,
        }))
    }

    fn request(&self, client: &Client, method: Method, path: &[&str]) -> RequestBuilder {
        let address = self
            .service
            .address(["api", "v6"].into_iter().chain(path.iter().copied()));
        client
            .request(method, address)
            .header(TOKEN, self.token.clone())
            .header("accept", "application/json")
    }
}

fn not_as_described(doing: &str) -> Error {
    Error::new(Kind::Damaged, doing, "the answer is not as described")
}
