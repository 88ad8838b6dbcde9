//! One system as it is worked with: the way to it, its fields, and what was learnt of it meanwhile.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::api::Api;
use super::fields::{Field, fields};
use super::filling::Filling;
use super::orders_there::OrdersThere;
use super::schema::Schemas;
use super::settings::MiniCrmSettings;
use super::{failure, owners};
use crate::error::{Error, Kind};
use crate::http::Pace;
use crate::target::Layout;

/// After so many faults of its own the service is believed to mean the record.
const FAULTS: u32 = 2;

/// A system, open.
pub struct Crm {
    /// The way to it.
    pub api: Api,
    /// Which one it is.
    pub settings: MiniCrmSettings,
    /// What is written into it.
    pub layout: Layout,
    /// What its fields hold.
    pub schemas: Schemas,
    /// Parallel to the specs of a contact.
    pub contact_fields: Vec<Option<Field>>,
    /// Parallel to the specs of an order, of which the first is the stage.
    pub order_fields: Vec<Option<Field>>,
    /// The number of who gets new cards.
    pub owner: Option<u64>,
    /// What is known of the orders there.
    pub orders: OrdersThere,
    /// What is known while it is filled.
    pub filling: Filling,
    /// Intervals towards it.
    pub pace: Pace,
    /// How often in a row the service reported a fault of its own over a record.
    faults: Mutex<HashMap<String, u32>>,
}

impl Crm {
    /// A system whose fields are known. An owner who is nobody there is told by the check, and never sent.
    pub fn new(api: Api, settings: MiniCrmSettings, layout: Layout, schemas: Schemas, pace: Pace) -> Self {
        let resolve = |name: &String| owners::resolve(name, schemas.choices("UserId")).ok();
        Self {
            owner: settings.owner.as_ref().and_then(resolve),
            contact_fields: fields(&layout.contact, &schemas),
            order_fields: fields(&layout.order, &schemas),
            orders: OrdersThere::default(),
            filling: Filling::default(),
            faults: Mutex::default(),
            pace,
            api,
            settings,
            layout,
            schemas,
        }
    }

    /// A failure over a record, as it is to be taken. A value that does not exist in a list is answered like a fault
    /// of the service (the manual, "Error codes": 500): where that comes again it is the record's, and trying on
    /// would never end.
    pub fn judged(&self, key: &str, error: Error) -> Error {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if !failure::is_internal(&error) {
            return error;
        }
        let count = faults.entry(key.to_owned()).or_default();
        *count += 1;
        if *count < FAULTS {
            return error;
        }
        faults.remove(key);
        let cause = format!(
            "{}, as often as it is told: mostly for a value that a list does not offer",
            error.cause()
        );
        Error::new(Kind::Refused, error.doing(), cause)
    }

    /// A record was written.
    pub fn was_taken(&self, key: &str) {
        self.faults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}
