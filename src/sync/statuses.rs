//! Every order status that was seen or is offered, and what it becomes in each target.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::draft::shown_name;
use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::error::Result;
use crate::mapping::Stage;
use crate::model::OrderStatus;
use crate::state::State;

/// A status of a shop.
#[derive(Debug, Clone, Serialize)]
pub struct StatusOfShop {
    /// Name of the shop.
    pub shop: String,
    /// The shop's id, where it told one.
    pub id: Option<i64>,
    /// Its name; the id where it has none.
    pub name: String,
    /// Orders that have it, deleted ones not counted.
    pub orders: u64,
    /// Whether its orders count as cancelled.
    pub cancelled: bool,
    /// What it becomes, per target.
    pub targets: Vec<StageOfTarget>,
}

/// What a status becomes in a target.
#[derive(Debug, Clone, Serialize)]
pub struct StageOfTarget {
    /// Name of the target.
    pub target: String,
    /// How.
    pub how: How,
    /// The word that is written; `None` when the orders are parked.
    pub stage: Option<String>,
}

/// How a status is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// The configuration names it, or all others.
    Mapped,
    /// Nothing names it, and the shop's own word is written.
    Kept,
    /// Nothing names it, and its orders are parked.
    NotMapped,
}

/// All statuses that the state knows; those that are not mapped somewhere first, then by shop and orders.
///
/// # Errors
/// When the state cannot be read.
pub fn statuses(state: &State, shops: &[ShopInRun], targets: &[TargetInRun]) -> Result<Vec<StatusOfShop>> {
    let counts: HashMap<i64, u64> = state.orders_per_status()?.into_iter().collect();
    // The same status may be known by its name alone and with its id.
    let mut orders_of: BTreeMap<(i64, OrderStatus), u64> = BTreeMap::new();
    for (number, shop, status) in state.statuses()? {
        if let Some(known) = shops.iter().find(|known| known.id == shop) {
            let orders = counts.get(&number).copied().unwrap_or(0);
            *orders_of.entry((shop, known.whole(&status))).or_default() += orders;
        }
    }
    let mut all = Vec::new();
    for ((shop, status), orders) in orders_of {
        let shop = shops.iter().find(|known| known.id == shop);
        all.extend(shop.map(|shop| of_shop(shop, &status, orders, targets)));
    }
    all.sort_by(|left, right| {
        let key = |status: &StatusOfShop| (!status.is_unmapped(), status.shop.clone());
        key(left)
            .cmp(&key(right))
            .then(right.orders.cmp(&left.orders))
            .then_with(|| left.name.cmp(&right.name))
    });
    Ok(all)
}

/// What one status becomes in each target that takes the shop.
pub fn of_shop(shop: &ShopInRun, status: &OrderStatus, orders: u64, targets: &[TargetInRun]) -> StatusOfShop {
    let status = &shop.whole(status);
    let targets = targets.iter().filter(|target| target.takes(shop)).map(|target| {
        let (how, stage) = match target.mapping.stage(&shop.settings.name, status) {
            Stage::Mapped(word) => (How::Mapped, Some(word.to_owned())),
            Stage::Kept => (How::Kept, Some(shown_name(status))),
            Stage::Unmapped => (How::NotMapped, None),
        };
        StageOfTarget {
            target: target.settings.name.clone(),
            how,
            stage,
        }
    });
    StatusOfShop {
        shop: shop.settings.name.clone(),
        id: status.id,
        name: shown_name(status),
        orders,
        cancelled: shop.is_cancelled(status),
        targets: targets.collect(),
    }
}

impl StatusOfShop {
    /// Whether its orders are parked in some target.
    pub fn is_unmapped(&self) -> bool {
        !self.unmapped_in().is_empty()
    }

    /// The targets that have no word for it.
    pub fn unmapped_in(&self) -> Vec<&str> {
        let unmapped = self.targets.iter().filter(|target| target.how == How::NotMapped);
        unmapped.map(|target| target.target.as_str()).collect()
    }

    /// The line of `[target.statuses]` that would map it.
    pub fn line(&self) -> String {
        format!("{} = \"…\"", quoted(&self.name))
    }
}

/// A key of TOML.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}
