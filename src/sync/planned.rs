//! A plan as a value: what people read of it, and what is counted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::push::{ContactDecision, DueOrder, GONE, OpenOrder, OrderDecision};
use super::target::TargetInRun;
use crate::plan::{Action, fields_that_stay};

/// What the next run would do.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Plan {
    /// What it is worked out from.
    pub readings: Vec<ReadingOf>,
    /// Per target, in the order of the configuration.
    pub targets: Vec<TargetPlan>,
    /// Shops that could not be read for a full plan, each a sentence.
    pub failures: Vec<String>,
    /// The exit code that the worst of all this calls for; 0 when nothing is in the way of a run.
    #[serde(skip)]
    pub exit_code: u8,
}

/// Up to when a section of a shop is known.
#[derive(Debug, Clone, Serialize)]
pub struct ReadingOf {
    /// Name of the shop.
    pub shop: String,
    /// `customers` or `orders`.
    pub section: &'static str,
    /// The moment it speaks of; `None`: it was never read.
    pub read_at: Option<Timestamp>,
}

/// What the next run would do in one target.
#[derive(Debug, Clone, Default, Serialize)]
pub struct TargetPlan {
    /// Its name.
    pub target: String,
    /// Why more is due than what changed: it is new, or its configuration has changed.
    pub why_all: Option<&'static str>,
    /// Why a run would refuse it until a person says `--accept`; the rest is what it would do then.
    pub suspicious: Option<String>,
    /// Why nothing more could be found out.
    pub failure: Option<String>,
    /// Contacts to create.
    pub create: u64,
    /// Contacts to update.
    pub update: u64,
    /// The fields of these updates, and in how many contacts.
    pub fields: BTreeMap<String, u64>,
    /// Fields that hold something else there and stay, because a person changed them: in how many of the
    /// contacts that are looked at.
    pub kept: BTreeMap<String, u64>,
    /// Contacts that are due and are as they should be.
    pub keep: u64,
    /// Contacts that do not go there.
    pub left_out: u64,
    /// Contacts whose records were deleted there or merged into others, which stays so (`on_gone`).
    pub left_gone: u64,
    /// Contacts that several records could be.
    pub ambiguous: u64,
    /// Contacts that cannot be mapped.
    pub unmappable: u64,
    /// Contacts and orders that were set aside before and stay so, as nothing has changed for them.
    pub parked_before: u64,
    /// Their orders.
    pub orders: OrdersPlan,
}

/// What the next run would do with the orders of the contacts it delivers.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OrdersPlan {
    /// Orders that are not there yet.
    pub create: u64,
    /// Orders that are there and differ.
    pub update: u64,
    /// Orders that are due and are as they should be.
    pub keep: u64,
    /// Orders that would be parked, by their status, which is not mapped.
    pub unmapped: BTreeMap<String, u64>,
    /// Orders that would be parked for another reason.
    pub unmappable: u64,
}

/// The decision for one contact, as people read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContactPlan {
    /// Its key.
    pub key: String,
    /// What becomes of it.
    pub action: PlannedAction,
    /// The record it concerns, as the target calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The fields that would be written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The fields that hold something else there, which stays: a person changed them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<String>,
    /// Whether the ID map knows nothing of it yet: all its orders go with it.
    #[serde(skip)]
    pub is_new: bool,
    /// Why it would be parked or left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What becomes of one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAction {
    /// It gets a record.
    Create,
    /// Its record is changed.
    Update,
    /// Its record is as it should be.
    Keep,
    /// It does not go there.
    LeftOut,
    /// Its record was deleted there or merged into another one, and stays so.
    LeftGone,
    /// It is parked: several records could be it.
    Ambiguous,
    /// It is parked: an expression cannot be computed for it.
    Unmappable,
}

impl PlannedAction {
    /// Whether the contact is, or will be, in the target: its orders wait until it is.
    pub(super) const fn is_delivered(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Keep)
    }
}

impl ContactPlan {
    pub(super) fn without_record(key: String, action: PlannedAction, reason: Option<String>) -> Self {
        Self {
            key,
            action,
            record: None,
            fields: Vec::new(),
            kept: Vec::new(),
            is_new: true,
            reason,
        }
    }

    pub(super) fn of(decision: &ContactDecision, target: &TargetInRun) -> Self {
        let draft = &decision.draft;
        let name = |field: &usize| target.layout.contact.get(*field).map(|spec| spec.name.clone());
        let (action, fields, reason) = match &decision.action {
            Action::Create => {
                let filled = (0..draft.texts.len())
                    .filter(|field| draft.texts.get(*field).is_some_and(|text| !text.is_empty()));
                (
                    PlannedAction::Create,
                    filled.filter_map(|field| name(&field)).collect(),
                    None,
                )
            }
            Action::Update { fields, marks } => {
                let mut fields: Vec<String> = fields.iter().filter_map(name).collect();
                if *marks {
                    fields.push("marks".to_owned());
                }
                (PlannedAction::Update, fields, None)
            }
            Action::Keep => (PlannedAction::Keep, Vec::new(), None),
            Action::Leave => (PlannedAction::LeftGone, Vec::new(), Some(GONE.to_owned())),
            Action::Park(reason) => (PlannedAction::Ambiguous, Vec::new(), Some(reason.clone())),
        };
        let written = match &decision.action {
            Action::Update { fields, .. } => fields.as_slice(),
            _ => &[],
        };
        let specs = &target.layout.contact;
        let kept = match (&decision.shown, action) {
            (Some(shown), PlannedAction::Update | PlannedAction::Keep) => {
                fields_that_stay(specs, &draft.texts, shown, written)
            }
            _ => Vec::new(),
        };
        let shown = decision.shown.as_ref().map(|shown| shown.remote_id.clone());
        Self {
            key: draft.row.key.clone(),
            action,
            kept: kept.iter().filter_map(name).collect(),
            record: shown.or_else(|| draft.link.as_ref().and_then(|link| link.remote_id.clone())),
            fields,
            is_new: draft.link.is_none(),
            reason,
        }
    }
}

impl TargetPlan {
    pub(super) fn count(&mut self, contact: &ContactPlan) {
        for field in &contact.kept {
            *self.kept.entry(field.clone()).or_default() += 1;
        }
        match contact.action {
            PlannedAction::Create => self.create += 1,
            PlannedAction::Update => {
                self.update += 1;
                for field in &contact.fields {
                    *self.fields.entry(field.clone()).or_default() += 1;
                }
            }
            PlannedAction::Keep => self.keep += 1,
            PlannedAction::LeftOut => self.left_out += 1,
            PlannedAction::LeftGone => self.left_gone += 1,
            PlannedAction::Ambiguous => self.ambiguous += 1,
            PlannedAction::Unmappable => self.unmappable += 1,
        }
    }

    /// Whether a run would write nothing and park nothing.
    pub fn is_nothing(&self) -> bool {
        let contacts = self.create + self.update + self.ambiguous + self.unmappable;
        let orders = &self.orders;
        let orders =
            orders.create + orders.update + orders.unmappable + orders.unmapped.values().sum::<u64>();
        contacts + orders == 0
    }
}

impl OrdersPlan {
    /// Counts an order that is not looked up; `None` for one that is.
    pub(super) fn count_due(&mut self, due: DueOrder) -> Option<OpenOrder> {
        match due {
            DueOrder::Open(order) => return Some(*order),
            DueOrder::Covered(..) => self.keep += 1,
            DueOrder::Passed(..) => {}
            DueOrder::Park(_, unfit) => match unfit.unmapped {
                Some(status) => *self.unmapped.entry(status).or_default() += 1,
                None => self.unmappable += 1,
            },
        }
        None
    }

    /// Counts an order after the target was looked at.
    pub(super) fn count_decided(&mut self, decision: &OrderDecision) {
        if decision.is_kept() {
            self.keep += 1;
        } else if decision.write.remote_id.is_some() {
            self.update += 1;
        } else {
            self.create += 1;
        }
    }
}
