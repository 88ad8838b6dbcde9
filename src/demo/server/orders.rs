//! `/api/orders` and what is below it. Filters by shipping, payment, product and source are not
//! simulated and refused like any parameter the shop does not know.

use serde_json::json;

use super::answer::Answer;
use super::{Call, api, jobs};
use crate::demo::render::json;
use crate::demo::world::{Order, Record, World};

pub(super) const LIST_FILTERS: &[&str] = &[
    "statusId",
    "creationTimeFrom",
    "creationTimeTo",
    "changeTimeFrom",
    "changeTimeTo",
    "codeFrom",
    "codeTo",
    "customerGuid",
    "email",
    "phone",
    "orderCodes",
    "page",
    "itemsPerPage",
];
pub(super) const SNAPSHOT_FILTERS: &[&str] = &[
    "statusId",
    "creationTimeFrom",
    "creationTimeTo",
    "changeTimeFrom",
    "changeTimeTo",
    "codeFrom",
    "codeTo",
    "customerGuid",
    "email",
    "phone",
    "orderCodes",
    "include",
];
/// More codes in one request are refused.
const MOST_CODES: usize = 50;

/// `GET /api/orders`
pub(super) fn list(world: &mut World, call: &Call, _: &str) -> Answer {
    let wanted = match filter(call) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let matching: Vec<&Order> = world.orders.iter().filter(|order| wanted(order)).collect();
    api::page(call, "orders", (50, 50), &matching, |order| {
        json::listed_order(&world.shop, order)
    })
}

/// `GET /api/orders/{code}`
pub(super) fn detail(world: &mut World, call: &Call, code: &str) -> Answer {
    match world.order(code) {
        Some(order) => Answer::data(
            200,
            &json!({"order": json::order(&world.shop, order, includes_notes(call))}),
        ),
        None => {
            let message = format!("Order with code \"{code}\" not found.");
            Answer::refusal(404, "order-not-found", &message, code)
        }
    }
}

/// `GET /api/orders/changes`
pub(super) fn changes(world: &mut World, call: &Call, _: &str) -> Answer {
    let is_add = world.changes.creation_is_add;
    let edits = world.orders.iter().map(|order| {
        let is_new = order.created == order.changed;
        let change = if is_new && is_add { "add" } else { "edit" };
        (order.code.as_str(), order.changed, change)
    });
    let deletions = world.gone.iter().filter_map(|gone| match &gone.what {
        Record::Order(code) => Some((code.as_str(), gone.at, "delete")),
        Record::Customer(_) => None,
    });
    // What exists comes last: a code that was deleted and is there again is told as it is.
    let all = deletions.chain(edits);
    api::changes(world, call, "code", (20, 1000), all)
}

/// `GET /api/orders/snapshot`
pub(super) fn snapshot(world: &mut World, call: &Call, _: &str) -> Answer {
    let wanted = match filter(call) {
        Ok(wanted) => wanted,
        Err(refusal) => return refusal,
    };
    let notes = includes_notes(call);
    jobs::start(world, "/api/orders/snapshot", |world| {
        let matching = world.orders.iter().filter(|order| wanted(order));
        matching
            .map(|order| json::order(&world.shop, order, notes))
            .collect()
    })
}

fn includes_notes(call: &Call) -> bool {
    let include = call.parameter("include").unwrap_or_default().to_lowercase();
    include.split(',').any(|section| section.trim() == "notes")
}

fn filter(call: &Call) -> Result<impl Fn(&Order) -> bool + use<>, Answer> {
    let owned = |name: &str| call.parameter(name).map(str::to_owned);
    let status = owned("statusId").map(|text| text.parse::<i64>());
    if let Some(Err(_)) = status {
        return Err(api::invalid_parameter("statusId"));
    }
    let status = status.and_then(Result::ok);
    let created = api::within(call, "creationTimeFrom", "creationTimeTo")?;
    let changed = api::within(call, "changeTimeFrom", "changeTimeTo")?;
    let (code_from, code_to, guid) = (owned("codeFrom"), owned("codeTo"), owned("customerGuid"));
    let (email, phone) = (owned("email").map(|email| email.to_lowercase()), owned("phone"));
    let codes: Option<Vec<String>> =
        owned("orderCodes").map(|codes| codes.split(',').map(str::to_owned).collect());
    if let Some(count) = codes.as_ref().map(Vec::len).filter(|count| *count > MOST_CODES) {
        let message = format!(
            "Invalid \"orderCodes\" parameter. Expected max. {MOST_CODES} elements, but {count} given."
        );
        return Err(Answer::refusal(400, "invalid-parameter", &message, "orderCodes"));
    }
    Ok(move |order: &Order| {
        // A list of codes disables all other filters.
        if let Some(codes) = &codes {
            return codes.contains(&order.code);
        }
        let same = |wanted: &Option<String>, has: Option<String>| wanted.is_none() || *wanted == has;
        status.is_none_or(|status| status == order.status)
            && created(order.created)
            && changed(order.changed)
            && code_from.as_ref().is_none_or(|from| order.code >= *from)
            && code_to.as_ref().is_none_or(|to| order.code <= *to)
            && same(&guid, order.customer_guid.clone())
            && same(&email, order.email.as_ref().map(|email| email.to_lowercase()))
            && same(&phone, order.phone.clone())
    })
}
