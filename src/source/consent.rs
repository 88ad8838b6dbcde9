//! Who agreed to the newsletter and who unsubscribed, where the API tells.
//!
//! Two lists, each known or unknown by itself. An e-mail on the first that is not on the second, or
//! is there with an earlier date, agreed; one on the second did not; of the others nothing is known
//! unless the first list is: then they did not.

use jiff::Timestamp;

use super::api;
use super::changes::OVERLAP;
use super::clock;
use super::shop::Shop;
use crate::error::Result;

pub use super::api::ConsentPages;

/// What a list says about one e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// As it is written there.
    pub email: String,
    /// Whether the newsletter is wanted.
    pub agreed: bool,
    /// Since when, where the shop tells.
    pub at: Option<Timestamp>,
}

/// What a list says.
pub enum Consents<'a> {
    /// There is no API, or the shop lacks the module, or the token the right.
    Unknown,
    /// The shop no longer keeps what changed since: the list has to be read whole.
    TooOld,
    /// It says this.
    Told(Box<ConsentPages<'a>>),
}

impl Shop {
    /// Opens the list of those who agreed: whole, or what changed on it since a reading whose
    /// [`ConsentPages::cursor`] was `last_read` (an overlap is taken off here).
    ///
    /// # Errors
    /// When the API does not answer with data.
    pub async fn newsletter(&self, last_read: Option<Timestamp>) -> Result<Consents<'_>> {
        match &self.api {
            Some(client) => api::newsletter(client, last_read.map(|read| clock::less(read, OVERLAP))).await,
            None => Ok(Consents::Unknown),
        }
    }

    /// Opens the list of those who unsubscribed: whole, or who did since. Whoever left the list
    /// again shows only when it is read whole.
    ///
    /// # Errors
    /// As [`Shop::newsletter`].
    pub async fn unsubscribed(&self, last_read: Option<Timestamp>) -> Result<Consents<'_>> {
        match &self.api {
            Some(client) => api::unsubscribed(client, last_read.map(|read| clock::less(read, OVERLAP))).await,
            None => Ok(Consents::Unknown),
        }
    }
}
