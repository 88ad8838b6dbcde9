//! What a run did, in numbers.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::Error;

/// The counts of a run; what `import --json` prints and the state keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Customers read from the shops.
    pub customers_read: u64,
    /// Orders read from the shops.
    pub orders_read: u64,
    /// Customers new or changed since the last reading.
    pub customers_changed: u64,
    /// Orders new or changed since the last reading.
    pub orders_changed: u64,
    /// Customers that the shop has deleted.
    pub customers_gone: u64,
    /// Orders that the shop has deleted.
    pub orders_gone: u64,
    /// Records that could not be understood in this run.
    pub bad_records: u64,
    /// Readings of people who were forgotten, of which nothing, or nothing personal, was stored.
    pub suppressed: u64,
    /// Per target.
    pub targets: BTreeMap<String, Delivered>,
    /// Records parked now, those of earlier runs included.
    pub parked: u64,
    /// What a person should know although nothing failed, each a sentence.
    pub notes: Vec<String>,
    /// Failures that ended the work for one shop or one target while the rest went on, each a sentence.
    pub failures: Vec<String>,
    /// Targets with contacts of others, to whose first delivery nobody has agreed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub to_agree: Vec<String>,
    /// Whether one of them needs a person.
    #[serde(skip)]
    pub needs_person: bool,
}

/// What a run did in one target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Contacts created.
    pub created: u64,
    /// Contacts updated.
    pub updated: u64,
    /// Contacts looked at and left as they are.
    pub kept: u64,
    /// Contacts set aside.
    pub parked: u64,
    /// Contacts that do not go there (`only`, `shops`).
    pub left_out: u64,
    /// Orders created.
    pub orders_created: u64,
    /// Orders updated.
    pub orders_updated: u64,
    /// Orders set aside.
    pub orders_parked: u64,
    /// Contacts whose records were deleted there or merged into others, and that stay so (`on_gone`).
    pub left_gone: u64,
    /// Contacts that failed in a way that may pass, and are tried again later.
    pub put_off: u64,
    /// Contacts that wait for a later run (`--only`, `--limit`).
    pub waiting: u64,
}

impl Report {
    /// A person has agreed: that nobody had is no failure any more.
    pub fn agreed(&mut self) {
        let waited = std::mem::take(&mut self.to_agree);
        self.failures
            .retain(|failure| !waited.iter().any(|name| failure.contains(&not_agreed(name))));
        self.needs_person &= !self.failures.is_empty();
    }

    /// Notes a failure that ended the work for one shop or one target.
    pub fn fail(&mut self, error: &Error) {
        self.needs_person |= error.exit_code() == 2;
        self.failures.push(error.to_string());
    }

    /// Adds what was done for another shop.
    pub fn add(&mut self, more: Self) {
        self.customers_read += more.customers_read;
        self.orders_read += more.orders_read;
        self.customers_changed += more.customers_changed;
        self.orders_changed += more.orders_changed;
        self.customers_gone += more.customers_gone;
        self.orders_gone += more.orders_gone;
        self.bad_records += more.bad_records;
        self.suppressed += more.suppressed;
        for (target, delivered) in more.targets {
            self.targets.entry(target).or_default().add(&delivered);
        }
        self.parked = self.parked.max(more.parked);
        self.notes.extend(more.notes);
        self.failures.extend(more.failures);
        self.to_agree.extend(more.to_agree);
        self.needs_person |= more.needs_person;
    }

    fn has_put_off(&self) -> bool {
        self.targets.values().any(|delivered| delivered.put_off > 0)
    }

    /// The exit code of the contract: 0 done, 1 try again, 2 a person has to act, 3 records are parked.
    pub fn exit_code(&self) -> u8 {
        if self.needs_person {
            2
        } else if !self.failures.is_empty() || self.has_put_off() {
            1
        } else if self.parked > 0 {
            3
        } else {
            0
        }
    }
}

impl Delivered {
    /// Adds what a later part of the same run did.
    pub fn add(&mut self, more: &Self) {
        self.created += more.created;
        self.updated += more.updated;
        self.kept += more.kept;
        self.parked += more.parked;
        self.left_out += more.left_out;
        self.orders_created += more.orders_created;
        self.orders_updated += more.orders_updated;
        self.orders_parked += more.orders_parked;
        self.left_gone += more.left_gone;
        self.put_off = more.put_off;
        self.waiting = more.waiting;
    }
}

/// What a delivery was about that waits for a person to agree; nothing else is told in these words.
pub fn not_agreed(target: &str) -> String {
    format!("delivering to {target} for the first time")
}
