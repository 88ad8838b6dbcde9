//! `kind = "minicrm"`: its own keys, and what they say of fields and statuses.

use super::address::{self, Extent};
use super::secret::{self, Shape};
use super::section::Section;
use super::wording::unknown_word;
use crate::mapping::settings::{FieldSettings, MappingSettings};
use crate::target::settings::{
    DELETED_STAGE, MOST_REQUESTS_PER_MINUTE, MiniCrmSettings, REQUESTS_PER_MINUTE, STAGE_WORDS,
};

/// What the status mapping calls an order that the shop deleted.
const DELETED: &str = "@deleted";

/// How the name of a contact's field begins.
const OF_A_CONTACT: [&str; 4] = ["Person.", "Business.", "Address.", "Card."];

/// How the name of an order's field begins.
const OF_AN_ORDER: &str = "Order.";

/// How the name of a card's field begins.
const OF_A_CARD: &str = "Card.";

/// Reads the keys; a deleted order gets its word where the mapping has none.
pub(super) fn read(
    section: &Section,
    mapping: &mut MappingSettings,
    shops: usize,
) -> Option<MiniCrmSettings> {
    check_words(section, mapping);
    if mapping.statuses.iter().all(|(status, _)| status != DELETED) {
        mapping
            .statuses
            .push((DELETED.to_owned(), DELETED_STAGE.to_owned()));
    }
    let marker = read_marker(section);
    check_fields(section, "fields", &mapping.fields, marker.as_deref());
    check_fields(section, "order_fields", &mapping.order_fields, None);
    for (key, what) in [
        ("url", "where MiniCRM is, as in \"https://r3.minicrm.hu\""),
        (
            "system_id",
            "the number of your system: it stands in the address of each of its pages",
        ),
        ("api_key", "the key that its settings show once, under System"),
        (
            "category_id",
            "the number of the product whose cards your contacts are: the Webshop, at the end of its address",
        ),
    ] {
        if !section.has(key) {
            section.missing(key, what);
        }
    }
    let url = section.parsed("url", address::web(Extent::Host));
    let api_key = secret::read(section, "api_key", Shape::Token);
    let (system_id, category_id) = (number(section, "system_id"), number(section, "category_id"));
    let sync_feed_id = number(section, "sync_feed_id");
    let owner = section.parsed("owner", |owner| match owner.trim() {
        "" => Err("is empty: the name or the number of a user".to_owned()),
        owner => Ok(owner.to_owned()),
    });
    Some(MiniCrmSettings {
        url: url?,
        system_id: system_id?,
        api_key: api_key?,
        category_id: category_id?,
        owner,
        requests_per_minute: read_rate(section),
        sync_feed_id,
        marker,
        has_several_shops: shops > 1,
    })
}

fn number(section: &Section, key: &str) -> Option<u32> {
    let number = section.integer(key)?;
    if number == 0 {
        section.fault(key, "is a number above 0");
        return None;
    }
    Some(number)
}

fn read_rate(section: &Section) -> u32 {
    match section.integer("requests_per_minute") {
        None => REQUESTS_PER_MINUTE,
        Some(rate @ 1..=MOST_REQUESTS_PER_MINUTE) => rate,
        Some(_) => {
            section.fault(
                "requests_per_minute",
                format!("must be from 1 to {MOST_REQUESTS_PER_MINUTE}"),
            );
            REQUESTS_PER_MINUTE
        }
    }
}

/// The field for marks, without what stands before its dot.
fn read_marker(section: &Section) -> Option<String> {
    section.parsed("marker", |name| match name.strip_prefix(OF_A_CARD) {
        Some("Name" | "ReferenceId" | "") | None => {
            Err("must be a text field of the card made for it, as in \"Card.ShoptetState\"".to_owned())
        }
        Some(name) => Ok(name.to_owned()),
    })
}

fn check_fields(section: &Section, key: &str, fields: &[FieldSettings], marker: Option<&str>) {
    let Some(table) = section.open_table(key) else {
        return;
    };
    for field in fields {
        let name = field.spec.name.as_str();
        let begins = |begin: &&str| name.len() > begin.len() && name.starts_with(begin);
        let is_known = match key {
            "order_fields" => begins(&OF_AN_ORDER),
            _ => OF_A_CONTACT.iter().any(begins),
        };
        if !is_known {
            let begins = match key {
                "order_fields" => OF_AN_ORDER.to_owned(),
                _ => OF_A_CONTACT.join(", "),
            };
            table.fault(
                name,
                format!("is no field of MiniCRM: its name begins with {begins}"),
            );
        }
        if marker.is_some() && name.strip_prefix(OF_A_CARD) == marker {
            table.fault(name, "is the `marker`; it cannot show something else as well");
        }
    }
}

/// Whether each word of the status mapping is a stage of an order.
fn check_words(section: &Section, mapping: &MappingSettings) {
    let Some(table) = section.open_table("statuses") else {
        return;
    };
    for (status, word) in &mapping.statuses {
        if !STAGE_WORDS.contains(&word.as_str()) {
            table.fault(
                status,
                format!("no such stage of an order: {}", unknown_word(word, &STAGE_WORDS)),
            );
        }
    }
}
