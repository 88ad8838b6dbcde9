//! A MiniCRM R3 system: a contact (person or company) with an address and a card of the Webshop product, and an order
//! with its lines.
//!
//! What the interface lacks decides the form of this target. Making a record twice makes two, so whatever got no
//! answer is looked for before it is made again: a contact by the key on its card, then by what was written; an order,
//! of which drafts cannot be listed, by going through the numbers. Addresses cannot be deleted and lines are appended,
//! so their ids are remembered or read. An order moves from stage to stage by verbs alone. And all of it takes place
//! at sixty requests a minute.
//!
//! Facts are from the vendor's manual ("MiniCRM Integrations Manual", 2025), its pages and plug-ins, and from clients
//! that were tried on a real system; what none of them says is called assumed where it is used.

mod addresses;
mod api;
mod cards;
mod check;
mod contact_writing;
mod contacts;
mod countries;
mod crm;
mod erase;
mod failure;
mod feed;
mod fields;
mod filling;
mod filling_contacts;
mod filling_orders;
mod items;
mod kinds;
mod listing;
mod made;
mod marks;
mod order_making;
mod order_writing;
mod orders;
mod orders_there;
mod owners;
mod parts;
mod record_id;
mod schema;
mod search;
pub mod settings;
mod times;
mod transitions;
mod wire;

use std::borrow::Cow;
use std::path::PathBuf;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::api::Api;
use self::cards::{group_of, is_of_ours};
use self::crm::Crm;
use self::feed::is_number_of_ours;
use self::record_id::RecordId;
use self::settings::MiniCrmSettings;
use super::{Identity, Layout, Of, Target, Ways};
use crate::error::{Error, Kind, Result};
use crate::http::Pace;
use crate::model::{
    Ask, ContactWrite, Erased, Erasure, FieldSpec, Look, OrderFacts, OrderWrite, Value, Written,
};

pub use transitions::STAGE_WORDS;

/// Records worked on side by side. The limit of requests decides how fast it goes, not this.
const SIDE_BY_SIDE: usize = 4;

/// The system; the way to it is opened when it is first needed.
pub struct MiniCrmTarget {
    settings: MiniCrmSettings,
    layout: Layout,
    pace: Pace,
    /// The folder in which it is noted how often it was asked.
    notes: PathBuf,
    crm: Option<Crm>,
    /// Contacts that are there, while they are compared with the ID map.
    listed: Vec<u64>,
    /// External ids of some cards, once they were read.
    sampled: Option<Vec<String>>,
    /// Whether there are so many to make that they go by XML.
    is_filling: bool,
}

impl MiniCrmTarget {
    /// A system, written with this layout. What was used of its limits is noted in the folder `notes`.
    pub fn new(settings: MiniCrmSettings, layout: Layout, pace: Pace, notes: PathBuf) -> Self {
        Self {
            settings,
            layout,
            pace,
            notes,
            crm: None,
            listed: Vec::new(),
            sampled: None,
            is_filling: false,
        }
    }

    /// The external ids of some cards of our product, asked once.
    async fn sampled(&mut self) -> Result<Vec<String>> {
        if let Some(known) = &self.sampled {
            return Ok(known.clone());
        }
        let references = self.opened().await?.sample().await?;
        Ok(self.sampled.insert(references).clone())
    }

    /// Reads what its fields can hold, once.
    async fn opened(&mut self) -> Result<&Crm> {
        if self.crm.is_none() {
            let api = Api::new(&self.settings, &self.pace, Some(&self.notes))?;
            let schemas = check::schemas(&api, &self.settings, &self.layout).await?;
            let (settings, layout) = (self.settings.clone(), self.layout.clone());
            self.crm = Some(Crm::new(api, settings, layout, schemas, self.pace.clone()));
        }
        self.crm.as_ref().ok_or_else(|| {
            Error::new(
                Kind::Database,
                format!("opening {}", self.settings.place()),
                "it is closed",
            )
        })
    }
}

/// Carries out one thing for each of some records, a few side by side; answers in their order.
async fn side_by_side<T: Send>(each: Vec<impl Future<Output = T> + Send>) -> Vec<T> {
    stream::iter(each).buffered(SIDE_BY_SIDE).collect().await
}

#[async_trait]
impl Target for MiniCrmTarget {
    fn ways(&self) -> Ways {
        Ways {
            is_service: true,
            keeps_marks: self.settings.marker.is_some(),
            takes_orders: true,
            at_once: match self.is_filling {
                true => filling::TOGETHER,
                false => SIDE_BY_SIDE,
            },
        }
    }

    fn expects(&mut self, contacts: u64) {
        self.is_filling = self.settings.sync_feed_id.is_some() && contacts >= filling::MANY;
    }

    async fn holds_contacts(&mut self) -> Result<bool> {
        Ok(self.opened().await?.page_of_contacts(0).await?.count > 0)
    }

    /// Its status shows as the stage, and all else as mapped fields.
    fn facts_shown(&self, facts: OrderFacts) -> OrderFacts {
        OrderFacts {
            shop: facts.shop,
            code: facts.code,
            placed_at: facts.placed_at,
            total: facts.total,
            currency: facts.currency,
            items: facts.items,
            ..OrderFacts::default()
        }
    }

    async fn identity(&mut self) -> Result<Option<Identity>> {
        let references = self.sampled().await?;
        Ok(Some(Identity {
            holds_ours: references.iter().any(|reference| is_of_ours(reference)),
            id: self.settings.identity(),
            delivery: None,
        }))
    }

    async fn holds_contacts_of(&mut self, groups: &[String]) -> Result<bool> {
        let is_of_them = |reference: &String| {
            let group = group_of(reference);
            // A number does not say whose it is.
            group.map_or_else(
                || is_number_of_ours(reference),
                |group| groups.iter().any(|known| known == group),
            )
        };
        Ok(self.sampled().await?.iter().any(is_of_them))
    }

    async fn check(&mut self) -> Result<Vec<String>> {
        check::check(self.opened().await?).await
    }

    async fn open_to_look(&mut self) -> Result<Option<Identity>> {
        self.opened().await?;
        self.identity().await
    }

    async fn prepare(&mut self) -> Result<Identity> {
        if let Some(problem) = self.check().await?.into_iter().next() {
            let doing = format!("preparing {}", self.settings.place());
            return Err(Error::new(Kind::Configuration, doing, problem));
        }
        let there = self.identity().await?;
        there.ok_or_else(|| Error::new(Kind::Database, "preparing MiniCRM", "it has no number"))
    }

    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        let is_filling = self.is_filling;
        let crm = self.opened().await?;
        if is_filling {
            crm.list_emails().await?;
        }
        Ok(side_by_side(asks.iter().map(|ask| crm.look(ask)).collect()).await)
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        let crm = self.opened().await?;
        crm.orders.forget_read();
        Ok(side_by_side(asks.iter().map(|ask| crm.look_at_order(ask)).collect()).await)
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>> {
        let is_filling = self.is_filling;
        let crm = self.opened().await?;
        let by_xml = crm.upload_contacts(writes, is_filling).await?;
        let each = writes.iter().zip(by_xml).map(|(write, written)| async move {
            match written {
                Some(written) => written,
                None => crm.write_contact(write).await,
            }
        });
        Ok(side_by_side(each.collect()).await)
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>> {
        let is_filling = self.is_filling;
        let crm = self.opened().await?;
        let by_xml = crm.upload_orders(writes, is_filling).await?;
        let each = writes.iter().zip(by_xml).map(|(write, written)| async move {
            match written {
                Some(written) => written,
                None => crm.write_order(write).await,
            }
        });
        Ok(side_by_side(each.collect()).await)
    }

    async fn erase(&mut self, erasures: &[Erasure]) -> Result<Vec<Result<Erased>>> {
        let crm = self.opened().await?;
        Ok(side_by_side(erasures.iter().map(|erasure| crm.erase(erasure)).collect()).await)
    }

    /// Contacts by their cards, a page after the other. Orders cannot be listed.
    async fn records_after(&mut self, of: Of, after: &str, most: usize) -> Result<Option<Vec<String>>> {
        if of == Of::Orders {
            return Ok(None);
        }
        let after: u64 = after.parse().unwrap_or_default();
        if after == 0 {
            self.listed = self.opened().await?.listed_contacts().await?;
        }
        let rest = self.listed.iter().filter(|contact| **contact > after).take(most);
        let page: Vec<String> = rest.map(u64::to_string).collect();
        if page.is_empty() {
            self.listed = Vec::new();
        }
        Ok(Some(page))
    }

    fn is_listed(&self, record: &str) -> bool {
        !matches!(RecordId::of(record), Some(RecordId::Xml(_)))
    }

    fn normal_form<'v>(&self, spec: &FieldSpec, value: &'v Value) -> Cow<'v, str> {
        let Some(crm) = &self.crm else {
            return value.canonical();
        };
        match fields::Field::named(&spec.name, &crm.schemas) {
            Some(field) => field.kind.normal_value(value),
            None => value.canonical(),
        }
    }
}
