//! What is known of the orders there. Drafts cannot be listed, so an order is found by going through the numbers.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::crm::Crm;
use super::orders::OrderRead;
use super::wire::{id_in, text_in};
use crate::error::{Error, Kind, Result};

/// After so many numbers without an order there is none any more: a number may be left out, not so many.
const NUMBERS_LEFT_OUT: u64 = 20;

/// Where none was seen yet, they may begin only behind so many.
const NUMBERS_BEFORE_THE_FIRST: u64 = 500;

/// The list tells the highest number of an issued order only; ours may be a little below.
const BELOW_THE_LIST: u64 = 100;

/// More orders than these are not gone through for one whose answer was lost.
const MOST: u64 = 2_000;

/// Orders that were gone through are remembered up to here, in a few megabytes.
const REMEMBERED: usize = 50_000;

const LOOKING: &str = "looking for an order in MiniCRM";

/// What is known.
#[derive(Default)]
pub struct OrdersThere(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The highest number that was seen.
    highest: Option<u64>,
    /// Up to this number there is no order.
    none_up_to: u64,
    /// Whether the list of issued orders was read.
    is_listed: bool,
    /// The highest number when we began to make an order; `None` where none was known.
    begun: HashMap<String, Option<u64>>,
    /// Contact and subject of those that were gone through.
    seen: HashMap<u64, (Option<u64>, String)>,
    /// Those that were looked at to be written next.
    read: HashMap<u64, OrderRead>,
}

/// From where on an order may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Above {
    /// Above this number, for certain.
    Certain(u64),
    /// Above this number, unless it is a draft among older ones.
    Likely(u64),
}

impl OrdersThere {
    /// The highest number that was seen; `None` where none was.
    pub fn highest(&self) -> Option<u64> {
        self.known().highest
    }

    /// An order with this number is there.
    pub fn saw(&self, number: u64) {
        let mut known = self.known();
        known.highest = known.highest.max(Some(number));
    }

    /// An order is about to be made.
    fn begin(&self, key: &str) {
        let mut known = self.known();
        let highest = known.highest;
        // The first try may have made it.
        known.begun.entry(key.to_owned()).or_insert(highest);
    }

    /// It was made, under a number that is known now.
    pub fn made(&self, key: &str, number: u64) {
        self.known().begun.remove(key);
        self.saw(number);
    }

    /// What was read of an order is kept for the write that follows.
    pub fn keep(&self, number: u64, read: OrderRead) {
        self.known().read.insert(number, read);
    }

    /// What was read of an order just now.
    pub fn take_read(&self, number: u64) -> Option<OrderRead> {
        self.known().read.remove(&number)
    }

    /// Others are looked at: what was read before is of no use.
    pub fn forget_read(&self) {
        self.known().read.clear();
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Crm {
    /// Notes from which number on an order may be that is about to be made.
    ///
    /// # Errors
    /// When the list of orders cannot be read.
    pub async fn begin_order(&self, key: &str) -> Result<()> {
        self.highest_listed().await?;
        self.orders.begin(key);
        Ok(())
    }

    /// The highest number of an issued order, asked once.
    async fn highest_listed(&self) -> Result<Option<u64>> {
        if !self.orders.known().is_listed {
            // Those that were changed last come first.
            let page = self.api.page(&["Order", "List"], &[], 0, LOOKING).await?;
            let highest = page.entries.iter().map(|(id, _)| *id).max();
            let mut known = self.orders.known();
            known.is_listed = true;
            known.highest = known.highest.max(highest);
        }
        Ok(self.orders.highest())
    }

    /// From where on an order may be whose answer was lost; `None` where nobody can say.
    async fn order_is_above(&self, key: &str, since_contact: Option<u64>) -> Result<Option<Above>> {
        let begun = self.orders.known().begun.get(key).copied().flatten();
        if let Some(number) = begun.or(since_contact) {
            return Ok(Some(Above::Certain(number)));
        }
        let highest = self.highest_listed().await?;
        Ok(highest.map(|highest| Above::Likely(highest.saturating_sub(BELOW_THE_LIST))))
    }

    /// The number of an order of a contact whose answer was lost, if it was made.
    ///
    /// # Errors
    /// When nobody can say, and a person has to look; or when the service does not answer.
    pub async fn lost_order(
        &self,
        key: &str,
        contact: u64,
        since_contact: Option<u64>,
    ) -> Result<Option<u64>> {
        let above = self.order_is_above(key, since_contact).await?;
        let from = match above {
            Some(Above::Certain(number) | Above::Likely(number)) => number,
            None => 0,
        };
        match self.order_among(key, contact, from).await? {
            Some(number) => Ok(Some(number)),
            None if above.is_some() => Ok(None),
            None => Err(nobody_can_say()),
        }
    }

    /// Goes through the numbers above one, up to where there are none any more.
    async fn order_among(&self, key: &str, contact: u64, above: u64) -> Result<Option<u64>> {
        let (mut number, mut left_out, mut gone_through) = (above, 0, 0);
        while left_out < left_out_at_most(above == 0 && gone_through == 0) {
            number += 1;
            match self.contact_and_subject(number).await? {
                Some((owner, subject)) if owner == Some(contact) && is_subject_of(&subject, key) => {
                    return Ok(Some(number));
                }
                Some(_) => (left_out, gone_through) = (0, gone_through + 1),
                None => left_out += 1,
            }
            if gone_through > MOST {
                return Err(nobody_can_say());
            }
        }
        Ok(None)
    }

    /// The order of a contact that an earlier state may have made: whoever knew its number knows it no more, so all
    /// orders are gone through, once.
    ///
    /// # Errors
    /// When the service does not answer.
    pub async fn forgotten_order(&self, key: &str, contact: u64) -> Result<Option<u64>> {
        let record = self.contact(contact).await?.unwrap_or_default();
        let orders_or_others = self.card_ids_of(contact, &record, None).await?;
        if orders_or_others.len() < 2 {
            // Nothing hangs on it but the card that is its own.
            return Ok(None);
        }
        let highest = self.highest_listed().await?.unwrap_or_default();
        let (mut number, mut left_out) = (self.orders.known().none_up_to, 0);
        let mut is_before_the_first = number == 0;
        while number < highest || left_out < left_out_at_most(is_before_the_first) {
            number += 1;
            let Some((owner, subject)) = self.contact_and_subject(number).await? else {
                left_out += 1;
                continue;
            };
            if is_before_the_first {
                is_before_the_first = false;
                self.orders.known().none_up_to = number - 1;
            }
            left_out = 0;
            if owner == Some(contact) && is_subject_of(&subject, key) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    async fn contact_and_subject(&self, number: u64) -> Result<Option<(Option<u64>, String)>> {
        if let Some(seen) = self.orders.known().seen.get(&number) {
            return Ok(Some(seen.clone()));
        }
        let Some(order) = self.order(number).await? else {
            return Ok(None);
        };
        let seen = (id_in(&order, "CustomerId"), text_in(&order, "Subject"));
        self.orders.saw(number);
        let mut known = self.orders.known();
        if known.seen.len() < REMEMBERED {
            known.seen.insert(number, seen.clone());
        }
        Ok(Some(seen))
    }
}

/// What an order of ours is called there: its code, with the shop where there are several.
pub fn subject(shop: &str, code: &str, has_several_shops: bool) -> String {
    match has_several_shops {
        true => format!("{code} ({shop})"),
        false => code.to_owned(),
    }
}

/// Whether an order is called so that it is the one of a key, `SHOP:CODE`.
fn is_subject_of(text: &str, key: &str) -> bool {
    let (shop, code) = key.split_once(':').unwrap_or(("", key));
    let text = text.trim();
    text == code || text == subject(shop, code, true)
}

/// After how many numbers without an order there is none any more.
const fn left_out_at_most(is_before_the_first: bool) -> u64 {
    match is_before_the_first {
        true => NUMBERS_BEFORE_THE_FIRST,
        false => NUMBERS_LEFT_OUT,
    }
}

fn nobody_can_say() -> Error {
    let cause = "the answer to its creation was lost, drafts cannot be listed, and nobody knows where among the orders \
        it would be; look for it in MiniCRM by its code, delete it or note that it is not there, and `parked retry`";
    Error::new(Kind::BadRecord, LOOKING, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_told_by_its_code_and_where_there_are_several_shops_by_theirs() {
        assert_eq!(subject("main", "2024000001", false), "2024000001");
        assert_eq!(subject("czech", "2024000001", true), "2024000001 (czech)");
        assert!(is_subject_of("2024000001", "czech:2024000001"));
        assert!(is_subject_of(" 2024000001 (czech) ", "czech:2024000001"));
        assert!(!is_subject_of("2024000001 (slovak)", "czech:2024000001"));
        assert!(!is_subject_of("12024000001", "czech:2024000001"));
    }

    #[test]
    fn the_first_try_decides_from_where_on_an_order_may_be() {
        let orders = OrdersThere::default();
        orders.saw(80);
        orders.begin("main:1");
        orders.saw(95);
        orders.begin("main:1");
        assert_eq!(orders.known().begun["main:1"], Some(80));
        orders.made("main:1", 81);
        assert_eq!((orders.highest(), orders.known().begun.len()), (Some(95), 0));
    }
}
