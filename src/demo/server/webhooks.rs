//! `/api/webhooks`: one address per event. They are registered, never called.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use super::{Call, api};
use crate::demo::render::json::time;
use crate::demo::world::{Webhook, World};

/// The longest address that is taken, in characters.
const LONGEST_URL: usize = 2000;
/// The most webhooks of one request.
const MOST_AT_ONCE: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body<T> {
    data: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewWebhook {
    event: String,
    url: String,
    #[serde(default)]
    #[allow(dead_code)] // accepted, as the shop does; no event supports it
    send_payload: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangedWebhook {
    url: Option<String>,
    #[allow(dead_code)] // accepted, as the shop does; no event supports it
    send_payload: Option<String>,
}

/// `GET /api/webhooks`
pub(super) fn list(world: &mut World, call: &Call, _: &str) -> Answer {
    api::page(call, "webhooks", (20, 500), &world.webhooks, |webhook| {
        render(world, webhook)
    })
}

/// `GET /api/webhooks/{id}`
pub(super) fn detail(world: &mut World, _: &Call, id: &str) -> Answer {
    match world.webhooks.iter().find(|webhook| webhook.id.to_string() == id) {
        Some(webhook) => Answer::data(200, &json!({"webhook": render(world, webhook)})),
        None => not_found(id),
    }
}

/// `POST /api/webhooks`
pub(super) fn register(world: &mut World, call: &Call, _: &str) -> Answer {
    let wanted = match serde_json::from_slice::<Body<Vec<NewWebhook>>>(&call.body) {
        Ok(body) => body.data,
        Err(error) => return not_parsable(&error),
    };
    if wanted.is_empty() || wanted.len() > MOST_AT_ONCE {
        return Answer::refusal(
            422,
            "invalid-request-data",
            "One to fifty webhooks are expected.",
            "data",
        );
    }
    for (at, new) in wanted.iter().enumerate() {
        if let Err(refusal) = check_url(&new.url) {
            return refusal;
        }
        let registered = world.webhooks.iter().any(|webhook| webhook.event == new.event);
        let twice = wanted.iter().take(at).any(|other| other.event == new.event);
        if registered || twice {
            let message = "Webhook already exists for this event";
            return Answer::refusal(422, "webhook-already-exists", message, &new.event);
        }
    }
    let now = world.clock.now();
    let mut created = Vec::new();
    for new in wanted {
        let highest = world.webhooks.iter().map(|webhook| webhook.id).max().unwrap_or(0);
        let webhook = Webhook {
            id: highest.saturating_add(1),
            event: new.event,
            url: new.url,
            created: now,
            updated: None,
        };
        created.push(render(world, &webhook));
        world.webhooks.push(webhook);
    }
    Answer::data(201, &json!({"webhooks": created}))
}

/// `PATCH /api/webhooks/{id}`
pub(super) fn change(world: &mut World, call: &Call, id: &str) -> Answer {
    let changed = match serde_json::from_slice::<Body<ChangedWebhook>>(&call.body) {
        Ok(body) => body.data,
        Err(error) => return not_parsable(&error),
    };
    let now = world.clock.now();
    let Some(webhook) = world
        .webhooks
        .iter_mut()
        .find(|webhook| webhook.id.to_string() == id)
    else {
        return not_found(id);
    };
    if let Some(url) = changed.url {
        if let Err(refusal) = check_url(&url) {
            return refusal;
        }
        webhook.url = url;
    }
    webhook.updated = Some(now);
    Answer::data(200, &Value::Null)
}

/// `DELETE /api/webhooks/{id}`
pub(super) fn remove(world: &mut World, _: &Call, id: &str) -> Answer {
    let before = world.webhooks.len();
    world.webhooks.retain(|webhook| webhook.id.to_string() != id);
    if world.webhooks.len() == before {
        not_found(id)
    } else {
        Answer::data(200, &Value::Null)
    }
}

fn render(world: &World, webhook: &Webhook) -> Value {
    let zone = world.shop.zone();
    json!({
        "id": webhook.id,
        "event": webhook.event,
        "url": webhook.url,
        "created": time(webhook.created, &zone),
        "updated": webhook.updated.map(|at| time(at, &zone)),
        "sendPayload": null,
    })
}

fn check_url(url: &str) -> Result<(), Answer> {
    let address = url.starts_with("https://") || url.starts_with("http://");
    if address && url.chars().count() <= LONGEST_URL {
        return Ok(());
    }
    Err(Answer::refusal(
        422,
        "invalid-request-data",
        "Invalid webhook URL.",
        "data.url",
    ))
}

fn not_parsable(error: &serde_json::Error) -> Answer {
    Answer::refusal(422, "invalid-request-data", &error.to_string(), "data")
}

fn not_found(id: &str) -> Answer {
    Answer::refusal(
        404,
        "webhook-not-found",
        &format!("Webhook with id \"{id}\" not found."),
        id,
    )
}
