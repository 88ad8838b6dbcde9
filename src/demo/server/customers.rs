//! `/api/customers` and what is below it.

use serde_json::json;

use super::answer::Answer;
use super::{Call, api, jobs};
use crate::demo::render::json;
use crate::demo::world::{Customer, Record, World};

pub(super) const SNAPSHOT_FILTERS: &[&str] = &[
    "creationTimeFrom",
    "creationTimeTo",
    "changeTimeFrom",
    "changeTimeTo",
];

/// `GET /api/customers`
pub(super) fn list(world: &mut World, call: &Call, _: &str) -> Answer {
    let email = call.parameter("email").map(str::to_lowercase);
    let phone = call.parameter("phone");
    let matching: Vec<&Customer> = world
        .customers
        .iter()
        .filter(|customer| {
            let accounts = &customer.accounts;
            email
                .as_ref()
                .is_none_or(|email| accounts.iter().any(|a| a.email.to_lowercase() == *email))
                && phone.is_none_or(|phone| accounts.iter().any(|a| a.phone.as_deref() == Some(phone)))
        })
        .collect();
    api::page(call, "customers", (20, 1000), &matching, |customer| {
        json::listed_customer(&world.shop, customer)
    })
}

/// `GET /api/customers/{guid}`
pub(super) fn detail(world: &mut World, _: &Call, guid: &str) -> Answer {
    match world.customer(guid) {
        Some(customer) => Answer::data(200, &json!({"customer": json::customer(&world.shop, customer)})),
        None => {
            let message = format!("Customer with guid \"{guid}\" not found.");
            Answer::refusal(404, "customer-not-found", &message, guid)
        }
    }
}

/// `GET /api/customers/changes`
pub(super) fn changes(world: &mut World, call: &Call, _: &str) -> Answer {
    let is_add = world.changes.creation_is_add;
    let edits = world.customers.iter().map(|customer| {
        let is_new = customer.created == customer.changed;
        let change = if is_new && is_add { "add" } else { "edit" };
        (customer.guid.as_str(), customer.changed, change)
    });
    let deletions = world.gone.iter().filter_map(|gone| match &gone.what {
        Record::Customer(guid) => Some((guid.as_str(), gone.at, "delete")),
        Record::Order(_) => None,
    });
    let all = deletions.chain(edits);
    api::changes(world, call, "guid", (20, 20), all)
}

/// `GET /api/customers/snapshot`
pub(super) fn snapshot(world: &mut World, call: &Call, _: &str) -> Answer {
    let created = match api::within(call, "creationTimeFrom", "creationTimeTo") {
        Ok(within) => within,
        Err(refusal) => return refusal,
    };
    let changed = match api::within(call, "changeTimeFrom", "changeTimeTo") {
        Ok(within) => within,
        Err(refusal) => return refusal,
    };
    jobs::start(world, "/api/customers/snapshot", |world| {
        let matching = world
            .customers
            .iter()
            .filter(|customer| created(customer.created) && changed(customer.changed));
        matching
            .map(|customer| json::customer(&world.shop, customer))
            .collect()
    })
}
