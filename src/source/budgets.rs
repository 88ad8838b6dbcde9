//! What shops of one configuration share when they are one and the same outside: two of them with one
//! token, or at one address, ask no more than one would.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use url::Url;

use super::api::Budget;
use super::export::Turns;
use super::settings::{ApiSettings, ApiToken};
use crate::error::Result;
use crate::http::{Pace, Quiet};

/// The budgets of all shops of a configuration; kept as long as they are.
#[derive(Default)]
pub struct Budgets {
    /// Where the next process finds until when whom not to ask.
    notes: Option<PathBuf>,
    apis: Mutex<Vec<(ApiSettings, Arc<Budget>)>>,
    sites: Mutex<Vec<(Url, SiteBudget)>>,
}

/// What all downloads from one address share.
#[derive(Clone)]
pub(super) struct SiteBudget {
    /// Whose turn it is at the exports.
    pub turns: Arc<Turns>,
    /// Until when the shop wants to hear nothing.
    pub quiet: Arc<SiteQuiet>,
}

/// Until when the shop wants to hear nothing of each kind of download: it may be the pause between two
/// exports of one section that it asks for.
pub(super) struct SiteQuiet {
    customers: Quiet,
    orders: Quiet,
    others: Quiet,
}

impl SiteQuiet {
    fn new(pace: &Pace, note: impl Fn(&str) -> Option<PathBuf>) -> Self {
        Self {
            customers: Quiet::new(pace, note("customers")),
            orders: Quiet::new(pace, note("orders")),
            others: Quiet::new(pace, note("others")),
        }
    }

    /// About the download of this address.
    pub fn about(&self, address: &Url) -> &Quiet {
        match address.path() {
            path if path.starts_with("/export/customers.") => &self.customers,
            path if path.starts_with("/export/orders.") => &self.orders,
            _ => &self.others,
        }
    }
}

impl Budgets {
    /// Budgets whose notes lie in this folder, for the next process.
    pub fn noted_in(folder: PathBuf) -> Self {
        Self {
            notes: Some(folder),
            ..Self::default()
        }
    }

    /// What all requests with a token share, `shop` being the first that has it.
    pub(super) fn of_token(&self, shop: &str, settings: &ApiSettings, pace: &Pace) -> Result<Arc<Budget>> {
        let mut known = self.apis.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, budget)) = known.iter().find(|(other, _)| is_same(other, settings)) {
            return Ok(Arc::clone(budget));
        }
        let note = |what: &str| Some(self.notes.as_ref()?.join(format!("{shop}.{what}")));
        let budget = Arc::new(Budget::new(settings, pace, &note)?);
        known.push((settings.clone(), Arc::clone(&budget)));
        Ok(budget)
    }

    /// What all downloads from an address share.
    pub(super) fn of_address(&self, address: &Url, pace: &Pace) -> SiteBudget {
        let mut known = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |(other, _): &&(Url, SiteBudget)| other.origin() == address.origin();
        if let Some((_, budget)) = known.iter().find(is_there) {
            return budget.clone();
        }
        let budget = SiteBudget {
            turns: Arc::default(),
            quiet: Arc::new(SiteQuiet::new(pace, |what| {
                Some(
                    self.notes
                        .as_ref()?
                        .join(format!("{}.{what}", file_name(address))),
                )
            })),
        };
        known.push((address.clone(), budget.clone()));
        budget
    }
}

/// Host and port, as a file can be called.
fn file_name(address: &Url) -> String {
    let host = address.host_str().unwrap_or_default();
    let port = address.port().map(|port| format!("_{port}")).unwrap_or_default();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let host: String = host
        .chars()
        .map(|letter| if is_plain(letter) { letter } else { '_' })
        .collect();
    host + &port
}

fn is_same(one: &ApiSettings, other: &ApiSettings) -> bool {
    let is_same_token = match (&one.token, &other.token) {
        (ApiToken::Private(one), ApiToken::Private(other)) => one.expose() == other.expose(),
        (
            ApiToken::Addon {
                oauth_token,
                token_url,
            },
            ApiToken::Addon {
                oauth_token: other,
                token_url: elsewhere,
            },
        ) => oauth_token.expose() == other.expose() && token_url == elsewhere,
        _ => false,
    };
    is_same_token && one.base_url == other.base_url
}
