//! The product's shop in front of a simulated one.

use shoptet_sync::demo::clock::Clock;
use shoptet_sync::demo::world::{Webhook, World};
use shoptet_sync::demo::{Fault, FaultKind, SimulatedShop};
use shoptet_sync::source::document::Locale;

use super::*;

/// The shop's present is two days ago: what the product asks with has to follow the shop's clock.
pub fn two_days_ago() -> Clock {
    let moment = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(48);
    Clock::standing_at(jiff::Timestamp::from_second(moment.as_second()).unwrap())
}

pub async fn started(mut world: World) -> SimulatedShop {
    world.clock = two_days_ago();
    world.limits.bucket = None;
    SimulatedShop::start(world).await.unwrap()
}

/// Everything by the API and everything by the links, as a test needs it.
pub fn settings_of(simulated: &SimulatedShop) -> ShopSettings {
    let mut settings = settings(&simulated.url().parse().unwrap());
    let (token, customers, orders, feed) = simulated.change(|world| {
        let doors = &world.doors;
        (
            doors.private_token.clone().unwrap(),
            doors.customers_hash.clone(),
            doors.orders_hash.clone(),
            doors.orders_feed_hash.clone(),
        )
    });
    let api = settings.api.as_mut().unwrap();
    api.base_url = simulated.api_url().parse().unwrap();
    api.token = ApiToken::Private(Secret::new(token));
    let links = settings.exports.as_mut().unwrap();
    links.customers_hash = Some(Secret::new(customers));
    links.orders_hash = Some(Secret::new(orders));
    // As it was copied: the link of "only new or updated" has the last time in it.
    links.orders_feed_hash = Some(Secret::new(format!(
        "{feed}&updateTimeFrom=2016-01-01%2000:00:00"
    )));
    settings
}

pub fn shop_of(simulated: &SimulatedShop) -> Shop {
    Shop::with_pace(&settings_of(simulated), None, "Europe/Prague", &fast()).unwrap()
}

pub fn now_of(simulated: &SimulatedShop) -> jiff::Timestamp {
    simulated.change(|world| world.clock.now())
}

pub fn pass_time(simulated: &SimulatedShop, minutes: i64) {
    simulated.change(|world| world.time_passes(jiff::SignedDuration::from_mins(minutes)));
}

pub fn happens(simulated: &SimulatedShop, on: &str, kind: FaultKind) {
    simulated.change(|world| world.faults.push(Fault::once(on, kind)));
}

/// With this the shop runs jobs.
pub fn register_jobs(simulated: &SimulatedShop) {
    simulated.change(|world| {
        let created = world.clock.now();
        world.webhooks.push(Webhook {
            id: 1,
            event: "job:finished".to_owned(),
            url: "https://sync.example.com/hook".to_owned(),
            created,
            updated: None,
        });
    });
}

pub fn locale() -> Locale {
    Locale {
        timezone: jiff::tz::TimeZone::get("Europe/Prague").unwrap(),
        country: "CZ".to_owned(),
        currency: "CZK".to_owned(),
    }
}
