//! Cards: of contacts, and of orders.

use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::asked::Asked;
use super::text;
use super::world::{Record, World};

impl World {
    pub(super) fn project(&mut self, asked: &Asked, path: &[&str]) -> Answer {
        let number = path.first().and_then(|id| id.parse::<u64>().ok());
        match (asked.method.as_str(), path) {
            ("GET", []) => match asked.parameter("ReferenceId") {
                Some(reference) if self.manners.reference_answers_card => {
                    let found = self
                        .cards
                        .iter()
                        .find(|(_, card)| reference_of(card) == reference);
                    match found {
                        Some((id, _)) => answers::done(self.card_shown(*id)),
                        None => answers::not_found(),
                    }
                }
                _ => self.search_cards(asked),
            },
            ("GET", [_]) => match number.filter(|id| self.cards.contains_key(id)) {
                Some(id) => answers::done(self.card_shown(id)),
                None => answers::not_found(),
            },
            ("PUT", []) => self.write_card(asked, None),
            ("PUT", [_]) => match number.filter(|id| self.cards.contains_key(id)) {
                Some(id) => self.write_card(asked, Some(id)),
                None => answers::not_found(),
            },
            _ => answers::not_allowed(),
        }
    }

    fn write_card(&mut self, asked: &Asked, id: Option<u64>) -> Answer {
        let what = "Project (PUT)";
        let mut sent = asked.object();
        let category = match id {
            Some(id) => self.cards[&id]["CategoryId"].as_u64(),
            None => asked.body["CategoryId"].as_u64(),
        };
        let Some(category) = category.filter(|category| self.schemas.contains_key(&category.to_string()))
        else {
            return answers::refused(what, "Invalid value for the CategoryId field.");
        };
        let contact = asked.body.get("ContactId").map(|id| id.as_u64());
        let is_there = |contact: Option<u64>| contact.is_some_and(|id| self.contacts.contains_key(&id));
        if (id.is_none() && contact.is_none()) || contact.is_some_and(|contact| !is_there(contact)) {
            return answers::refused(what, "Invalid value for the ContactId field.");
        }
        if id.is_none() && (asked.sent("Name").is_empty() || asked.sent("StatusId").is_empty()) {
            return answers::refused(what, "Name and StatusId are mandatory");
        }
        let besides = ["CategoryId", "ContactId", "ReferenceId", "Id"];
        if let Some(fault) = self.faults(&category.to_string(), what, &sent, &besides) {
            return fault;
        }
        let user = asked.sent("UserId");
        if !user.is_empty()
            && !self
                .users
                .iter()
                .any(|(id, name)| id.to_string() == user || *name == user)
        {
            // 200, and somebody gets the card.
            self.violations.push(format!("the owner {user} is nobody"));
            sent.insert("UserId".to_owned(), json!(self.users[0].0));
        }
        let now = self.now();
        let mut card = match id {
            Some(id) => self.cards[&id].clone(),
            None => Record::new(),
        };
        if id.is_none() {
            card.insert("CreatedAt".to_owned(), json!(now));
        }
        card.extend(sent);
        card.insert("UpdatedAt".to_owned(), json!(now));
        let id = id.unwrap_or_else(|| self.new_id());
        self.cards.insert(id, card);
        answers::id(id)
    }

    /// A card tells labels.
    pub fn card_shown(&self, id: u64) -> Value {
        let card = &self.cards[&id];
        let schema = &self.schemas[&card["CategoryId"].to_string()];
        let mut shown = Record::new();
        for (name, holds) in schema {
            shown.insert(name.clone(), self.shown(holds, card.get(name)));
        }
        shown.insert("Id".to_owned(), json!(id));
        for field in ["CategoryId", "ContactId"] {
            shown.insert(field.to_owned(), card[field].clone());
        }
        if self.manners.shows_reference {
            shown.insert("ReferenceId".to_owned(), json!(reference_of(card)));
        }
        if let Some(stage) = self.stage_label(id) {
            shown.insert("StatusId".to_owned(), json!(stage));
        }
        shown.insert("ProjectHash".to_owned(), json!("1bth0t9s2l2bclk3d01q0c7ci4c5ol"));
        Value::Object(shown)
    }

    /// A list tells numbers, and little else.
    fn search_cards(&self, asked: &Asked) -> Answer {
        let is_it = |card: &Record, field: &str, wanted: &str| match field {
            "MainContactId" => text(&card["ContactId"]) == wanted,
            // No search is exact.
            "ReferenceId" => reference_of(card).contains(wanted),
            field => card.get(field).map(text).unwrap_or_default() == wanted,
        };
        let asked_for: Vec<_> = asked
            .query
            .iter()
            .filter(|(name, _)| name != "Page" && name != "Deleted")
            .collect();
        let wants_deleted = asked.parameter("Deleted") == Some("1");
        let is_deleted = |card: &Record| card.get("Deleted").is_some_and(|deleted| text(deleted) == "1");
        let hits: Vec<u64> = self
            .cards
            .iter()
            .filter(|(_, card)| is_deleted(card) == wants_deleted)
            .filter(|(_, card)| asked_for.iter().all(|(field, wanted)| is_it(card, field, wanted)))
            .map(|(id, _)| *id)
            .collect();
        self.paged(asked, hits, |id| {
            let card = &self.cards[&id];
            json!({
                "Id": id.to_string(), "Name": card["Name"], "Url": format!("https://r3.example/Api/R3/Project/{id}"),
                "ContactId": card["ContactId"], "StatusId": 2520, "UserId": self.users[0].0, "Deleted": 0,
            })
        })
    }
}

pub fn reference_of(card: &Record) -> String {
    card.get("ReferenceId").map(text).unwrap_or_default()
}
