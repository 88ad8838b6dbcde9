//! Records of people who are forgotten: anonymised in place. MiniCRM deletes a person only who is on no card, and
//! neither companies nor addresses at all, so the rest is said to a person.

use serde_json::Value;

use super::addresses;
use super::cards::{REFERENCE, is_of_ours};
use super::crm::Crm;
use super::fields::{Contact, Part};
use super::filling::not_worked_through;
use super::kinds::FieldKind;
use super::record_id::RecordId;
use super::search::kind_of;
use super::wire::{Record, text_in};
use crate::error::{Error, Kind, Result};
use crate::model::{Erased, Erasure, Marks};

const ERASING: &str = "anonymising a contact of MiniCRM";

/// What stands in place of a name where no key of ours is known.
const NOBODY: &str = "Anonymised";

/// Fields that the system keeps itself, or that are no person's.
const KEPT: [&str; 14] = [
    "Id",
    "Type",
    "Deleted",
    "CreatedBy",
    "CreatedAt",
    "UpdatedBy",
    "UpdatedAt",
    "BusinessId",
    "ContactId",
    "CategoryId",
    "StatusId",
    "StatusUpdatedAt",
    "UserId",
    "ReferenceId",
];

/// Fields of a card that its address is made of; writing them changes nothing.
const MADE_BY_ITSELF: [&str; 3] = ["ProjectHash", "ProjectEmail", "Invited"];

impl Crm {
    /// Empties the records of one contact, whoever wrote what stands there. Its orders stay as figures.
    ///
    /// # Errors
    /// When the service refuses it, or does not answer.
    pub async fn erase(&self, erasure: &Erasure) -> Result<Erased> {
        let id = match RecordId::of(&erasure.record) {
            Some(RecordId::Rest(id)) => id,
            Some(RecordId::Xml(number)) => match self.resolved(number).await? {
                Some(id) => id,
                None => return Err(not_worked_through(ERASING)),
            },
            None => return Ok(Erased::default()),
        };
        let Some(record) = self.contact(id).await? else {
            return Ok(Erased::default());
        };
        let kind = kind_of(&record);
        let cards = self.cards_of(id, &record).await?;
        let key = cards
            .iter()
            .map(|(_, card)| text_in(card, REFERENCE))
            .find(|key| is_of_ours(key));
        let name = key.unwrap_or_else(|| NOBODY.to_owned());
        let mut emptied = self.emptied(&record, kind.part());
        emptied.extend(name_of(&record, kind, &name));
        if !emptied.is_empty() {
            self.must_be_there(self.api.set("Contact", id, &emptied, ERASING).await?)?;
        }
        for address in addresses::all(&self.api, id).await? {
            self.empty_address(address).await?;
        }
        let marks = Marks {
            gone_at: Some(erasure.gone_at),
            merged_into: None,
        };
        for (card, record) in cards.iter().filter(|(_, card)| is_ours(card)) {
            let mut emptied = self.emptied(record, Part::Card);
            if text_in(record, "Name") != name {
                emptied.insert("Name".to_owned(), name.as_str().into());
            }
            let marked = self.marked(&marks);
            let is_marked = |(field, _): &(String, Value)| text_in(record, field).is_empty();
            emptied.remove(self.settings.marker.as_deref().unwrap_or_default());
            emptied.extend(marked.filter(is_marked));
            if !emptied.is_empty() {
                self.must_be_there(self.api.set("Project", *card, &emptied, ERASING).await?)?;
            }
        }
        let mut by_hand = Vec::new();
        let mut orders = 0;
        if kind == Contact::Person && erasure.orders.is_empty() && self.is_purged(id, &record).await? {
            return Ok(Erased {
                found: true,
                ..Erased::default()
            });
        }
        for order in &erasure.orders {
            match RecordId::of(order) {
                Some(RecordId::Rest(number)) => {
                    orders += u64::from(self.erase_order(number, &mut by_hand).await?);
                }
                Some(RecordId::Xml(number)) => {
                    by_hand.push(format!(
                        "the order that came by XML as {number}: take the buyer out of it there"
                    ));
                }
                None => {}
            }
        }
        by_hand.push(self.left_by_hand(id, kind, &record).await?);
        Ok(Erased {
            found: true,
            orders,
            by_hand,
        })
    }

    /// Deletes a person who is on no card. That it was done shows in the record alone: both answers are 200, with
    /// words in the language of the system.
    async fn is_purged(&self, id: u64, record: &Record) -> Result<bool> {
        if !self.card_ids_of(id, record, None).await?.is_empty() {
            return Ok(false);
        }
        self.api.purge(id, ERASING).await?;
        Ok(self.contact(id).await?.is_none())
    }

    fn must_be_there(&self, is_there: bool) -> Result<()> {
        match is_there {
            true => Ok(()),
            false => Err(Error::new(Kind::Busy, ERASING, "it is not there any more")),
        }
    }

    /// All texts, numbers and times of a record emptied, and what we write into it.
    fn emptied(&self, record: &Record, part: Part) -> Record {
        let known = self.schemas.of(part);
        let is_mapped = |name: &str| {
            let mut fields = self.contact_fields.iter().flatten();
            fields.any(|field| field.part == part && field.name == name)
        };
        let mut emptied = Record::new();
        for name in record.keys() {
            if KEPT.contains(&name.as_str()) || MADE_BY_ITSELF.contains(&name.as_str()) {
                continue;
            }
            let Some(kind) = known.map_or(Some(&FieldKind::Free), |known| known.get(name)) else {
                continue;
            };
            let is_choice = matches!(kind, FieldKind::Choice(_));
            let is_name = matches!(name.as_str(), "Name" | "FirstName" | "LastName");
            if is_name || (is_choice && !is_mapped(name)) || kind.normal(&text_in(record, name)).is_empty() {
                continue;
            }
            emptied.insert(
                name.clone(),
                kind.to_wire(&crate::model::Value::Empty).unwrap_or_default(),
            );
        }
        emptied
    }

    async fn empty_address(&self, id: u64) -> Result<()> {
        let Some((_, record)) = addresses::by_id(&self.api, id).await? else {
            return Ok(());
        };
        let told = ["Name", "CountryId", "County", "City", "PostalCode", "Address"];
        let emptied: Record = told
            .iter()
            .filter(|name| !text_in(&record, name).is_empty())
            .map(|name| ((*name).to_owned(), Value::from("")))
            .collect();
        if !emptied.is_empty() {
            self.must_be_there(self.api.set("Address", id, &emptied, ERASING).await?)?;
        }
        Ok(())
    }

    /// Empties those mapped fields of an order that tell of its buyer; `false` where it is not there.
    async fn erase_order(&self, number: u64, by_hand: &mut Vec<String>) -> Result<bool> {
        let personal = self.order_fields.iter().enumerate().skip(1);
        let personal: Vec<_> = personal
            .filter(|(place, _)| !self.layout.figures.contains(place))
            .filter_map(|(_, field)| field.as_ref())
            .collect();
        let Some(read) = self.order_read(number, &personal, None).await? else {
            return Ok(false);
        };
        let emptied: Record = personal
            .iter()
            .filter(|field| !field.kind.normal(&read.text_in(&field.name)).is_empty())
            .map(|field| (field.name.clone(), Value::from("")))
            .collect();
        if !emptied.is_empty() {
            let path = ["Order", &number.to_string(), "Project"];
            self.api.post(&path, Some(&emptied), ERASING).await?;
        }
        let buyer = read.order.get("Customer").and_then(Value::as_object);
        let names_somebody = |buyer: &Record| {
            ["Name", "PostalCode", "City", "Address"]
                .iter()
                .any(|field| !text_in(buyer, field).is_empty())
        };
        if buyer.is_some_and(names_somebody) {
            by_hand.push(format!(
                "order {number} names its buyer: take name and address out of it there"
            ));
        }
        Ok(true)
    }

    /// What only a person can do.
    async fn left_by_hand(&self, id: u64, kind: Contact, record: &Record) -> Result<String> {
        let is_on_a_card = !self.card_ids_of(id, record, None).await?.is_empty();
        Ok(match (kind, is_on_a_card) {
            (Contact::Person, true) => format!(
                "contact {id} is emptied, but e-mails, notes and to-dos on its cards are not: open one of them, put it \
                 into the trash, and there delete the contact with all its cards"
            ),
            (Contact::Person, false) => format!("contact {id} is emptied; delete it there"),
            (Contact::Business, _) => format!(
                "contact {id} is emptied, but a company cannot be deleted from outside, nor what is noted on its \
                 cards: delete them there"
            ),
        })
    }
}

/// The name that has to stand in a contact, where it is not there yet.
fn name_of(record: &Record, kind: Contact, name: &str) -> Record {
    let wanted: &[(&str, &str)] = match kind {
        Contact::Person => &[("FirstName", ""), ("LastName", name)],
        Contact::Business => &[("Name", name)],
    };
    let differs = |(field, wanted): &&(&str, &str)| text_in(record, field) != *wanted;
    wanted
        .iter()
        .filter(differs)
        .map(|(field, wanted)| ((*field).to_owned(), Value::from(*wanted)))
        .collect()
}

/// Whether a card is one of ours, or of nobody's.
fn is_ours(card: &Record) -> bool {
    let reference = text_in(card, REFERENCE);
    reference.is_empty() || is_of_ours(&reference)
}
