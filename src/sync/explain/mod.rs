//! Everything known about one contact: how it was matched, what was written where and when, what
//! waits, and why something was left out.

mod there;

use jiff::Timestamp;
use serde::Serialize;

use super::compose::Composer;
use super::draft::shown_name;
use super::import::Setup;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::{Error, Kind, Result};
use crate::mapping::Needs;
use crate::merge::identity::Rule;
use crate::state::State;
use crate::state::contacts::ContactRow;
use crate::state::links::Linked;
use crate::state::parked::Parked;

pub use there::{Answer, TargetExplained};

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
                .push(there::of_target(state, setup, &composer, target, &row).await?);
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
