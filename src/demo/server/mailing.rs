//! `/api/mailing-lists` and `/api/unsubscribed-emails`.

use jiff::Timestamp;
use serde_json::json;

use super::answer::Answer;
use super::{Call, api};
use crate::demo::render::json::time;
use crate::demo::world::World;

/// The system's own list; the shop has no other.
const NEWSLETTERS: &str = "newsletters";

/// `GET /api/mailing-lists`
pub(super) fn lists(world: &mut World, _: &Call, _: &str) -> Answer {
    let list = json!({"code": NEWSLETTERS, "name": "Newsletters"});
    behind_the_module(world).unwrap_or_else(|| Answer::data(200, &json!({"mailingLists": [list]})))
}

/// `GET /api/mailing-lists/{code}`
pub(super) fn members(world: &mut World, call: &Call, code: &str) -> Answer {
    if let Some(refusal) = behind_the_module(world).or_else(|| unknown_list(code)) {
        return refusal;
    }
    let zone = world.shop.zone();
    let subscribers = &world.mailing.subscribers;
    api::page(
        call,
        "emails",
        (500, 500),
        subscribers,
        |(email, at)| json!({"email": email, "added": time(*at, &zone)}),
    )
}

/// `GET /api/mailing-lists/{code}/changes`
pub(super) fn changes(world: &mut World, call: &Call, code: &str) -> Answer {
    if let Some(refusal) = behind_the_module(world).or_else(|| unknown_list(code)) {
        return refusal;
    }
    let on_it = world
        .mailing
        .subscribers
        .iter()
        .map(|(email, at)| (email.as_str(), *at, "edit"));
    let off_it = world
        .mailing
        .left
        .iter()
        .map(|(email, at)| (email.as_str(), *at, "delete"));
    api::changes(world, call, "email", (500, 500), on_it.chain(off_it))
}

/// `GET /api/unsubscribed-emails`
pub(super) fn unsubscribed(world: &mut World, call: &Call, _: &str) -> Answer {
    let from = match api::time_parameter(call, "from") {
        Ok(from) => from,
        Err(refusal) => return refusal,
    };
    let zone = world.shop.zone();
    let since: Vec<&(String, Timestamp)> = world
        .mailing
        .unsubscribed
        .iter()
        .filter(|(_, at)| from.is_none_or(|from| *at >= from))
        .collect();
    api::page(
        call,
        "unsubscribedEmails",
        (1000, 1000),
        &since,
        |(email, at)| json!({"email": email, "unsubscribedAt": time(*at, &zone)}),
    )
}

fn behind_the_module(world: &World) -> Option<Answer> {
    let message = "The e-shop does not have the required module.";
    (!world.mailing.module).then(|| Answer::refusal(403, "missing-module", message, "module"))
}

fn unknown_list(code: &str) -> Option<Answer> {
    let message = format!("E-mail distribution list \"{code}\" not found.");
    (code != NEWSLETTERS).then(|| Answer::refusal(404, "mailing-list-not-found", &message, code))
}
