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
mod contacts;
mod countries;
mod crm;
mod erase;
mod failure;
mod fields;
mod items;
mod kinds;
mod marks;
mod order_writing;
mod orders;
mod orders_there;
mod owners;
mod parts;
mod schema;
mod search;
pub mod settings;
mod times;
mod transitions;
mod wire;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _};

use self::api::Api;
use self::cards::{REFERENCE, group_of};
use self::crm::Crm;
use self::settings::MiniCrmSettings;
use self::wire::{id_in, text_in};
use super::{Identity, Layout, Of, Target, Ways};
use crate::error::{Error, Kind, Result};
use crate::http::Pace;
use crate::model::{
    Ask, ContactWrite, Erased, Erasure, FieldSpec, Look, OrderFacts, OrderWrite, Value, Written,
};

pub use transitions::STAGE_WORDS;

/// Records worked on side by side. The limit of requests decides how fast it goes, not this.
const SIDE_BY_SIDE: usize = 4;

/// Cards that are looked at to see whether they are ours.
const LOOKED_AT: usize = 3;

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
        }
    }

    /// The external ids of some cards of our product, asked once: nobody can search for those of ours.
    async fn sampled(&mut self) -> Result<Vec<String>> {
        if let Some(known) = &self.sampled {
            return Ok(known.clone());
        }
        let category = self.settings.category_id.to_string();
        let crm = self.opened().await?;
        let query = [("CategoryId", category.as_str())];
        let page = crm
            .api
            .page(&["R3", "Project"], &query, 0, "looking for cards of ours")
            .await?;
        let last = page.entries.len().saturating_sub(1);
        let mut places = vec![last, 0, last / 2];
        places.dedup();
        let mut references = Vec::new();
        for (card, _) in places
            .into_iter()
            .take(LOOKED_AT)
            .filter_map(|place| page.entries.get(place))
        {
            let card = crm.card(*card).await?;
            references.extend(card.map(|(_, card)| text_in(&card, REFERENCE)));
        }
        Ok(self.sampled.insert(references).clone())
    }

    /// Reads what its fields can hold, once.
    async fn opened(&mut self) -> Result<&Crm> {
        if self.crm.is_none() {
            let api = Api::new(&self.settings, &self.pace, Some(&self.notes))?;
            let schemas = check::schemas(&api, &self.settings, &self.layout).await?;
            self.crm = Some(Crm::new(api, self.settings.clone(), self.layout.clone(), schemas));
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
            at_once: SIDE_BY_SIDE,
        }
    }

    /// Its status shows as the stage, and all else as mapped fields.
    fn facts_shown(&self, facts: OrderFacts) -> OrderFacts {
        OrderFacts {
            shop: facts.shop,
            code: facts.code,
            total: facts.total,
            currency: facts.currency,
            items: facts.items,
            ..OrderFacts::default()
        }
    }

    async fn identity(&mut self) -> Result<Option<Identity>> {
        let references = self.sampled().await?;
        Ok(Some(Identity {
            holds_ours: references.iter().any(|reference| group_of(reference).is_some()),
            id: self.settings.identity(),
            delivery: None,
        }))
    }

    async fn holds_contacts_of(&mut self, groups: &[String]) -> Result<bool> {
        let is_of_them = |reference: &String| {
            let group = group_of(reference);
            group.is_some_and(|group| groups.iter().any(|known| known == group))
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
        let crm = self.opened().await?;
        Ok(side_by_side(asks.iter().map(|ask| crm.look(ask)).collect()).await)
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        let crm = self.opened().await?;
        crm.orders.forget_read();
        Ok(side_by_side(asks.iter().map(|ask| crm.look_at_order(ask)).collect()).await)
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>> {
        let crm = self.opened().await?;
        Ok(side_by_side(writes.iter().map(|write| crm.write_contact(write)).collect()).await)
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>> {
        let crm = self.opened().await?;
        Ok(side_by_side(writes.iter().map(|write| crm.write_order(write)).collect()).await)
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

impl Crm {
    /// The contacts of all cards of our product, in the order of their numbers: a hundred a request.
    async fn listed_contacts(&self) -> Result<Vec<u64>> {
        let category = self.settings.category_id.to_string();
        let query = [("CategoryId", category.as_str())];
        let mut contacts = BTreeSet::new();
        for number in 0.. {
            let doing = "listing the cards of MiniCRM";
            let page = self.api.page(&["R3", "Project"], &query, number, doing).await?;
            for (_, card) in &page.entries {
                contacts.extend(
                    ["ContactId", "BusinessId"]
                        .iter()
                        .filter_map(|field| id_in(card, field)),
                );
            }
            if !page.is_followed(number) {
                break;
            }
        }
        Ok(contacts.into_iter().collect())
    }
}
