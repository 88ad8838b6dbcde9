//! Who wants the newsletter: the shop's own mailing list, and the addresses that unsubscribed.
//!
//! Confirmed (OpenAPI, e-mail distribution lists and unsubscribed e-mails): the list `newsletters`
//! is the system's own and holds everyone who agreed; without the module the shop answers 403
//! `missing-module`; changes of a list are kept for 30 days. Inferred: an address that agrees again
//! is on the list again, with a later date than that of its unsubscription.

use jiff::Timestamp;
use serde::Deserialize;

use super::client::{Ask, Client};
use super::listing::{List, Page, Pages};
use crate::error::{Kind, Result};
use crate::source::consent::{Consent, Consents};

const NEWSLETTERS: &str = "newsletters";

/// A list that shifts is passed over again, this often at most.
const MOST_PASSES: u32 = 4;

/// What a list says about e-mails, page by page.
pub struct ConsentPages<'a> {
    client: &'a Client,
    list: List,
    agreed: bool,
    requested_at: Timestamp,
    first: Option<Page<Told>>,
    pages: Pages<'a, Told>,
    passes: u32,
    earlier: Option<u64>,
    whole: Option<bool>,
}

impl ConsentPages<'_> {
    /// The next page, `None` at the end. An e-mail may come several times; the last word holds.
    ///
    /// # Errors
    /// When the API does not answer with data.
    pub async fn next(&mut self) -> Result<Option<Vec<Consent>>> {
        while self.whole.is_none() {
            let page = match self.first.take() {
                Some(first) => Some(first),
                None => self.pages.next().await?,
            };
            match page {
                Some(page) => return Ok(Some(self.consents(page))),
                None => self.end_of_pass(),
            }
        }
        Ok(None)
    }

    /// From when on the next reading has to ask, once the end is reached. `None`: the list kept
    /// shifting, some e-mails may be missing, and the next reading has to begin where this one did.
    pub fn cursor(&self) -> Option<Timestamp> {
        let whole = self.whole.unwrap_or(false);
        whole.then(|| self.client.clock().of_ours(self.requested_at))
    }

    /// Rows leave this list too, so that numbers prove nothing: a list of several pages is whole when
    /// two passes read the very same.
    fn end_of_pass(&mut self) {
        let trace = self.pages.trace();
        self.passes = self.passes.saturating_add(1);
        if self.pages.was_one_page() || self.earlier == Some(trace) {
            self.whole = Some(true);
        } else if self.passes >= MOST_PASSES {
            self.whole = Some(false);
        } else {
            self.earlier = Some(trace);
            self.pages = self.list.pages(self.client);
        }
    }

    fn consents(&self, page: Page<Told>) -> Vec<Consent> {
        let consent = |told: Told| Consent {
            agreed: self.agreed && told.change_type.as_deref() != Some("delete"),
            at: told.at.and_then(|time| time.parse().ok()),
            email: told.email,
        };
        page.rows.into_iter().map(consent).collect()
    }
}

#[derive(Deserialize, Hash)]
#[serde(rename_all = "camelCase")]
struct Told {
    email: String,
    #[serde(alias = "added", alias = "changeTime", alias = "unsubscribedAt")]
    at: Option<String>,
    change_type: Option<String>,
}

/// The e-mails on the list of those who agreed; with `from` what changed on it from then on.
pub(in crate::source) async fn newsletter(client: &Client, from: Option<Timestamp>) -> Result<Consents<'_>> {
    let endpoint = match from {
        Some(_) => "/api/mailing-lists/newsletters/changes",
        None if has_newsletters(client).await? => "/api/mailing-lists/newsletters",
        None => return Ok(Consents::Unknown),
    };
    let list = List {
        endpoint,
        per_page: 500,
        from,
        only: None,
    };
    open(client, list, true).await
}

/// The e-mails that unsubscribed; with `from` those that did from then on.
pub(in crate::source) async fn unsubscribed(
    client: &Client,
    from: Option<Timestamp>,
) -> Result<Consents<'_>> {
    let list = List {
        endpoint: "/api/unsubscribed-emails",
        per_page: 1_000,
        from,
        only: None,
    };
    open(client, list, false).await
}

async fn open(client: &Client, list: List, agreed: bool) -> Result<Consents<'_>> {
    let requested_at = Timestamp::now();
    let mut pages = list.pages::<Told>(client);
    let first = match pages.next().await {
        Ok(first) => first,
        Err(error) if error.kind() == Kind::RightsMissing => return Ok(Consents::Unknown),
        Err(error) if error.kind() == Kind::Refused && list.is_refused_for_its_age::<Told>(client).await => {
            return Ok(Consents::TooOld);
        }
        Err(error) => return Err(error),
    };
    // Only what is told as changes is forgotten after a while.
    if agreed && !list.looks_back_far_enough(client) {
        return Ok(Consents::TooOld);
    }
    Ok(Consents::Told(Box::new(ConsentPages {
        client,
        list,
        agreed,
        requested_at,
        first,
        pages,
        passes: 0,
        earlier: None,
        whole: None,
    })))
}

/// Whether the shop has the system's list: it has when it has the module.
async fn has_newsletters(client: &Client) -> Result<bool> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Listed {
        mailing_lists: Vec<MailingList>,
    }
    #[derive(Deserialize)]
    struct MailingList {
        code: String,
    }
    match client.send::<Listed>(&Ask::get("/api/mailing-lists")).await {
        Ok(listed) => Ok(listed.mailing_lists.iter().any(|list| list.code == NEWSLETTERS)),
        Err(error) if error.kind() == Kind::RightsMissing => Ok(false),
        Err(error) => Err(error),
    }
}
