//! Everything known about one contact: how it was matched, what was written where and when, what
//! waits, and why something was left out.

use jiff::Timestamp;
use serde::Serialize;

use super::compose::Composer;
use super::draft::shown_name;
use super::import::Setup;
use super::plan::contacts;
use super::planned::{ContactPlan, PlannedAction};
use super::push::Push;
use super::recognise::{Recognised, recognise};
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::mapping::{Mapping, Needs};
use crate::merge::identity::Rule;
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::Linked;
use crate::state::parked::Parked;

/// One contact, explained.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// Its key.
    pub key: String,
    /// `registered` or `guest`.
    pub kind: &'static str,
    /// The group of shops it belongs to.
    pub group: String,
    /// Full name.
    pub name: String,
    /// E-mails, the main one first.
    pub emails: Vec<String>,
    /// Phones, the main one first.
    pub phones: Vec<String>,
    /// Whether the newsletter is wanted, where that is known.
    pub newsletter: Option<bool>,
    /// When its customer was deleted in the shop.
    pub gone_at: Option<Timestamp>,
    /// Whether its values were erased on purpose.
    pub erased: bool,
    /// Keys of contacts that turned out to be this one.
    pub merged: Vec<String>,
    /// Its customers.
    pub customers: Vec<CustomerExplained>,
    /// Its orders, deleted ones included, newest first.
    pub orders: Vec<OrderExplained>,
    /// Per target, in the order of the configuration.
    pub targets: Vec<TargetExplained>,
    /// What is set aside of it.
    pub parked: Vec<ParkedExplained>,
    /// What happened to it, the oldest first.
    pub history: Vec<Happened>,
}

/// A customer of the contact.
#[derive(Debug, Clone, Serialize)]
pub struct CustomerExplained {
    /// Name of the shop.
    pub shop: String,
    /// The shop's identifier.
    pub guid: String,
    /// When they registered.
    pub registered_at: Option<Timestamp>,
    /// E-mails of its log-ins.
    pub log_ins: Vec<String>,
    /// The shop deleted it.
    pub deleted: bool,
    /// Its address in the shop's administration.
    pub url: String,
}

/// An order of the contact.
#[derive(Debug, Clone, Serialize)]
pub struct OrderExplained {
    /// Name of the shop.
    pub shop: String,
    /// Its code.
    pub code: String,
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
    /// The shop's status.
    pub status: String,
    /// Total with VAT, exact.
    pub total: Option<String>,
    /// ISO 4217 code.
    pub currency: String,
    /// Why it is this contact's.
    pub matched: &'static str,
    /// When the shop deleted it.
    pub deleted_at: Option<Timestamp>,
    /// Where it was written.
    pub records: Vec<RecordExplained>,
}

/// A record in a target.
#[derive(Debug, Clone, Serialize)]
pub struct RecordExplained {
    /// Name of the target.
    pub target: String,
    /// The target's identifier.
    pub record: String,
    /// When it was last written or compared.
    pub written_at: Option<Timestamp>,
}

/// What a target has of the contact.
#[derive(Debug, Clone, Serialize)]
pub struct TargetExplained {
    /// Its name.
    pub target: String,
    /// Its record there.
    pub record: Option<RecordExplained>,
    /// A person's answer to an ambiguous match: a record, or none of those that were found.
    pub answer: Option<Answer>,
    /// Whether the next run looks at it there.
    pub due: bool,
    /// Its orders that the next run looks at there.
    pub orders_due: usize,
    /// What the next run does about it, or would if it were due; `None` when the target does not answer.
    pub next: Option<ContactPlan>,
    /// Why it does not go there, or why that could not be found out.
    pub why_not: Option<String>,
}

/// A person's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is this record.
    Record(String),
    /// It is none of them.
    New,
}

/// A parked record.
#[derive(Debug, Clone, Serialize)]
pub struct ParkedExplained {
    /// What kind of record.
    pub kind: String,
    /// Its key.
    pub key: String,
    /// Where it could not be delivered; empty when it could not be read.
    pub target: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub since: Timestamp,
    /// Put away by a person.
    pub dismissed: bool,
}

/// A line of the history.
#[derive(Debug, Clone, Serialize)]
pub struct Happened {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
}

/// Explains the contacts with these numbers.
///
/// # Errors
/// When the state cannot be read.
pub async fn explain(state: &State, setup: &Setup, numbers: &[i64]) -> Result<Vec<Explained>> {
    let shops = ShopInRun::all_from_state(state, &setup.shops)?;
    let composer = Composer::new(state, &shops)?;
    let targets = TargetInRun::all(&setup.targets)?;
    let mut explained = Vec::with_capacity(numbers.len());
    for number in numbers {
        let row = state.contact(*number)?.ok_or_else(|| {
            Error::new(
                Kind::Database,
                "reading a contact",
                "the state names it, but it is not there",
            )
        })?;
        let mut one = of_state(state, &composer, &targets, &row)?;
        for target in &targets {
            one.targets
                .push(of_target(state, setup, &composer, target, &row).await?);
        }
        explained.push(one);
    }
    Ok(explained)
}

fn of_state(
    state: &State,
    composer: &Composer<'_>,
    targets: &[TargetInRun],
    row: &ContactRow,
) -> Result<Explained> {
    let parts = composer.parts(row, &|_| true)?;
    let needs = Needs {
        newsletter: true,
        ..Needs::default()
    };
    let contact = composer.contact(parts.clone(), needs)?;
    let shop_name = |place: usize| composer.facts(place).name;
    let customers = parts.customers.iter().map(|part| CustomerExplained {
        shop: shop_name(part.shop),
        guid: part.customer.guid.clone(),
        registered_at: part.customer.created_at,
        log_ins: part
            .customer
            .accounts
            .iter()
            .map(|account| account.email.clone())
            .collect(),
        deleted: part.gone,
        url: part.customer.admin_url.clone(),
    });
    let mut numbers = Vec::new();
    for target in targets {
        if let Some(number) = state.known_target(&target.settings.name)? {
            numbers.push((target.settings.name.as_str(), number));
        }
    }
    let orders = state
        .order_numbers_of(row.id)?
        .into_iter()
        .map(|id| order(state, composer, &numbers, id))
        .collect::<Result<_>>()?;
    let mut history = state.history(row.id)?;
    let mut set_aside = state.parked_of(row.id)?;
    let mut merged = Vec::new();
    for gone in state.merged_into(row.id)? {
        merged.extend(state.contact(gone)?.map(|gone| gone.key));
        history.extend(state.history(gone)?);
        set_aside.extend(state.parked_of(gone)?);
    }
    history.sort_by_key(|(at, _)| *at);
    Ok(Explained {
        key: row.key.clone(),
        kind: contact.kind.as_str(),
        group: row.group.clone(),
        name: contact.name,
        emails: contact.emails,
        phones: contact.phones,
        newsletter: contact.newsletter,
        gone_at: row.gone_at,
        erased: row.erased,
        merged,
        customers: customers.collect(),
        orders,
        targets: Vec::new(),
        parked: set_aside.into_iter().map(parked).collect(),
        history: history
            .into_iter()
            .map(|(at, what)| Happened { at, what })
            .collect(),
    })
}

fn order(state: &State, composer: &Composer<'_>, targets: &[(&str, i64)], id: i64) -> Result<OrderExplained> {
    let stored = state.whole_order(id)?;
    let mut records = Vec::new();
    for (name, number) in targets {
        records.extend(record(state, name, *number, Linked::Order(id))?);
    }
    Ok(OrderExplained {
        shop: composer
            .shop(stored.shop)
            .map(|shop| shop.settings.name.clone())
            .unwrap_or_default(),
        status: shown_name(&composer.status(stored.status)),
        matched: Rule::from_stored(stored.rule).map_or("", Rule::in_words),
        deleted_at: stored.gone_at,
        placed_at: stored.order.placed_at,
        total: stored.order.total.map(|total| total.to_string()),
        currency: stored.order.currency,
        code: stored.order.code,
        records,
    })
}

fn record(state: &State, name: &str, number: i64, of: Linked) -> Result<Option<RecordExplained>> {
    let found = state.record_of(number, of)?;
    Ok(found.map(|(record, written_at)| RecordExplained {
        target: name.to_owned(),
        record,
        written_at,
    }))
}

fn parked(parked: Parked) -> ParkedExplained {
    ParkedExplained {
        kind: parked.kind,
        key: parked.key,
        target: parked.target,
        reason: parked.reason,
        since: parked.since,
        dismissed: parked.dismissed,
    }
}

async fn of_target(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
) -> Result<TargetExplained> {
    let name = &target.settings.name;
    let number = target.numbers(state)?.target;
    let mut explained = TargetExplained {
        target: name.clone(),
        record: record(state, name, number, Linked::Contact(row.id))?,
        answer: state
            .answered(number, row.id)?
            .map(|answer| answer.map_or(Answer::New, Answer::Record)),
        due: false,
        orders_due: 0,
        next: None,
        why_not: None,
    };
    if let Err(error) = next(state, setup, composer, target, row, &mut explained).await {
        explained.why_not = Some(error.to_string());
    }
    Ok(explained)
}

/// What the next run does about it, and why it does not go there.
async fn next(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
    explained: &mut TargetExplained,
) -> Result<()> {
    let mut remote = target.connect(&setup.state_dir, &state.id()?);
    let there = remote.open_to_look().await?;
    let number = target.numbers(state)?.target;
    let recognised = recognise(state, target, composer.shops(), there.as_ref())?;
    if let Recognised::Strange(suspicion) = recognised {
        return Err(suspicion);
    }
    let everything_is_due = !matches!(recognised, Recognised::AsBefore);
    explained.due = everything_is_due || state.is_due(number, row.id)?;
    explained.orders_due = if everything_is_due {
        state.order_numbers_of(row.id)?.len()
    } else {
        state.due_orders(number, row.id)?.len()
    };
    let stop = Stop::default();
    let mut push = Push::new(state, composer, target, remote.as_mut(), &stop)?;
    if let Some((_, plan)) = contacts(&mut push, target, &[row.id]).await?.pop() {
        explained.why_not = why_left_out(composer, target, row, &plan)?;
        explained.next = Some(plan);
    }
    Ok(())
}

fn why_left_out(
    composer: &Composer<'_>,
    target: &TargetInRun,
    row: &ContactRow,
    plan: &ContactPlan,
) -> Result<Option<String>> {
    if plan.action != PlannedAction::LeftOut {
        return Ok(None);
    }
    let everything = composer.parts(row, &|_| true)?;
    let allowed = composer.parts(row, &|shop| target.takes(shop))?;
    let has_any =
        |parts: &crate::merge::assemble::Parts| !parts.customers.is_empty() || !parts.orders.is_empty();
    Ok(Some(if !has_any(&everything) {
        "it has neither a customer nor an order".to_owned()
    } else if !has_any(&allowed) {
        "none of its shops is delivered there (`shops`)".to_owned()
    } else {
        only(&target.mapping)
    }))
}

fn only(mapping: &Mapping) -> String {
    match mapping.only() {
        Some(expression) => format!("`only` does not hold: {expression}"),
        None => "`only` does not hold".to_owned(),
    }
}
