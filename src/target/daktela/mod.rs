//! Daktela v6: people as contacts, orders as CRM records that hang on them.
//!
//! It is a service that agents work in while we do, so everything is asked for one record at a time and compared before
//! it is written. Our records have names of our own making: whatever became of a request whose answer was lost, the name
//! tells. Nothing is ever made before the name and the e-mail were looked for; a look-up that failed is a failure.
//!
//! Written from what the vendor's clients and their users have published, and never run against an instance by its
//! makers. What is only assumed is said where it is assumed.

mod api;
mod check;
mod contacts;
mod erase;
mod fields;
mod look;
mod marks;
mod names;
mod orders;
mod records;
mod refusal;
pub mod scheme;
pub mod settings;
mod wire;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::future::join_all;

use self::api::Api;
use self::fields::Forms;
use self::settings::{DaktelaSettings, OnMerge};
use super::{EachRecord, Identity, Layout, Of, Target, Ways};
use crate::error::Result;
use crate::http::Service;
use crate::model::{
    Ask, ContactWrite, Erased, Erasure, FieldSpec, Look, OrderFacts, OrderWrite, Value, Written,
};

/// Records in one call: enough that no seat is empty, and sent within a few seconds.
const AT_ONCE: usize = 8;

/// One Daktela, written with a layout.
pub struct DaktelaTarget {
    settings: DaktelaSettings,
    layout: Layout,
    /// The text field for marks, as if it were mapped.
    marker: Option<FieldSpec>,
    forms: Forms,
    sets_statuses: bool,
    /// Orders that were found as they are made where nothing is said of their stage, and nobody remembers it yet.
    unsaid: Mutex<BTreeSet<String>>,
    /// What the last check could not tell.
    untold: Vec<String>,
    /// Which one it is, once it was asked.
    identity: Option<Identity>,
    api: Result<Api>,
}

impl DaktelaTarget {
    /// The one at `service`; nothing is sent yet.
    pub fn new(settings: DaktelaSettings, layout: Layout, service: Result<Service>) -> Self {
        let marker = settings.marker.as_ref().map(|name| FieldSpec {
            name: name.clone(),
            ..FieldSpec::default()
        });
        Self {
            api: service.and_then(|service| Api::new(service, &settings)),
            forms: Forms {
                spelling: layout.spelling,
                timezone: settings.timezone.clone(),
            },
            sets_statuses: settings.sets_statuses(),
            unsaid: Mutex::default(),
            untold: Vec::new(),
            identity: None,
            marker,
            settings,
            layout,
        }
    }

    fn api(&self) -> Result<&Api> {
        self.api.as_ref().map_err(Clone::clone)
    }

    /// What of a contact is written.
    fn fields_of_contacts(&self) -> impl Iterator<Item = &FieldSpec> {
        self.layout.contact.iter().chain(&self.marker)
    }

    /// What of an order is written, but for its stage.
    fn fields_of_orders(&self) -> impl Iterator<Item = &FieldSpec> {
        self.layout.order.iter().skip(1)
    }

    /// Asked once: what a delivery makes does not change it.
    async fn known_identity(&mut self) -> Result<Identity> {
        if let Some(known) = &self.identity {
            return Ok(known.clone());
        }
        let identity = Identity {
            id: self.settings.identity(),
            holds_ours: self.holds_ours().await?,
            delivery: None,
        };
        Ok(self.identity.insert(identity).clone())
    }
}

#[async_trait]
impl Target for DaktelaTarget {
    fn ways(&self) -> Ways {
        Ways {
            is_service: true,
            // Without a field for marks there is still something to be done about one that was merged.
            keeps_marks: self.settings.marker.is_some() || self.settings.on_merge == OnMerge::Delete,
            takes_orders: self.settings.order_type.is_some(),
            at_once: AT_ONCE,
        }
    }

    /// What is shown of an order is mapped; beside it there is only which order it is.
    fn facts_shown(&self, facts: OrderFacts) -> OrderFacts {
        OrderFacts {
            shop: facts.shop,
            code: facts.code,
            ..OrderFacts::default()
        }
    }

    async fn identity(&mut self) -> Result<Option<Identity>> {
        self.known_identity().await.map(Some)
    }

    async fn holds_contacts_of(&mut self, groups: &[String]) -> Result<bool> {
        self.holds_groups(groups).await
    }

    async fn holds_contacts(&mut self) -> Result<bool> {
        self.holds_any().await
    }

    async fn check(&mut self) -> Result<Vec<String>> {
        self.untold.clear();
        self.problems().await
    }

    fn untold(&self) -> Vec<String> {
        self.untold.clone()
    }

    async fn open_to_look(&mut self) -> Result<Option<Identity>> {
        self.identity().await
    }

    async fn prepare(&mut self) -> Result<Identity> {
        self.known_identity().await
    }

    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        Ok(join_all(asks.iter().map(|ask| self.look_at_contact(ask))).await)
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        Ok(join_all(asks.iter().map(|ask| self.look_at_order(ask))).await)
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>> {
        Ok(join_all(writes.iter().map(|write| self.write_contact(write))).await)
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>> {
        Ok(join_all(writes.iter().map(|write| self.write_order(write))).await)
    }

    async fn erase(&mut self, erasures: &[Erasure]) -> Result<Vec<Result<Erased>>> {
        Ok(join_all(erasures.iter().map(|erasure| self.erase_one(erasure))).await)
    }

    async fn each_record(&mut self, each: &mut EachRecord<'_>) -> Result<()> {
        self.show_each(each).await
    }

    fn key_of_record(&self, record: &str) -> Option<String> {
        names::key_of_contact(record)
    }

    async fn records_after(&mut self, of: Of, after: &str, most: usize) -> Result<Option<Vec<String>>> {
        self.names_after(of, after, most).await
    }

    fn normal_form<'v>(&self, spec: &FieldSpec, value: &'v Value) -> Cow<'v, str> {
        Cow::Owned(self.forms.normal(spec, value))
    }
}
