//! The two ways to log in to the API, and where an add-on gets its access tokens.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Call;
use super::answer::Answer;
use crate::demo::world::World;

/// On the shop's own host.
pub(super) const PATH: &str = "/action/ApiOAuthServer/getAccessToken";
pub(super) const PRIVATE_HEADER: &str = "shoptet-private-api-token";
pub(super) const ACCESS_HEADER: &str = "shoptet-access-token";

const VALIDITY: SignedDuration = SignedDuration::from_mins(30);
/// The shop gives out no sixth token while five are valid.
const MOST_VALID: usize = 5;

/// Answers the exchange of an OAuth token for an access token.
pub(super) fn give_access_token(world: &mut World, call: &Call) -> Answer {
    let refusal = |status: u16, error: &str| {
        Answer::new(status, "application/json", json!({"error": error}).to_string())
    };
    if call.method != "GET" {
        return refusal(405, "method_not_allowed");
    }
    let Some(oauth_token) = world.doors.oauth_token.clone() else {
        return refusal(401, "addon_not_installed");
    };
    let bearer = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Bearer "));
    if bearer != Some(oauth_token.as_str()) {
        return refusal(401, "invalid_token");
    }
    let now = world.clock.now();
    let tokens = &mut world.doors.access_tokens;
    if tokens.iter().filter(|(_, until)| *until > now).count() >= MOST_VALID {
        return refusal(429, "maximum_tokens_reached");
    }
    let token = format!(
        "{}-a-{}-simulatedaccesstoken{:08}",
        world.shop.eshop_id,
        tokens.len(),
        call.number
    );
    tokens.push((token.clone(), now.saturating_add(VALIDITY).unwrap_or(now)));
    let body = json!({"access_token": token, "expires_in": VALIDITY.as_secs()});
    Answer::new(200, "application/json", body.to_string())
}

/// Lets a request to the API in, or answers 401 in the shop's words.
pub(super) fn check(world: &World, call: &Call) -> Result<(), Answer> {
    let refusal = |code: &str, message: &str| Err(Answer::refusal(401, code, message, "unknown"));
    let invalid = || refusal("invalid-token", "Invalid access token.");
    if let Some(token) = call.header(PRIVATE_HEADER) {
        return if world.doors.private_token.as_deref() == Some(token) {
            Ok(())
        } else {
            invalid()
        };
    }
    let Some(token) = call.header(ACCESS_HEADER) else {
        return refusal(
            "missing-access-token",
            "Missing access token. Please add `Shoptet-Access-Token` header to your request.",
        );
    };
    let known = world.doors.access_tokens.iter().find(|(known, _)| known == token);
    match known {
        None => invalid(),
        Some((_, until)) if *until <= world.clock.now() => {
            refusal("expired-token", "Token is expired. Please ask for new one.")
        }
        Some(_) => Ok(()),
    }
}

/// `Mon, 01 Jul 2024 12:01:11 GMT`
pub(super) fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
