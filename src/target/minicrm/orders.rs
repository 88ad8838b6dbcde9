//! Orders: what stands there, and where an order is.

use super::crm::Crm;
use super::fields::Field;
use super::kinds::FieldKind;
use super::parts::{self, ContactParts, OrderParts};
use super::record_id::RecordId;
use super::transitions::Stage;
use super::wire::{Record, id_in, text_in};
use crate::error::{Call, Error, Kind, Result};
use crate::model::{Ask, Look, Shown};
use serde_json::Value;

const READING: &str = "reading an order of MiniCRM";

/// An order as it was read.
pub struct OrderRead {
    /// The order itself.
    pub order: Record,
    /// Its card, where somebody looked.
    card: Option<Record>,
    /// The stage it is in; `None` where its status is none of those that an order has.
    pub stage: Option<Stage>,
    /// What the status is called, for a message.
    pub called: String,
}

impl Crm {
    /// An order by its number.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn order(&self, number: u64) -> Result<Option<Record>> {
        self.api.record(&["Order", &number.to_string()], READING).await
    }

    /// An order with its stage, and its card where the stage or one of these fields stands only there. `left` is the
    /// stage we left it in.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn order_read(
        &self,
        number: u64,
        fields: &[&Field],
        left: Option<Stage>,
    ) -> Result<Option<OrderRead>> {
        let Some(order) = self.order(number).await? else {
            return Ok(None);
        };
        self.orders.saw(number);
        let mut called = self.status_in(&order);
        let stands_inside = |field: &&Field| inner(&order).is_some_and(|card| card.contains_key(&field.name));
        let mut card = None;
        if called.is_empty() || !fields.iter().all(stands_inside) {
            card = self.card_of_order(&order).await?;
        }
        if let Some(card) = card.as_ref().filter(|_| called.is_empty()) {
            called = self.status_in(card);
        }
        let stage = Stage::of_label(&called).or(left);
        Ok(Some(OrderRead {
            order,
            card,
            stage,
            called,
        }))
    }

    async fn card_of_order(&self, order: &Record) -> Result<Option<Record>> {
        match id_in(order, "ProjectId") {
            Some(card) => {
                self.api
                    .record(&["R3", "Project", &card.to_string()], READING)
                    .await
            }
            None => Ok(None),
        }
    }

    /// What the status of an order is called, wherever the answer says it: an order that is listed tells `Status`, a
    /// card `StatusId`, and one client saw that inside `Project`.
    fn status_in(&self, record: &Record) -> String {
        let of = |record: &Record| {
            ["Status", "StatusId"]
                .iter()
                .map(|name| text_in(record, name))
                .find(|text| !text.trim().is_empty())
        };
        let text = of(record)
            .or_else(|| inner(record).and_then(of))
            .unwrap_or_default();
        match self
            .schemas
            .order
            .as_ref()
            .and_then(|known| known.get("StatusId"))
        {
            Some(kind @ FieldKind::Choice(_)) => kind.normal(&text),
            _ => text.trim().to_owned(),
        }
    }

    /// Answers one question about an order.
    ///
    /// # Errors
    /// When the service does not answer, or nobody can say.
    pub async fn look_at_order(&self, ask: &Ask) -> Result<Look> {
        let left = Stage::of_word(&parts::of::<OrderParts>(&ask.parts).stage);
        let number = match &ask.remote_id {
            Some(named) => match RecordId::of(named) {
                Some(RecordId::Rest(number)) => number,
                // Nothing of an order that came by XML can be looked up by our number, so all of it is told again.
                Some(RecordId::Xml(_)) => return Ok(Look::Found(self.shown_as_wanted(ask))),
                None => return Err(no_number()),
            },
            None => match self.perhaps_made(ask).await? {
                Some(number) => number,
                None => return Ok(Look::Absent),
            },
        };
        let settled = |place: usize| ask.settled.get(place).copied().unwrap_or(false);
        let open = self
            .order_fields
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(place, _)| !settled(*place));
        let open: Vec<&Field> = open.filter_map(|(_, field)| field.as_ref()).collect();
        let Some(read) = self.order_read(number, &open, left).await? else {
            return Ok(Look::Absent);
        };
        let goal = ask.wanted.first().and_then(|word| Stage::of_word(word));
        let is_ours = ask.with_facts && is_on_the_way(left, read.stage, goal);
        let shown = |(place, field): (usize, &Option<Field>)| match field {
            // We left it there, on the way to where it shall be: that is nobody's choice.
            _ if place == 0 && is_ours => String::new(),
            _ if place == 0 => read
                .stage
                .map_or_else(|| read.called.clone(), |stage| stage.word().to_owned()),
            Some(field) if !settled(place) => field.kind.normal(&read.text_in(&field.name)),
            _ => ask.wanted.get(place).cloned().unwrap_or_default(),
        };
        let values = self.order_fields.iter().enumerate().map(shown).collect();
        self.orders.keep(number, read);
        Ok(Look::Found(Shown {
            remote_id: RecordId::Rest(number).text(),
            values,
            ..Shown::default()
        }))
    }

    fn shown_as_wanted(&self, ask: &Ask) -> Shown {
        let parts: OrderParts = parts::of(&ask.parts);
        let wanted = |place: usize| ask.wanted.get(place).cloned().unwrap_or_default();
        let values = (0..self.order_fields.len()).map(|place| match place {
            0 => parts.stage.clone(),
            _ => wanted(place),
        });
        Shown {
            remote_id: ask.remote_id.clone().unwrap_or_default(),
            values: values.collect(),
            facts: Some(Box::default()),
            ..Shown::default()
        }
    }

    /// The number of an order that we began to make, if it was made. One that went by XML is uploaded again instead:
    /// that never makes a second one.
    async fn perhaps_made(&self, ask: &Ask) -> Result<Option<u64>> {
        if ask.perhaps_made.is_none() || self.filling.is_perhaps(&ask.key) {
            return Ok(None);
        }
        let since: ContactParts = parts::of(&ask.host_parts);
        let found = match self.host(&ask.host).await? {
            Some(contact) => self.lost_order(&ask.key, contact, since.orders_above).await,
            None => Ok(None),
        };
        if since.uploaded_as.is_none() {
            return found;
        }
        match found {
            Err(error) if error.kind().calls_for() == Call::Retry => Err(error),
            Ok(Some(number)) => Ok(Some(number)),
            Ok(None) | Err(_) => {
                self.note_perhaps_uploaded(&ask.key);
                Ok(None)
            }
        }
    }

    /// The contact that an order hangs on; `None` while one that was uploaded is not worked through.
    ///
    /// # Errors
    /// When it is none, or it cannot be read.
    pub async fn host(&self, named: &str) -> Result<Option<u64>> {
        match RecordId::of(named) {
            Some(RecordId::Rest(contact)) => Ok(Some(contact)),
            Some(RecordId::Xml(number)) => self.resolved(number).await,
            None => {
                let cause = "the contact it hangs on has no number in MiniCRM";
                Err(Error::new(Kind::BadRecord, READING, cause))
            }
        }
    }
}

impl OrderRead {
    /// A field of the card of an order, from wherever it was read.
    pub fn text_in(&self, field: &str) -> String {
        let inside = inner(&self.order).filter(|card| card.contains_key(field));
        match (inside, &self.card) {
            (Some(card), _) | (None, Some(card)) => text_in(card, field),
            (None, None) => String::new(),
        }
    }

    /// Its lines.
    pub fn lines(&self) -> Vec<Record> {
        match self.order.get("Items") {
            Some(Value::Array(lines)) => lines
                .iter()
                .filter_map(|line| line.as_object().cloned())
                .collect(),
            Some(Value::Object(lines)) => lines
                .values()
                .filter_map(|line| line.as_object().cloned())
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// Whether an order of which a write was begun is where that write passes through. `left` is the stage before it; an
/// order that was being made begins as a draft, and one of which lines are changed becomes a draft for that.
fn is_on_the_way(left: Option<Stage>, stage: Option<Stage>, goal: Option<Stage>) -> bool {
    let (Some(stage), Some(goal)) = (stage, goal) else {
        return false;
    };
    let mut at = left.unwrap_or(Stage::Draft);
    if stage == goal || (at == Stage::InProgress && stage == Stage::Draft) {
        return stage != goal;
    }
    for step in at.way_to(goal).unwrap_or_default() {
        if at == stage {
            return true;
        }
        at = at.after(step).unwrap_or(goal);
    }
    false
}

/// The part of an order's card that stands in the order itself.
fn inner(order: &Record) -> Option<&Record> {
    order.get("Project").and_then(Value::as_object)
}

fn no_number() -> Error {
    Error::new(
        Kind::BadRecord,
        READING,
        "an order of MiniCRM has a number, and this is none",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_broken_off_write_left_behind_is_nobodys_choice() {
        use Stage::{Completed, Draft, Failed, InProgress, Paid};
        for (left, stage, goal, is_ours) in [
            (None, Draft, InProgress, true),
            (None, InProgress, Failed, true),
            (None, InProgress, InProgress, false),
            (Some(InProgress), Completed, Failed, true),
            (Some(InProgress), InProgress, Completed, true),
            (Some(InProgress), Draft, InProgress, true),
            (Some(InProgress), Paid, Failed, false),
            (Some(Completed), InProgress, Paid, false),
        ] {
            assert_eq!(
                is_on_the_way(left, Some(stage), Some(goal)),
                is_ours,
                "{left:?} {stage:?} {goal:?}"
            );
        }
        assert!(!is_on_the_way(None, None, Some(Paid)) && !is_on_the_way(None, Some(Draft), None));
    }
}
