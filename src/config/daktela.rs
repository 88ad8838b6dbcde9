//! `kind = "daktela"`: its own keys, and what they say of fields and statuses.

use jiff::tz::TimeZone;

use super::address::{self, Extent};
use super::secret::{self, Shape};
use super::section::Section;
use crate::mapping::settings::{FieldSettings, MappingSettings, UnmappedStatus};
use crate::target::settings::{
    DaktelaRecord, DaktelaSettings, DaktelaWord, MOST_REQUESTS_PER_SECOND, OnGone, OnMerge,
    REQUESTS_PER_SECOND, STAGE_OF_DELETED, fault_of_daktela_field,
};

/// The database of an instance where nobody made another one.
const DATABASE: &str = "default";

const ON_GONE: [(&str, OnGone); 2] = [("leave", OnGone::Leave), ("recreate", OnGone::Recreate)];
const ON_MERGE: [(&str, OnMerge); 2] = [("mark", OnMerge::Mark), ("delete", OnMerge::Delete)];

/// What the status mapping calls an order that the shop deleted.
const DELETED: &str = "@deleted";

/// Reads the keys; a deleted order gets its word where the mapping has none.
pub(super) fn read(
    section: &Section,
    mapping: &mut MappingSettings,
    timezone: &str,
) -> Option<DaktelaSettings> {
    let order_type = named(section, "order_type");
    let marker = section.parsed("marker", |name| match fault_of_marker(name) {
        None => Ok(name.to_owned()),
        Some(fault) => Err(fault),
    });
    check_fields(
        section,
        "fields",
        &mapping.fields,
        DaktelaRecord::Contact,
        marker.as_deref(),
    );
    check_fields(
        section,
        "order_fields",
        &mapping.order_fields,
        DaktelaRecord::Order,
        None,
    );
    let words = read_words(section, mapping);
    if section.has("order_type") {
        if mapping.statuses.iter().all(|(status, _)| status != DELETED) {
            mapping
                .statuses
                .push((DELETED.to_owned(), STAGE_OF_DELETED.to_owned()));
        }
    } else {
        if !mapping.order_fields.is_empty() {
            section.fault(
                "order_fields",
                "are sent nowhere: `order_type` says which records orders are",
            );
        }
        // Nothing is sent, so nothing need be mapped.
        mapping.unmapped_status = UnmappedStatus::Keep;
    }
    if !section.has("url") {
        section.missing("url", "where Daktela is, as in \"https://shop.daktela.com\"");
    }
    if !section.has("token") {
        section.missing("token", "the token of an API user (Manage, Users, API tokens)");
    }
    let url = section.parsed("url", address::web(Extent::Host));
    let token = secret::read(section, "token", Shape::Token);
    let database = match section.has("database") {
        true => named(section, "database"),
        false => Some(DATABASE.to_owned()),
    };
    Some(DaktelaSettings {
        url: url?,
        token: token?,
        database: database?,
        order_type,
        on_gone: section.choice("on_gone", &ON_GONE).unwrap_or_default(),
        on_merge: section.choice("on_merge", &ON_MERGE).unwrap_or_default(),
        marker,
        requests_per_second: read_rate(section),
        words,
        // A faulty zone was told where it stands.
        timezone: TimeZone::get(timezone).unwrap_or(TimeZone::UTC),
    })
}

fn named(section: &Section, key: &str) -> Option<String> {
    section.parsed(key, |name| match name.trim() {
        "" => Err("is empty: the name that Daktela gives it".to_owned()),
        name => Ok(name.to_owned()),
    })
}

fn read_rate(section: &Section) -> u32 {
    match section.integer("requests_per_second") {
        None => REQUESTS_PER_SECOND,
        Some(rate @ 1..=MOST_REQUESTS_PER_SECOND) => rate,
        Some(_) => {
            section.fault(
                "requests_per_second",
                format!("must be from 1 to {MOST_REQUESTS_PER_SECOND}"),
            );
            REQUESTS_PER_SECOND
        }
    }
}

fn fault_of_marker(name: &str) -> Option<String> {
    match name {
        "title" | "firstname" | "lastname" | "user" | "account" => {
            Some("must be a text field of its own, as in \"customFields.shoptet_state\"".to_owned())
        }
        name => fault_of_daktela_field(name, DaktelaRecord::Contact),
    }
}

fn check_fields(
    section: &Section,
    key: &str,
    fields: &[FieldSettings],
    within: DaktelaRecord,
    marker: Option<&str>,
) {
    let Some(table) = section.open_table(key) else {
        return;
    };
    for field in fields {
        let name = field.spec.name.as_str();
        if let Some(fault) = fault_of_daktela_field(name, within) {
            table.fault(name, fault);
        }
        if marker == Some(name) {
            table.fault(name, "is the `marker`; it cannot show something else as well");
        }
    }
}

/// The words of the status mapping, each once.
fn read_words(section: &Section, mapping: &MappingSettings) -> Vec<String> {
    let mut words = Vec::new();
    for (status, word) in &mapping.statuses {
        if DaktelaWord::read(word).is_none()
            && let Some(table) = section.open_table("statuses")
        {
            table.fault(
                status,
                "must be OPEN or CLOSE, with the name of a status behind a colon where there is one (\"CLOSE:done\")",
            );
        }
        if !words.contains(word) {
            words.push(word.clone());
        }
    }
    words
}
