//! Every key the configuration knows, section by section, and the nearest one to a misspelt one.

/// A section and its keys.
#[derive(Debug)]
pub(super) struct Known {
    /// As it is written in the file; empty for the top of the file.
    pub(super) section: &'static str,
    /// Its keys.
    pub(super) keys: &'static [&'static str],
}

const fn known(section: &'static str, keys: &'static [&'static str]) -> Known {
    Known { section, keys }
}

pub(super) const FILE: Known = known(
    "",
    &["state_dir", "schedule", "server", "shop", "target", "notify"],
);
pub(super) const SCHEDULE: Known = known(
    "[schedule]",
    &["timezone", "incremental", "reconcile", "heartbeat_url"],
);
pub(super) const SERVER: Known = known("[server]", &["listen", "public_url", "password"]);
pub(super) const SHOP: Known = known(
    "[[shop]]",
    &[
        "name",
        "group",
        "url",
        "country",
        "currency",
        "timezone",
        "hosts",
        "api",
        "exports",
        "customers",
        "orders",
    ],
);
pub(super) const API: Known = known(
    "[shop.api]",
    &[
        "base_url",
        "private_token",
        "oauth_token",
        "token_url",
        "job_webhook",
    ],
);
pub(super) const EXPORTS: Known = known(
    "[shop.exports]",
    &[
        "partner_id",
        "customers_hash",
        "orders_hash",
        "orders_feed_hash",
        "orders_pattern",
        "min_interval",
    ],
);
pub(super) const CUSTOMERS: Known = known("[shop.customers]", &["source", "mode", "deleted"]);
pub(super) const ORDERS: Known = known(
    "[shop.orders]",
    &[
        "source",
        "mode",
        "since",
        "until",
        "guests",
        "not_people",
        "cancelled",
    ],
);
/// What every kind of target has.
pub(super) const TARGET: Known = known(
    "[[target]]",
    &[
        "name",
        "kind",
        "shops",
        "only",
        "unmapped_status",
        "fields",
        "order_fields",
        "statuses",
    ],
);
/// What `kind = "sqlite"` has besides.
pub(super) const SQLITE: Known = known("[[target]]", &["path"]);
/// What `kind = "postgres"` has besides.
pub(super) const POSTGRES: Known = known("[[target]]", &["url", "password", "schema", "ca_file"]);
/// What `kind = "daktela"` has besides.
pub(super) const DAKTELA: Known = known(
    "[[target]]",
    &[
        "url",
        "token",
        "database",
        "order_type",
        "on_gone",
        "on_merge",
        "marker",
        "requests_per_second",
    ],
);
/// What `kind = "minicrm"` has besides.
pub(super) const MINICRM: Known = known(
    "[[target]]",
    &[
        "url",
        "system_id",
        "api_key",
        "category_id",
        "owner",
        "requests_per_minute",
        "sync_feed_id",
        "marker",
    ],
);
pub(super) const FIELD: Known = known("[target.fields]", &["value", "write", "on_empty", "type"]);
pub(super) const NOTIFY: Known = known("[[notify]]", &["on", "url", "command"]);
pub(super) const SECRET: Known = known("a secret", &["env", "file"]);

/// The sections of which a key may have slipped into another one.
const SECTIONS: &[&Known] = &[
    &FILE, &SCHEDULE, &SERVER, &SHOP, &API, &EXPORTS, &CUSTOMERS, &ORDERS, &TARGET, &SQLITE, &POSTGRES,
    &DAKTELA, &MINICRM, &NOTIFY,
];

/// What to tell somebody whose key is not known in a section that has the keys of all `here`.
pub(super) fn advice(unknown: &str, here: &[&Known]) -> String {
    let mut elsewhere: Vec<&str> = SECTIONS
        .iter()
        .filter(|section| section.keys.contains(&unknown))
        .map(|section| match section.section {
            "" => "the top of the file",
            name => name,
        })
        .collect();
    // One section can have the keys of several kinds.
    elsewhere.dedup();
    let keys: Vec<&str> = here.iter().flat_map(|known| known.keys.iter().copied()).collect();
    let is_of_another_kind = |section: &&str| here.iter().any(|known| known.section == *section);
    let near = nearest(unknown, keys.iter().copied());
    match near {
        // Another kind of the same calls so what is called otherwise here.
        Some(near) if elsewhere.iter().all(is_of_another_kind) => {
            format!("the nearest known key is `{near}`")
        }
        _ if !elsewhere.is_empty() => format!("it belongs in {}", elsewhere.join(" or ")),
        _ => format!("known here: {}", keys.join(", ")),
    }
}

/// The most similar of some known words, if any is similar at all.
pub(super) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    /// Below this two words have little more than their length in common.
    const SIMILAR: f64 = 0.5;
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|known| {
            (
                strsim::normalized_damerau_levenshtein(&word, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}
