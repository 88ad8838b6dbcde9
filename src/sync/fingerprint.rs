//! What everything in a target depends on: its mapping, and what is known of the shops that go there.
//!
//! It is made from the configuration and from what the state remembers of the shops, never from what one
//! run happened to ask them, so that every command finds the same.

use sha2::{Digest, Sha256};

use super::shop::ShopInRun;
use super::target::TargetInRun;
use crate::source::settings::{Guests, StatusRef};

/// Changes whenever what the target shall hold could change without a word from a shop. A hash: it tells
/// nobody what is configured. `shops` are those that [`ShopInRun::all_from_state`] finds.
pub fn fingerprint(target: &TargetInRun, shops: &[ShopInRun]) -> String {
    let mut parts = Parts(Sha256::new());
    parts.add(target.mapping.fingerprint());
    for shop in shops.iter().filter(|shop| target.takes(shop)) {
        add_shop(&mut parts, shop);
        let halves = shop.told_apart_by_halves(&target.mapping);
        parts.add_set(halves.map(|status| format!("{status:?} is {:?}", shop.whole(status))));
    }
    parts.end()
}

fn add_shop(parts: &mut Parts, shop: &ShopInRun) {
    let settings = &shop.settings;
    parts.add("shop");
    for text in [
        &settings.name,
        &settings.group,
        &shop.home.facts.url,
        &shop.home.country,
        &shop.home.currency,
    ] {
        parts.add(text);
    }
    parts.add(shop.locale.timezone.iana_name().unwrap_or_default());
    parts.add(match settings.orders.guests {
        Guests::Contact => "contact",
        Guests::Skip => "skip",
    });
    parts.add_set(shop.not_people().map(str::to_owned));
    parts.add_set(settings.orders.cancelled.iter().map(|status| match status {
        StatusRef::Id(id) => format!("id {id}"),
        StatusRef::Name(name) => format!("name {name}"),
    }));
}

/// Every part is written with its length, so that no two configurations read the same.
struct Parts(Sha256);

impl Parts {
    fn add(&mut self, text: &str) {
        self.0.update(text.len().to_le_bytes());
        self.0.update(text);
    }

    /// Texts whose order means nothing.
    fn add_set(&mut self, texts: impl Iterator<Item = String>) {
        let mut texts: Vec<String> = texts.collect();
        texts.sort_unstable();
        texts.dedup();
        self.add(&texts.len().to_string());
        for text in &texts {
            self.add(text);
        }
    }

    fn end(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
