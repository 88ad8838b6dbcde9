//! The card of a contact: it carries our key as `ReferenceId`, by which a contact is found again.

use serde_json::Value;

use super::crm::Crm;
use super::failure;
use super::feed::{is_number_of_ours, number_of_contact};
use super::fields::Contact;
use super::wire::{Record, id_in, page, text_in};
use crate::error::Result;
use crate::model::Marks;

use super::marks;

/// The external id of a card.
pub const REFERENCE: &str = "ReferenceId";

/// A search that finds more than these has not understood what it was asked.
const LOOKED_AT: usize = 10;

/// The status a card begins in: "it is enough to enter Registered, because the card will move between the statuses"
/// (the vendor's page on web shops), in the languages of its own plug-in.
const REGISTERED: [&str; 3] = ["Registered", "Regisztrált", "Înregistrat"];

const READING: &str = "reading the card of a contact";
const WRITING: &str = "writing the card of a contact";

impl Crm {
    /// A card by its id.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn card(&self, id: u64) -> Result<Option<(u64, Record)>> {
        let found = self
            .api
            .record(&["R3", "Project", &id.to_string()], READING)
            .await?;
        Ok(found.map(|record| (id, record)))
    }

    /// Cards of our product with this external id. The answer is the card itself (the vendor's page on cards) or a
    /// list, and what a list found is looked at: no search of MiniCRM is known to be exact.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn cards_by_reference(&self, reference: &str) -> Result<Vec<(u64, Record)>> {
        let doing = "looking for the card of a contact";
        let answer = self
            .api
            .read(&["R3", "Project"], &[(REFERENCE, reference)], doing)
            .await?;
        let Some(answer) = answer else {
            return Ok(Vec::new());
        };
        if let Some(card) = answer.as_object()
            && !card.contains_key("Results")
        {
            let found = id_in(card, "Id").map(|id| (id, card.clone()));
            return Ok(found
                .into_iter()
                .filter(|(_, card)| self.has_reference(card, reference, true))
                .collect());
        }
        let listed = match &answer {
            Value::Array(nothing) if nothing.is_empty() => Vec::new(),
            answer => {
                page(answer)
                    .ok_or_else(|| failure::not_understood(doing))?
                    .entries
            }
        };
        let is_only = listed.len() == 1;
        let mut cards = Vec::new();
        for (id, _) in listed.into_iter().take(LOOKED_AT) {
            cards.extend(
                self.card(id)
                    .await?
                    .filter(|(_, card)| self.has_reference(card, reference, is_only)),
            );
        }
        Ok(cards)
    }

    /// Whether a card is of our product and has this external id. A record that does not tell it is believed where
    /// it alone was found by it.
    fn has_reference(&self, card: &Record, reference: &str, is_only: bool) -> bool {
        let is_ours =
            id_in(card, "CategoryId").is_none_or(|category| category == u64::from(self.settings.category_id));
        is_ours
            && match card.get(REFERENCE) {
                Some(_) => text_in(card, REFERENCE).trim() == reference,
                None => is_only,
            }
    }

    /// All cards of our product that hang on a contact.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn cards_of(&self, contact: u64, record: &Record) -> Result<Vec<(u64, Record)>> {
        let ids = self
            .card_ids_of(contact, record, Some(self.settings.category_id))
            .await?;
        let mut cards = Vec::new();
        for id in ids.into_iter().take(LOOKED_AT) {
            cards.extend(self.card(id).await?);
        }
        Ok(cards)
    }

    /// The ids of the cards that hang on a contact, of one product or of all. They are found by the company of a
    /// person, where the person has one.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn card_ids_of(
        &self,
        contact: u64,
        record: &Record,
        category: Option<u32>,
    ) -> Result<Vec<u64>> {
        let main = id_in(record, "BusinessId").unwrap_or(contact).to_string();
        let category = category.map(|category| category.to_string());
        let mut query = vec![("MainContactId", main.as_str())];
        query.extend(category.as_deref().map(|category| ("CategoryId", category)));
        let listed = self.api.list(&["R3", "Project"], &query, READING).await?;
        let hangs_on_it = |card: &Record| {
            let owners = ["ContactId", "BusinessId"].map(|field| id_in(card, field));
            owners == [None, None] || owners.contains(&Some(contact))
        };
        Ok(listed
            .into_iter()
            .filter(|(_, card)| hangs_on_it(card))
            .map(|(id, _)| id)
            .collect())
    }

    /// The card of a contact that is ours: the one that is known, else the one with our key, else one that nobody
    /// gave an external id.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn card_of(
        &self,
        key: &str,
        contact: u64,
        record: &Record,
        known: Option<u64>,
    ) -> Result<Option<(u64, Record)>> {
        if let Some(id) = known
            && let Some(found) = self.card(id).await?
        {
            return Ok(Some(found));
        }
        Ok(ours_among(self.cards_of(contact, record).await?, key))
    }

    /// Writes the card of a contact: the one that is known or found, else a new one.
    ///
    /// # Errors
    /// As [`super::api::Api::make`].
    pub async fn write_card(
        &self,
        key: &str,
        (contact, kind): (u64, Contact),
        known: Option<u64>,
        fields: &Record,
    ) -> Result<u64> {
        if let Some(id) = known
            && self.api.set("Project", id, fields, WRITING).await?
        {
            return Ok(id);
        }
        let mut record = Record::new();
        if kind == Contact::Person
            && let Some(there) = self.contact(contact).await?
        {
            record = there;
        }
        if let Some((id, there)) = self.card_of(key, contact, &record, None).await? {
            let mut fields = fields.clone();
            if text_in(&there, REFERENCE).is_empty() {
                fields.insert(REFERENCE.to_owned(), key.into());
            }
            return match self.api.set("Project", id, &fields, WRITING).await? {
                true => Ok(id),
                false => Err(failure::gone(WRITING)),
            };
        }
        self.make_card(key, contact, fields).await
    }

    /// Makes the card of a contact.
    ///
    /// # Errors
    /// As [`super::api::Api::make`].
    pub async fn make_card(&self, key: &str, contact: u64, fields: &Record) -> Result<u64> {
        let mut record = Record::new();
        record.insert("CategoryId".to_owned(), self.settings.category_id.into());
        record.insert("ContactId".to_owned(), contact.into());
        record.insert("Name".to_owned(), key.into());
        record.insert(REFERENCE.to_owned(), key.into());
        if let Some((status, _)) = self.first_status() {
            record.insert("StatusId".to_owned(), status.into());
        }
        if let Some(owner) = self.owner {
            record.insert("UserId".to_owned(), owner.into());
        }
        record.extend(fields.clone());
        self.api.make("Project", &record, WRITING).await
    }

    /// The status that a card begins in: number and label.
    pub fn first_status(&self) -> Option<(u64, &str)> {
        let statuses = self.schemas.choices("StatusId");
        let numbered = statuses
            .iter()
            .filter_map(|(id, label)| Some((id.parse().ok()?, label.as_str())));
        let registered = numbered.clone().find(|(_, label)| REGISTERED.contains(label));
        registered.or_else(|| numbered.min())
    }

    /// The field for marks with these in it.
    pub fn marked(&self, marks: &Marks) -> Option<(String, Value)> {
        let field = self.settings.marker.clone()?;
        Some((field, marks::text(marks).into()))
    }
}

/// Of a contact's cards that one which is of our key, else one that nobody gave an external id.
pub fn ours_among(cards: Vec<(u64, Record)>, key: &str) -> Option<(u64, Record)> {
    let reference = |card: &Record| text_in(card, REFERENCE);
    let of_key = cards
        .iter()
        .position(|(_, card)| is_of_key(&reference(card), key));
    let of_nobody = || cards.iter().position(|(_, card)| reference(card).is_empty());
    let place = of_key.or_else(of_nobody)?;
    cards.into_iter().nth(place)
}

/// Whether an external id means the contact of a key: it is the key, or the number that it was uploaded under.
pub fn is_of_key(reference: &str, key: &str) -> bool {
    let reference = reference.trim();
    !key.is_empty() && (reference == key || reference == number_of_contact(key).to_string())
}

/// Whether an external id is one of ours, whoever is meant.
pub fn is_of_ours(reference: &str) -> bool {
    group_of(reference).is_some() || is_number_of_ours(reference)
}

/// The group of shops in one of our keys; `None` for what is none.
pub fn group_of(key: &str) -> Option<&str> {
    let mut parts = key.splitn(3, ':');
    let (group, letter, rest) = (parts.next()?, parts.next()?, parts.next()?);
    (!group.is_empty() && matches!(letter, "c" | "e" | "p" | "o") && !rest.is_empty()).then_some(group)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_card_of_somebody_else_is_not_ours() {
        let card = |id: u64, reference: Value| {
            (
                id,
                json!({ "ReferenceId": reference }).as_object().cloned().unwrap(),
            )
        };
        let ours = |cards: &[(u64, Record)]| ours_among(cards.to_vec(), "main:c:g1").map(|(id, _)| id);
        assert_eq!(
            ours(&[card(1, json!("1000012")), card(2, json!("main:c:g1"))]),
            Some(2)
        );
        assert_eq!(ours(&[card(1, json!("main:c:g10")), card(3, json!(""))]), Some(3));
        assert_eq!(ours(&[card(1, json!("main:c:g10"))]), None);
        let uploaded = json!(number_of_contact("main:c:g1"));
        assert_eq!(ours(&[card(3, json!("")), card(4, uploaded)]), Some(4));
    }

    #[test]
    fn a_key_of_ours_is_known_by_its_shape() {
        assert_eq!(group_of("garden:c:8a9a"), Some("garden"));
        assert_eq!(group_of("main:o:czech:1"), Some("main"));
        for none in ["", "1000012", "shop:7", "a:b:c", ":c:x"] {
            assert_eq!(group_of(none), None, "{none}");
        }
    }
}
