//! MiniCRM's interface: JSON over HTTP, behind the number of the system and its key.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::failure;
use super::settings::MiniCrmSettings;
use super::wire::{Page, Record, id_in, page};
use crate::error::{Error, Kind, Result};
use crate::http::{Answer, Limit, Pace, Rate, Service};
use crate::secret::Secret;

/// Uploads of XML that MiniCRM takes in an hour (the manual, "API limits").
const UPLOADS_PER_HOUR: u32 = 180;

/// Up to this limit the next process has to know what this one used of it.
const MOST_NOTED: u32 = 600;

/// A list longer than so many pages is no answer to a search for one person.
const MOST_PAGES: u64 = 20;

/// For so long an answer proves that the next 404 is about the record and not about us.
const KNOWN_FOR: Duration = Duration::from_secs(30);

/// The way to one system.
pub struct Api {
    /// For `/Api/R3` and, as nothing else is said of it, `/Api/Order`.
    service: Service,
    /// For uploads, which are counted apart.
    uploads: Service,
    system_id: String,
    api_key: Secret,
    let_in: Mutex<Option<Instant>>,
}

/// What became of something told.
#[derive(Debug)]
pub enum Told {
    /// It was done.
    Done(Value),
    /// 405: not in this stage.
    NotNow,
    /// What it is about is not there.
    NotThere,
}

impl Api {
    /// The way to a system. What was used of the limits is noted in `notes`, beside the state.
    ///
    /// # Errors
    /// When this machine has no certificates to check the service by.
    pub fn new(settings: &MiniCrmSettings, pace: &Pace, notes: Option<&Path>) -> Result<Self> {
        // A limit that is never reached is not worth a note of each request.
        let notes = notes.filter(|_| settings.requests_per_minute <= MOST_NOTED);
        let note = |folder: &str, ending: &str| {
            let name = format!("minicrm-{}{ending}", settings.system_id);
            notes.map(|notes| notes.join(folder).join(name))
        };
        let a_minute = Limit {
            requests: settings.requests_per_minute,
            within: Duration::from_secs(60),
        };
        let an_hour = Limit {
            requests: UPLOADS_PER_HOUR,
            within: Duration::from_secs(3_600),
        };
        let rate = Rate::new(&[a_minute], note("rate", ""));
        let uploads = Rate::new(&[an_hour], note("rate", ".xml"));
        Ok(Self {
            service: Service::new(&settings.url, pace, rate, note("quiet", ""))?,
            uploads: Service::new(&settings.url, pace, uploads, note("quiet", ".xml"))?,
            system_id: settings.system_id.to_string(),
            api_key: settings.api_key.clone(),
            let_in: Mutex::new(None),
        })
    }

    /// Reads a record; `None` where there is none.
    ///
    /// # Errors
    /// When there is no answer, or none of use.
    pub async fn record(&self, path: &[&str], doing: &str) -> Result<Option<Record>> {
        match self.read(path, &[], doing).await? {
            None => Ok(None),
            Some(Value::Object(record)) if !record.is_empty() => Ok(Some(record)),
            // An empty array is how PHP says "nothing".
            Some(Value::Array(nothing)) if nothing.is_empty() => Ok(None),
            Some(Value::Object(_)) => Ok(None),
            Some(_) => Err(failure::not_understood(doing)),
        }
    }

    /// Reads what need not be a record; `None` for 404.
    ///
    /// # Errors
    /// As [`Api::record`].
    pub async fn read(&self, path: &[&str], query: &[(&str, &str)], doing: &str) -> Result<Option<Value>> {
        let address = self.address(path, query);
        let answer = self
            .service
            .ask(|client| self.signed(client, Method::GET, &address), doing)
            .await?;
        if answer.status == StatusCode::NOT_FOUND {
            self.must_be_let_in(doing).await?;
            return Ok(None);
        }
        self.understood(&answer, doing).map(Some)
    }

    /// All that a search finds; a list that never ends is cut off.
    ///
    /// # Errors
    /// As [`Api::record`].
    pub async fn list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        doing: &str,
    ) -> Result<Vec<(u64, Record)>> {
        let mut all = Vec::new();
        for number in 0..MOST_PAGES {
            let page = self.page(path, query, number, doing).await?;
            let is_followed = page.is_followed(number);
            all.extend(page.entries);
            if !is_followed {
                break;
            }
        }
        Ok(all)
    }

    /// One page of a list, counted from 0.
    ///
    /// # Errors
    /// As [`Api::record`].
    pub async fn page(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        number: u64,
        doing: &str,
    ) -> Result<Page> {
        let number = number.to_string();
        let mut query = query.to_vec();
        if number != "0" {
            query.push(("Page", &number));
        }
        match self.read(path, &query, doing).await? {
            Some(answer) => page(&answer).ok_or_else(|| failure::not_understood(doing)),
            None => Ok(Page::default()),
        }
    }

    /// Makes a record; answers with its id.
    ///
    /// # Errors
    /// A kind that calls for a retry means that nobody knows whether it was carried out.
    pub async fn make(&self, what: &str, record: &Record, doing: &str) -> Result<u64> {
        match self.tell(Method::PUT, &["R3", what], Some(record), doing).await? {
            Told::Done(Value::Object(answer)) => {
                id_in(&answer, "Id").ok_or_else(|| failure::not_understood(doing))
            }
            Told::Done(_) => Err(failure::not_understood(doing)),
            Told::NotNow => Err(failure::refused(StatusCode::METHOD_NOT_ALLOWED, b"", doing)),
            Told::NotThere => Err(failure::no_log_in(doing)),
        }
    }

    /// Sets fields of a record; `false` where it is not there.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn set(&self, what: &str, id: u64, record: &Record, doing: &str) -> Result<bool> {
        match self
            .tell(Method::PUT, &["R3", what, &id.to_string()], Some(record), doing)
            .await?
        {
            Told::Done(_) => Ok(true),
            Told::NotThere => Ok(false),
            Told::NotNow => Err(failure::refused(StatusCode::METHOD_NOT_ALLOWED, b"", doing)),
        }
    }

    /// Asks for a person to be deleted who is on no card.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn purge(&self, id: u64, doing: &str) -> Result<()> {
        let path = ["R3", "PurgePerson", &id.to_string()];
        self.tell(Method::PUT, &path, None, doing).await.map(|_| ())
    }

    /// Posts something, or nothing but the address.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn post(&self, path: &[&str], record: Option<&Record>, doing: &str) -> Result<Told> {
        self.tell(Method::POST, path, record, doing).await
    }

    /// Carries out a deletion that MiniCRM hides behind a GET: it is told, not asked.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn delete_by_get(&self, path: &[&str], doing: &str) -> Result<Told> {
        self.tell(Method::GET, path, None, doing).await
    }

    /// Uploads an XML document.
    ///
    /// # Errors
    /// As [`Api::make`].
    pub async fn upload(&self, path: &[&str], document: &str, doing: &str) -> Result<()> {
        let address = self.address(path, &[]);
        let request = |client: &Client| {
            self.signed(client, Method::POST, &address)
                .header(CONTENT_TYPE, "application/xml")
                .body(document.to_owned())
        };
        let answer = self.uploads.tell(request, doing).await?;
        match answer.status.is_success() {
            true => Ok(()),
            false => Err(failure::refused(answer.status, &answer.body, doing)),
        }
    }

    async fn tell(
        &self,
        method: Method,
        path: &[&str],
        record: Option<&Record>,
        doing: &str,
    ) -> Result<Told> {
        let address = self.address(path, &[]);
        let body = match record {
            Some(record) => {
                serde_json::to_string(record).map_err(|fault| Error::new(Kind::BadRecord, doing, fault))?
            }
            None => String::new(),
        };
        let request = |client: &Client| {
            let request = self.signed(client, method.clone(), &address);
            match record {
                Some(_) => request
                    .header(CONTENT_TYPE, "application/json")
                    .body(body.clone()),
                None => request,
            }
        };
        let answer = self.service.tell(request, doing).await?;
        match answer.status {
            StatusCode::METHOD_NOT_ALLOWED => Ok(Told::NotNow),
            StatusCode::NOT_FOUND => {
                self.must_be_let_in(doing).await?;
                Ok(Told::NotThere)
            }
            _ => self.understood(&answer, doing).map(Told::Done),
        }
    }

    fn understood(&self, answer: &Answer, doing: &str) -> Result<Value> {
        if !answer.status.is_success() {
            return Err(failure::refused(answer.status, &answer.body, doing));
        }
        let understood = match answer.body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&answer.body).map_err(|_| failure::not_understood(doing))?,
        };
        *self.let_in.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(understood)
    }

    /// A wrong key, or a subscription without the interface, is answered by 404 as well as a record that is not
    /// there. So is something that is always there, then.
    async fn must_be_let_in(&self, doing: &str) -> Result<()> {
        let known = *self.let_in.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known.elapsed() < KNOWN_FOR) {
            return Ok(());
        }
        let address = self.address(&["R3", "Category"], &[]);
        let answer = self
            .service
            .ask(|client| self.signed(client, Method::GET, &address), doing)
            .await?;
        match answer.status {
            StatusCode::NOT_FOUND => Err(failure::no_log_in(doing)),
            _ => self.understood(&answer, doing).map(|_| ()),
        }
    }

    fn address(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut address = self.service.address(["Api"].iter().chain(path).copied());
        if !query.is_empty() {
            address.query_pairs_mut().extend_pairs(query);
        }
        address
    }

    fn signed(&self, client: &Client, method: Method, address: &Url) -> RequestBuilder {
        client
            .request(method, address.clone())
            .basic_auth(&self.system_id, Some(self.api_key.expose()))
    }
}
