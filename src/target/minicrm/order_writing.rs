//! Orders written: made with their lines, changed only as drafts, and moved on along the shortest way.

use serde_json::Value as Json;

use super::api::Told;
use super::contact_writing::to_wire;
use super::crm::Crm;
use super::failure;
use super::fields::Field;
use super::items::{Changes, changes, lines};
use super::parts::{self, OrderParts};
use super::record_id::RecordId;
use super::transitions::{STAGE_WORDS, Stage, Step};
use super::wire::{Record, id_in, text_in};
use crate::error::{Error, Kind, Result};
use crate::model::{OrderWrite, Value, Written};

/// What is done where it fails.
pub const WRITING: &str = "writing an order into MiniCRM";

/// One order on its way.
pub struct Way<'a> {
    /// Its number.
    pub number: u64,
    /// Its code in the shop.
    pub code: &'a str,
    /// The stage it is in by now.
    pub stage: Stage,
    /// Its card.
    pub card: Option<u64>,
    /// What could not be done.
    pub told: Vec<String>,
}

impl Crm {
    /// Writes an order.
    ///
    /// # Errors
    /// When nothing of it was written, or nobody knows.
    pub async fn write_order(&self, write: &OrderWrite) -> Result<Written> {
        let written = match &write.remote_id {
            Some(record) => match RecordId::of(record) {
                Some(RecordId::Rest(number)) => self.change_order(write, number).await,
                // Those that came by XML are not written here.
                Some(RecordId::Xml(_)) | None => Err(Error::new(
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

    /// What differs is written: lines in a draft, which an order is made again for that; the rest in any stage.
    ///
    /// # Errors
    /// As [`Crm::write_order`].
    pub async fn change_order(&self, write: &OrderWrite, number: u64) -> Result<Written> {
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
    ///
    /// # Errors
    /// As [`Crm::write_order`].
    pub async fn finish(&self, way: &mut Way<'_>, custom: &Record, goal: Option<Stage>) -> Result<()> {
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
    ///
    /// # Errors
    /// [`Kind::BadRecord`] where the mapping says none.
    pub fn stage_wanted(&self, write: &OrderWrite) -> Result<Option<Stage>> {
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
    ///
    /// # Errors
    /// As [`to_wire`].
    pub fn custom_fields(&self, write: &OrderWrite) -> Result<Record> {
        let mut custom = Record::new();
        for (place, value) in write.set.iter().filter(|(place, _)| *place > 0) {
            let field: Option<&Field> = self.order_fields.get(*place).and_then(Option::as_ref);
            if let Some(field) = field {
                custom.insert(field.name.clone(), to_wire(field, value)?);
            }
        }
        Ok(custom)
    }

    /// What was written, whether or not all of it was.
    pub fn written(&self, write: &OrderWrite, way: Way<'_>, finished: Result<()>) -> Written {
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
            remote_id: RecordId::Rest(way.number).text(),
            shown: Some(write.set.iter().map(shown).collect()),
            parts: Some(parts::text(&OrderParts {
                stage: way.stage.word().to_owned(),
                card: way.card,
                project: None,
            })),
            unfinished: finished.err(),
            told: way.told,
        }
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
