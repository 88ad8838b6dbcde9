//! A contact out of the state, as complete as the mapping needs it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::shop::ShopInRun;
use crate::error::Result;
use crate::mapping::Needs;
use crate::merge::assemble::{CustomerPart, Has, HomeShop, OrderPart, Parts, assemble};
use crate::merge::{consent, key};
use crate::model::{Contact, Order, OrderOf, OrderStatus, ShopFacts};
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::scan::Everything;
use crate::state::whole_orders::WholeOrder;

/// Reads contacts out of the state.
pub struct Composer<'a> {
    state: &'a State,
    shops: &'a [ShopInRun],
    homes: Vec<HomeShop>,
    statuses: HashMap<i64, OrderStatus>,
    cancelled: HashSet<i64>,
    places: HashMap<i64, usize>,
}

impl<'a> Composer<'a> {
    /// The state it composes from.
    pub const fn state(&self) -> &'a State {
        self.state
    }

    /// A composer over the state as it is now; statuses that come later are not known to it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn new(state: &'a State, shops: &'a [ShopInRun]) -> Result<Self> {
        let places: HashMap<i64, usize> = shops
            .iter()
            .enumerate()
            .map(|(place, shop)| (shop.id, place))
            .collect();
        let mut statuses = HashMap::new();
        let mut cancelled = HashSet::new();
        for (number, shop, status) in state.statuses()? {
            let shop = places.get(&shop).and_then(|place| shops.get(*place));
            if shop.is_some_and(|shop| shop.is_cancelled(&status)) {
                cancelled.insert(number);
            }
            statuses.insert(
                number,
                shop.map_or_else(|| status.clone(), |shop| shop.whole(&status)),
            );
        }
        let homes = shops.iter().map(|shop| shop.home.clone()).collect();
        Ok(Self {
            state,
            shops,
            homes,
            statuses,
            cancelled,
            places,
        })
    }

    /// The shops of this run, in the order of the configuration.
    pub const fn shops(&self) -> &'a [ShopInRun] {
        self.shops
    }

    /// The status with this number.
    pub fn status(&self, number: i64) -> OrderStatus {
        self.statuses.get(&number).cloned().unwrap_or_default()
    }

    /// The shop with this number in the state.
    pub fn shop(&self, number: i64) -> Option<&'a ShopInRun> {
        self.places.get(&number).and_then(|place| self.shops.get(*place))
    }

    /// Everything that makes up a contact, as far as it comes from shops that `allowed` names.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parts(&self, row: &ContactRow, allowed: &dyn Fn(&ShopInRun) -> bool) -> Result<Parts> {
        let everything = Everything {
            customers: self.state.customers_of(row.id)?,
            orders: self.state.orders_of(row.id)?,
        };
        self.parts_of(row, everything, allowed)
    }

    /// The same of what was already read.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn parts_of(
        &self,
        row: &ContactRow,
        everything: Everything,
        allowed: &dyn Fn(&ShopInRun) -> bool,
    ) -> Result<Parts> {
        let place_of = |shop: i64| {
            self.places
                .get(&shop)
                .copied()
                .filter(|place| self.shops.get(*place).is_some_and(allowed))
        };
        let merged_into = match row.merged_into {
            Some(_) => self
                .state
                .contact(self.state.survivor(row.id)?)?
                .map(|survivor| survivor.key),
            None => None,
        };
        let customers = everything.customers.into_iter().filter_map(|found| {
            Some(CustomerPart {
                shop: place_of(found.shop)?,
                customer: found.customer,
                gone: found.gone,
            })
        });
        let orders = everything.orders.into_iter().filter_map(|found| {
            let shop = place_of(found.shop)?;
            let mut narrow = found.order;
            narrow.status = self.status(found.status);
            narrow.url = self.shops.get(shop)?.order_url(&narrow.url);
            Some(OrderPart {
                id: found.id,
                shop,
                narrow,
                total_home: found.total_home,
                email: found.email,
                phone: found.phone,
                has: Has(found.has),
                cancelled: self.cancelled.contains(&found.status),
            })
        });
        let mut currencies = self
            .shops
            .iter()
            .filter(|shop| shop.settings.group == row.group && allowed(shop))
            .map(|shop| shop.home.currency.as_str());
        let currency = currencies.next();
        Ok(Parts {
            currencies_differ: currencies.any(|other| Some(other) != currency),
            key: row.key.clone(),
            gone_at: row.gone_at,
            merged_into,
            erased: row.erased,
            customers: customers.collect(),
            orders: orders.collect(),
        })
    }

    /// The contact that the parts make up, with its orders as far as `needs` says.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact(&self, mut parts: Parts, needs: Needs) -> Result<Contact> {
        // Most contacts need their newest order, and need it several times.
        let mut last: Option<(i64, Rc<Order>)> = None;
        let mut load = |id: i64| match &last {
            Some((known, order)) if *known == id => Ok(Rc::clone(order)),
            _ => {
                let order = Rc::new(self.state.wide_order(id)?);
                last = Some((id, Rc::clone(&order)));
                Ok(order)
            }
        };
        let mut contact = assemble(&mut parts, &self.homes, &mut load)?;
        if needs.newsletter {
            let by_lists = self.newsletter(&parts, &contact.email)?;
            contact.newsletter = by_lists.or(contact.newsletter);
        }
        if needs.order_details || needs.items {
            let of = |part: &OrderPart| -> Result<OrderOf> {
                let order = self.whole(self.state.whole_order(part.id)?)?;
                Ok(OrderOf {
                    shop: self.facts(part.shop),
                    order,
                })
            };
            contact.last_order = parts.orders.first().map(of).transpose()?;
            contact.first_order = parts.orders.last().map(of).transpose()?;
            if needs.orders {
                contact.orders = parts.orders.iter().map(of).collect::<Result<_>>()?;
            }
        } else if needs.orders {
            let of = |part: OrderPart| OrderOf {
                shop: self.facts(part.shop),
                order: part.narrow,
            };
            contact.orders = parts.orders.into_iter().map(of).collect();
        }
        Ok(contact)
    }

    /// Whether the owner of a contact's main e-mail wants the newsletter, by the lists of the first of
    /// its shops that knows: those where it is a customer, then the others.
    fn newsletter(&self, parts: &Parts, email: &str) -> Result<Option<bool>> {
        if email.is_empty() {
            return Ok(None);
        }
        let mut live: Vec<usize> = Vec::new();
        let mut others: Vec<usize> = parts.orders.iter().map(|part| part.shop).collect();
        for part in &parts.customers {
            if part.gone { &mut others } else { &mut live }.push(part.shop);
        }
        for places in [&mut live, &mut others] {
            places.sort_unstable();
            places.dedup();
        }
        let email = key::hash64(email);
        for place in live.into_iter().chain(others) {
            let Some(shop) = self.shops.get(place) else {
                continue;
            };
            let known = consent::verdict(self.state.consents_of(shop.id, email)?);
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }

    /// A stored order with everything.
    ///
    /// # Errors
    /// When what was stored is damaged.
    pub fn whole(&self, stored: WholeOrder) -> Result<Order> {
        let status = self.status(stored.status);
        let shop = self.shop(stored.shop);
        let order = stored.open()?;
        let url = shop.map(|shop| shop.order_url(&order.url)).unwrap_or_default();
        Ok(Order { status, url, ..order })
    }

    /// Name and address of a shop by its place.
    pub fn facts(&self, place: usize) -> ShopFacts {
        self.homes
            .get(place)
            .map(|home| home.facts.clone())
            .unwrap_or_default()
    }
}
