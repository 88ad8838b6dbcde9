//! Orders made, with their lines.

use serde_json::Value as Json;

use super::api::Told;
use super::crm::Crm;
use super::failure;
use super::fields::Field;
use super::filling::not_worked_through;
use super::items::lines;
use super::order_writing::{WRITING, Way};
use super::orders_there::subject;
use super::parts::{self, ContactParts};
use super::transitions::Stage;
use super::wire::{Record, id_in};
use crate::error::{Error, Kind, Result};
use crate::model::{OrderFacts, OrderWrite, Written};

impl Crm {
    /// One write, and the shortest way to its stage.
    ///
    /// # Errors
    /// As [`Crm::write_order`].
    pub async fn make_order(&self, write: &OrderWrite) -> Result<Written> {
        let contact = self.host(&write.contact).await?;
        let contact = contact.ok_or_else(|| not_worked_through(WRITING))?;
        let host: ContactParts = parts::of(&write.contact_parts);
        if host.was_known
            && let Some(number) = self.forgotten_order(&write.key, contact).await?
        {
            return self.take_over(write, number).await;
        }
        let Some(facts) = &write.facts else {
            return Err(Error::new(
                Kind::BadRecord,
                WRITING,
                "nothing is known of it that could be written",
            ));
        };
        let wanted = self.stage_wanted(write)?;
        let custom = self.custom_fields(write)?;
        let order = self.new_order(contact, facts)?;
        self.begin_order(&write.key).await?;
        let made = match self.api.post(&["Order"], Some(&order), WRITING).await {
            Ok(Told::Done(Json::Object(made))) => made,
            Ok(Told::Done(_)) => return Err(failure::not_understood(WRITING)),
            Ok(Told::NotNow) => return Err(Error::new(Kind::Refused, WRITING, "it answered 405")),
            Ok(Told::NotThere) => return Err(self.without_contact(contact, failure::gone(WRITING)).await),
            Err(error) if error.kind() == Kind::Refused || failure::is_internal(&error) => {
                return Err(self.without_contact(contact, error).await);
            }
            Err(error) => return Err(error),
        };
        let number = id_in(&made, "Id").ok_or_else(|| failure::not_understood(WRITING))?;
        self.orders.made(&write.key, number);
        let mut way = Way {
            number,
            code: &facts.code,
            stage: Stage::Draft,
            card: id_in(&made, "ProjectId"),
            told: Vec::new(),
        };
        let finished = self.finish(&mut way, &custom, wanted).await;
        Ok(self.written(write, way, finished))
    }

    /// An order of an earlier state: nobody knows what of it is ours, so only what is empty is filled.
    async fn take_over(&self, write: &OrderWrite, number: u64) -> Result<Written> {
        let fields: Vec<&Field> = self.order_fields.iter().flatten().collect();
        let Some(read) = self.order_read(number, &fields, None).await? else {
            return Err(failure::gone(WRITING));
        };
        let there = |place: usize| match self.order_fields.get(place).and_then(Option::as_ref) {
            _ if place == 0 => read
                .stage
                .filter(|stage| *stage != Stage::Draft)
                .map_or("", Stage::word)
                .to_owned(),
            Some(field) => field.kind.normal(&read.text_in(&field.name)),
            None => String::new(),
        };
        let stands: Vec<(usize, String)> = write
            .set
            .iter()
            .map(|(place, _)| (*place, there(*place)))
            .collect();
        let is_empty = |place: usize| {
            stands
                .iter()
                .any(|(known, text)| *known == place && text.is_empty())
        };
        let set = write
            .set
            .iter()
            .filter(|(place, _)| is_empty(*place))
            .cloned()
            .collect();
        self.orders.keep(number, read);
        let filled = OrderWrite { set, ..write.clone() };
        let mut written = self.change_order(&filled, number).await?;
        let shown = written.shown.get_or_insert_default();
        shown.extend(stands.into_iter().filter(|(_, text)| !text.is_empty()));
        Ok(written)
    }

    /// Where an order is refused because its contact is not there any more, the contact has to be looked at again.
    async fn without_contact(&self, contact: u64, error: Error) -> Error {
        match self.contact(contact).await {
            Ok(None) => Error::new(
                Kind::NotFound,
                WRITING,
                "the contact it hangs on is not there any more",
            ),
            Ok(Some(_)) => error,
            Err(unknown) => unknown,
        }
    }

    fn new_order(&self, contact: u64, facts: &OrderFacts) -> Result<Record> {
        if facts.currency.is_empty() {
            return Err(Error::new(
                Kind::BadRecord,
                WRITING,
                "the shop does not tell its currency, and MiniCRM asks for it",
            ));
        }
        let lines: Vec<Json> = lines(facts).iter().map(|line| line.record(None).into()).collect();
        let mut order = Record::new();
        order.insert("CustomerId".to_owned(), contact.to_string().into());
        order.insert("CurrencyCode".to_owned(), facts.currency.as_str().into());
        order.insert("Subject".to_owned(), self.subject(facts).into());
        order.insert("Items".to_owned(), lines.into());
        Ok(order)
    }

    fn subject(&self, facts: &OrderFacts) -> String {
        subject(&facts.shop, &facts.code, self.settings.has_several_shops)
    }
}
