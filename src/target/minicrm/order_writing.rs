//! Orders written: made with their lines, changed only as drafts, and moved on along the shortest way.

use serde_json::Value as Json;

use super::api::Told;
use super::contacts::to_wire;
use super::crm::Crm;
use super::failure;
use super::fields::Field;
use super::items::{Changes, changes, lines};
use super::orders::OrderId;
use super::orders_there::subject;
use super::parts::{self, ContactParts, OrderParts};
use super::transitions::{STAGE_WORDS, Stage, Step};
use super::wire::{Record, id_in, text_in};
use crate::error::{Error, Kind, Result};
use crate::model::{OrderFacts, OrderWrite, Value, Written};

const WRITING: &str = "writing an order into MiniCRM";

/// One order on its way.
struct Way<'a> {
    number: u64,
    code: &'a str,
    stage: Stage,
    card: Option<u64>,
    told: Vec<String>,
}

impl Crm {
    /// Writes an order.
    ///
    /// # Errors
    /// When nothing of it was written, or nobody knows.
    pub async fn write_order(&self, write: &OrderWrite) -> Result<Written> {
        let written = match &write.remote_id {
            Some(record) => match OrderId::of(record) {
                Some(OrderId::Rest(number)) => self.change_order(write, number).await,
                Some(OrderId::Xml(number)) => self.change_by_xml(write, number).await,
                None => Err(Error::new(
                    Kind::BadRecord,
                    WRITING,
                    "an order of MiniCRM has a number, and this is none",
                )),
            },
            None => self.make_order(write).await,
        };
        match written {
            Ok(written) => {
                if written.unfinished.is_none() {
                    self.was_taken(&write.key);
                }
                Ok(Written {
                    unfinished: written.unfinished.map(|error| self.judged(&write.key, error)),
                    ..written
                })
            }
            Err(error) => Err(self.judged(&write.key, error)),
        }
    }

    /// One write, and the shortest way to its stage.
    async fn make_order(&self, write: &OrderWrite) -> Result<Written> {
        let contact = write.contact.parse::<u64>().map_err(|_| {
            Error::new(
                Kind::BadRecord,
                WRITING,
                "the contact it hangs on has no number in MiniCRM",
            )
        })?;
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

    /// What differs is written: lines in a draft, which an order is made again for that; the rest in any stage.
    async fn change_order(&self, write: &OrderWrite, number: u64) -> Result<Written> {
        let before: OrderParts = parts::of(&write.parts);
        let left = Stage::of_word(&before.stage);
        let read = match self.orders.take_read(number) {
            Some(read) => Some(read),
            None => self.order_read(number, &[], left).await?,
        };
        let Some(read) = read else {
            return Err(failure::gone(WRITING));
        };
        let wanted = self.stage_wanted(write)?;
        let custom = self.custom_fields(write)?;
        let changes = match &write.facts {
            Some(facts) => changes(&lines(facts), &read.lines()),
            None => Changes::default(),
        };
        let stage = match read.stage {
            Some(stage) => stage,
            // Nothing depends on it.
            None if changes.is_empty() && wanted.is_none() => Stage::Draft,
            None => return Err(unknown_stage(&read.called)),
        };
        let mut way = Way {
            number,
            code: write
                .key
                .split_once(':')
                .map_or(write.key.as_str(), |(_, code)| code),
            stage,
            card: id_in(&read.order, "ProjectId").or(before.card),
            told: Vec::new(),
        };
        // A change of ours that was broken off left it a draft.
        let broken_off =
            left.filter(|left| write.facts.is_some() && stage == Stage::Draft && *left == Stage::InProgress);
        let goal = wanted.or(broken_off).or(Some(stage));
        let finished = match self
            .change_lines(&mut way, &changes, &text_in(&read.order, "CustomerId"))
            .await
        {
            Ok(()) => self.finish(&mut way, &custom, goal).await,
            Err(error) => {
                // It is not left a draft for that.
                let back = self.walk(&mut way, Some(stage)).await;
                Err(if back.is_err() {
                    back.err().unwrap_or(error)
                } else {
                    error
                })
            }
        };
        let mut written = self.written(write, way, finished);
        if written.unfinished.is_some() {
            // Where it came from is remembered until it is where it shall be.
            let unfinished = OrderParts {
                stage: left.unwrap_or(stage).word().to_owned(),
                ..parts::of(written.parts.as_deref().unwrap_or_default())
            };
            written.parts = Some(parts::text(&unfinished));
        }
        Ok(written)
    }

    /// Posts and deletes lines, in the one stage in which that can be done.
    async fn change_lines(&self, way: &mut Way<'_>, changes: &Changes, customer: &str) -> Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        if way.stage.way_to(Stage::Draft).is_none() {
            way.told.push(format!(
                "the lines of order {} stay as they are in MiniCRM: nobody can change them once it is {}",
                way.code,
                way.stage.word()
            ));
            return Ok(());
        }
        self.walk(way, Some(Stage::Draft)).await?;
        let number = way.number.to_string();
        if !changes.post.is_empty() {
            let mut order = Record::new();
            order.insert("CustomerId".to_owned(), customer.into());
            let lines: Vec<Json> = changes.post.iter().cloned().map(Json::from).collect();
            order.insert("Items".to_owned(), lines.into());
            done(self.api.post(&["Order", &number], Some(&order), WRITING).await?)?;
        }
        for line in &changes.delete {
            let path = ["Order", number.as_str(), "DeleteItem", &line.to_string()];
            done(self.api.delete_by_get(&path, WRITING).await?)?;
        }
        Ok(())
    }

    /// The fields of its card, then the way to its stage.
    async fn finish(&self, way: &mut Way<'_>, custom: &Record, goal: Option<Stage>) -> Result<()> {
        if !custom.is_empty() {
            let path = ["Order", &way.number.to_string(), "Project"];
            done(self.api.post(&path, Some(custom), WRITING).await?)?;
        }
        self.walk(way, goal).await
    }

    /// Moves an order on. A stage that no way leads to is told and not tried; so is a step that MiniCRM does not take.
    async fn walk(&self, way: &mut Way<'_>, goal: Option<Stage>) -> Result<()> {
        let Some(goal) = goal else { return Ok(()) };
        let Some(steps) = way.stage.way_to(goal) else {
            way.told.push(stays(way.code, way.stage, goal));
            return Ok(());
        };
        for step in steps {
            if !self.step(way, step).await? {
                way.told.push(stays(way.code, way.stage, goal));
                return Ok(());
            }
        }
        Ok(())
    }

    /// One step; `false` where MiniCRM does not take it in this stage.
    async fn step(&self, way: &mut Way<'_>, step: Step) -> Result<bool> {
        let path = ["Order", &way.number.to_string(), step.verb()];
        match self.api.post(&path, None, WRITING).await? {
            Told::Done(_) => {
                way.stage = way.stage.after(step).unwrap_or(way.stage);
                Ok(true)
            }
            Told::NotNow => Ok(false),
            Told::NotThere => Err(failure::gone(WRITING)),
        }
    }

    /// The stage that a write asks for.
    fn stage_wanted(&self, write: &OrderWrite) -> Result<Option<Stage>> {
        let word = write
            .set
            .iter()
            .find(|(place, _)| *place == 0)
            .map(|(_, value)| value);
        match word {
            None | Some(Value::Empty) => Ok(None),
            Some(value) => {
                let word = value.canonical();
                let cause = || {
                    format!(
                        "the status mapping says \"{word}\"; a stage of MiniCRM is one of: {}",
                        STAGE_WORDS.join(", ")
                    )
                };
                let known =
                    Stage::of_word(&word).ok_or_else(|| Error::new(Kind::BadRecord, WRITING, cause()))?;
                Ok(Some(known))
            }
        }
    }

    /// The fields of the card of an order that a write sets.
    fn custom_fields(&self, write: &OrderWrite) -> Result<Record> {
        let mut custom = Record::new();
        for (place, value) in write.set.iter().filter(|(place, _)| *place > 0) {
            let field: Option<&Field> = self.order_fields.get(*place).and_then(Option::as_ref);
            if let Some(field) = field {
                custom.insert(field.name.clone(), to_wire(field, value)?);
            }
        }
        Ok(custom)
    }

    fn written(&self, write: &OrderWrite, way: Way<'_>, finished: Result<()>) -> Written {
        // What could not be reached is not remembered as written.
        let shown = |(place, value): &(usize, Value)| {
            let text = match self.order_fields.get(*place).and_then(Option::as_ref) {
                _ if *place == 0 => way.stage.word().to_owned(),
                Some(field) => field.kind.normal_value(value).into_owned(),
                None => value.canonical().into_owned(),
            };
            (*place, text)
        };
        Written {
            remote_id: OrderId::Rest(way.number).text(),
            shown: Some(write.set.iter().map(shown).collect()),
            parts: Some(parts::text(&OrderParts {
                stage: way.stage.word().to_owned(),
                card: way.card,
            })),
            unfinished: finished.err(),
            told: way.told,
        }
    }

    /// An order that came by XML is told of by XML.
    async fn change_by_xml(&self, _write: &OrderWrite, _number: u64) -> Result<Written> {
        let cause = "it came by an XML feed, and no feed is configured; set `sync_feed_id`";
        Err(Error::new(Kind::BadRecord, WRITING, cause))
    }
}

/// 405 and 404 where a stage was reached just before.
fn done(told: Told) -> Result<()> {
    match told {
        Told::Done(_) => Ok(()),
        // Somebody moved it on meanwhile: it is looked at again.
        Told::NotNow => Err(Error::new(
            Kind::Busy,
            WRITING,
            "somebody moved it on at the same time",
        )),
        Told::NotThere => Err(failure::gone(WRITING)),
    }
}

fn stays(code: &str, stage: Stage, goal: Stage) -> String {
    format!(
        "order {code} stays {} in MiniCRM: no way leads from there to {}",
        stage.word(),
        goal.word()
    )
}

fn unknown_stage(called: &str) -> Error {
    let called = if called.is_empty() {
        "not told".to_owned()
    } else {
        format!("\"{called}\"")
    };
    let cause = format!(
        "its status is {called}, which is none that this program knows of an order ({}); nothing was changed",
        STAGE_WORDS.join(", ")
    );
    Error::new(Kind::BadRecord, WRITING, cause)
}
