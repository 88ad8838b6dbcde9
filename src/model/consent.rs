//! What a shop's lists say of who wants the newsletter.

use jiff::Timestamp;

/// What the lists of a shop say of an e-mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConsentListed {
    /// Whether all who agreed are known, so that whoever is not among them did not.
    pub all_are_known: bool,
    /// It is among them; since when, where the shop tells.
    pub agreed: Option<Option<Timestamp>>,
    /// It is among those who unsubscribed; since when.
    pub unsubscribed: Option<Option<Timestamp>>,
}
