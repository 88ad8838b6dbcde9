//! How the API tells changes. What is not documented can be set.

use jiff::SignedDuration;

/// How the lists of changes behave.
#[derive(Debug, Clone)]
pub struct ChangesTold {
    /// In which order; nothing is documented.
    pub order: ChangesOrder,
    /// Whether a creation is told as `add`, as the field's description has it, rather than as `edit`.
    pub creation_is_add: bool,
    /// Whether `changeTime` is null, as the schema allows.
    pub without_time: bool,
    /// How long changes are kept.
    pub kept: SignedDuration,
    /// What a moment before that gets.
    pub too_old: TooOld,
    /// Whether an empty list has not even a first page.
    pub empty_has_no_page: bool,
}

/// The order of a list of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangesOrder {
    /// A record that changes again goes to the end, and the rest moves up.
    OldestFirst,
    /// A record that changes again goes to the front, and the rest moves down.
    NewestFirst,
    /// A record keeps its place.
    ByKey,
}

/// What a moment gets that lies before the changes which are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TooOld {
    /// What is kept, as if nothing had been before.
    WhatIsKept,
    /// This status.
    Refused(u16),
}

impl ChangesTold {
    pub(in crate::demo) fn simulated() -> Self {
        Self {
            order: ChangesOrder::OldestFirst,
            creation_is_add: false,
            without_time: false,
            kept: SignedDuration::from_hours(30 * 24),
            too_old: TooOld::WhatIsKept,
            empty_has_no_page: false,
        }
    }
}
