//! The keys of `kind = "daktela"`, and what Daktela expects of a mapping.

use jiff::tz::TimeZone;
use url::Url;

use crate::model::Conventions;
use crate::secret::Secret;

/// Requests a second unless configured. No limit is published; assumed from what official clients do.
pub const REQUESTS_PER_SECOND: u32 = 5;

/// The most that can be configured.
pub const MOST_REQUESTS_PER_SECOND: u32 = 1_000;

/// What Daktela expects of a mapping. Bare names are the model's own fields, `customFields.X` the others; these two
/// every Daktela has from the start. E-mail and phone are lists there.
pub const CONVENTIONS: Conventions = Conventions {
    fields: &[
        ("title", "contact.name"),
        ("firstname", "contact.first_name"),
        ("lastname", "contact.last_name"),
        ("customFields.email", "contact.emails"),
        ("customFields.number", "contact.phones"),
    ],
    order_fields: &[("title", TITLE_OF_AN_ORDER)],
    required: &["title", "lastname"],
    lists_under: Some(super::fields::CUSTOM),
};

/// What agents see of an order in a list of records.
const TITLE_OF_AN_ORDER: &str = "order.code ~ ' · ' ~ order.total ~ ' ' ~ order.currency";

/// What becomes of an order that the shop deleted, where no word is mapped to it.
pub const STAGE_OF_DELETED: &str = "CLOSE";

/// A Daktela.
#[derive(Debug, Clone)]
pub struct DaktelaSettings {
    /// Where it is: scheme and host.
    pub url: Url,
    /// The token of an API user.
    pub token: Secret,
    /// The CRM database that the contacts are in.
    pub database: String,
    /// The type of CRM record that orders are; without it no orders go there.
    pub order_type: Option<String>,
    /// What becomes of a contact that somebody deleted or merged there.
    pub on_gone: OnGone,
    /// What becomes of the record of a contact that turned out to be another one.
    pub on_merge: OnMerge,
    /// The text field that says so, by its name in a mapping; without it only `explain` tells.
    pub marker: Option<String>,
    /// How often it is asked at most.
    pub requests_per_second: u32,
    /// The words of the status mapping, each once: `OPEN`, `CLOSE`, `CLOSE:done`.
    pub words: Vec<String>,
    /// The zone that its clock shows: times are written there without one.
    pub timezone: TimeZone,
}

/// What becomes of a record that somebody deleted or merged there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnGone {
    /// It stays gone.
    #[default]
    Leave,
    /// It is found again by key or e-mail, else made again.
    Recreate,
}

/// What becomes of the record of a contact that was merged into another one here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnMerge {
    /// It stays, with a mark.
    #[default]
    Mark,
    /// It is deleted once no orders hang on it any more.
    Delete,
}

/// Stage and status of a CRM record, as a word of the status mapping says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'w> {
    /// `OPEN` or `CLOSE`.
    pub stage: &'w str,
    /// The name of a status.
    pub status: Option<&'w str>,
}

impl<'w> Word<'w> {
    /// Takes a word apart; `None` for one that is none.
    pub fn read(word: &'w str) -> Option<Self> {
        let (stage, status) = match word.split_once(':') {
            Some((stage, status)) => (stage, Some(status)),
            None => (word, None),
        };
        let is_stage = matches!(stage, "OPEN" | "CLOSE");
        (is_stage && status.is_none_or(|status| !status.is_empty())).then_some(Self { stage, status })
    }
}

impl DaktelaSettings {
    /// By what it is known again: the host and the database.
    pub fn identity(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}/{}", self.database),
            None => format!("{host}/{}", self.database),
        }
    }

    /// Whether the status mapping says anything of statuses; else they are the agents' own.
    pub fn sets_statuses(&self) -> bool {
        let names_one = |word: &String| Word::read(word).is_some_and(|word| word.status.is_some());
        self.words.iter().any(names_one)
    }
}
