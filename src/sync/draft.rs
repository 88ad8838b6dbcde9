//! What a target shall hold of a contact or an order, by the mapping; the same for every way of delivering it.

use super::compose::Composer;
use super::target::TargetInRun;
use crate::error::{Call, Error, Kind, Result};
use crate::mapping::Stage;
use crate::merge::assemble::Parts;
use crate::merge::key;
use crate::model::{Contact, Order, OrderFacts, OrderOf, OrderStatus, Value};
use crate::state::State;
use crate::state::whole_orders::WholeOrder;

/// What a target shall hold of a contact.
#[derive(Debug, Clone)]
pub enum ContactWish {
    /// These values, parallel to the contact layout.
    Values(Box<Contact>, Vec<Value>),
    /// It does not go there.
    LeftOut,
    /// It cannot be mapped.
    Park(Error),
}

/// What a target shall hold of an order.
#[derive(Debug, Clone)]
pub enum OrderWish {
    /// This.
    Draft(OrderDraft),
    /// Its shop is not delivered there.
    LeftOut,
    /// It cannot be mapped.
    Park(UnfitOrder),
}

/// An order that cannot go to a target as it is.
#[derive(Debug, Clone)]
pub struct UnfitOrder {
    /// Which.
    pub name: OrderName,
    /// Why.
    pub error: Error,
    /// Its status, where it is that one that is not mapped.
    pub unmapped: Option<String>,
}

/// By what an order is known.
#[derive(Debug, Clone)]
pub struct OrderName {
    /// Its number in the state.
    pub id: i64,
    /// Name of its shop.
    pub shop: String,
    /// `SHOP:CODE`
    pub key: String,
}

/// An order as a target shall hold it.
#[derive(Debug, Clone)]
pub struct OrderDraft {
    /// Which.
    pub name: OrderName,
    /// What the shop says.
    pub facts: OrderFacts,
    /// Stage and mapped fields, parallel to the order layout.
    pub values: Vec<Value>,
}

impl TargetInRun {
    /// What this target shall hold of a contact. One that was delivered before stays followed though
    /// `only` no longer holds.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact_wish(
        &self,
        composer: &Composer<'_>,
        parts: Parts,
        was_delivered: bool,
    ) -> Result<ContactWish> {
        self.wish_of(composer.contact(parts, self.mapping.needs())?, was_delivered)
    }

    /// The same of a contact that is composed already.
    ///
    /// # Errors
    /// When its failure concerns more than this contact.
    pub fn wish_of(&self, contact: Contact, was_delivered: bool) -> Result<ContactWish> {
        let wanted = if was_delivered {
            Ok(true)
        } else {
            self.mapping.wants(&contact)
        };
        let values = match wanted {
            Ok(true) => self.mapping.contact_values(&contact),
            Ok(false) => return Ok(ContactWish::LeftOut),
            Err(error) => Err(error),
        };
        match values {
            Ok(values) => Ok(ContactWish::Values(Box::new(contact), values)),
            Err(error) if error.kind().calls_for() == Call::Park => Ok(ContactWish::Park(error)),
            Err(error) => Err(error),
        }
    }

    /// What this target shall hold of an order.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn order_wish(
        &self,
        state: &State,
        composer: &Composer<'_>,
        stored: WholeOrder,
    ) -> Result<OrderWish> {
        let Some(shop) = composer.shop(stored.shop).filter(|shop| self.takes(shop)) else {
            return Ok(OrderWish::LeftOut);
        };
        let name = OrderName {
            id: stored.id,
            shop: shop.settings.name.clone(),
            key: key::order(&shop.settings.name, &stored.order.code),
        };
        let status = composer.status(stored.status);
        let gone_at = stored.gone_at;
        let Some(stage) = self.stage(&name.shop, &status, gone_at.is_some()) else {
            return Ok(OrderWish::Park(UnfitOrder {
                name,
                error: unmapped(&self.settings.name, &status),
                unmapped: Some(shown_name(&status)),
            }));
        };
        let mut values = vec![stage];
        if !self.mapping.order_specs().is_empty() {
            match self.mapped_order_fields(state, composer, &stored)? {
                Ok(more) => values.extend(more),
                Err(error) => {
                    return Ok(OrderWish::Park(UnfitOrder {
                        name,
                        error,
                        unmapped: None,
                    }));
                }
            }
        }
        let (order, coupons) = (stored.order, stored.coupons);
        let facts = OrderFacts {
            shop: name.shop.clone(),
            status: shown_name(&status),
            url: shop.order_url(&order.url),
            code: order.code,
            placed_at: order.placed_at,
            total: order.total,
            currency: order.currency,
            paid: order.paid,
            coupons,
            items: order.items.into_json(),
            gone_at,
        };
        Ok(OrderWish::Draft(OrderDraft { name, facts, values }))
    }

    fn mapped_order_fields(
        &self,
        state: &State,
        composer: &Composer<'_>,
        stored: &WholeOrder,
    ) -> Result<Result<Vec<Value>>> {
        let contact = match state.contact(stored.contact)? {
            Some(row) => {
                let parts = composer.parts(&row, &|shop| self.takes(shop))?;
                composer.contact(parts, self.mapping.order_needs())?
            }
            None => Contact::default(),
        };
        let shop = composer
            .shop(stored.shop)
            .map(|shop| shop.home.facts.clone())
            .unwrap_or_default();
        let order: Order = composer.whole(stored.clone())?;
        match self.mapping.order_values(&contact, &OrderOf { shop, order }) {
            Err(error) if error.kind().calls_for() != Call::Park => Err(error),
            mapped => Ok(mapped),
        }
    }

    /// The stage of an order; `None` when its status is not mapped and such orders are parked.
    fn stage(&self, shop: &str, status: &OrderStatus, gone: bool) -> Option<Value> {
        let word = match (
            self.mapping.deleted_stage().filter(|_| gone),
            self.mapping.stage(shop, status),
        ) {
            (Some(word), _) | (None, Stage::Mapped(word)) => word.to_owned(),
            (None, Stage::Kept) if self.settings.connection.is_service() => String::new(),
            (None, Stage::Kept) => shown_name(status),
            (None, Stage::Unmapped) => return None,
        };
        Some(if word.is_empty() {
            Value::Empty
        } else {
            Value::Text(word)
        })
    }
}

/// A status by name; by id where the shop gave it no name.
pub fn shown_name(status: &OrderStatus) -> String {
    match status.id {
        Some(id) if status.name.is_empty() => id.to_string(),
        _ => status.name.clone(),
    }
}

/// Why an order with this status is parked: names the status and the line that would mend it.
fn unmapped(target: &str, status: &OrderStatus) -> Error {
    let name = shown_name(status);
    Error::new(
        Kind::BadRecord,
        format!("delivering an order to {target}"),
        format!("the status \"{name}\" is not mapped; add to [target.statuses]: \"{name}\" = \"…\""),
    )
}
