//! What our records are called there: a name of our own tells a record made by a write whose answer was lost from one
//! that was never made.
//!
//! A name is the key in the alphabet of names: lower case, letters and digits, everything else `_`. Two keys never
//! give one name: wherever something else than the `:` between the parts of a key was rewritten, a hash follows.
//! What a name may hold and how long it may be is nowhere published; assumed: `[a-z0-9_]`, fewer than 64.

use sha2::{Digest, Sha256};

/// What every name of ours begins with.
pub const PREFIX: &str = "shoptet_";

/// The longest name.
const LONGEST: usize = 63;

/// A key of more parts than this is none that we make; it could be told from no other.
const MOST_PARTS: usize = 5;

/// Of a contact's key: a customer, an e-mail, a phone, an order.
const KINDS: [&str; 4] = ["c", "e", "p", "o"];

/// How the digits of a guid are parted.
const GUID: [usize; 5] = [8, 4, 4, 4, 12];

/// The name of a contact.
pub fn of_contact(key: &str) -> String {
    let is_told_apart =
        key.split(':').count() <= MOST_PARTS && key.split(':').all(|part| is_plain(part) || is_guid(part));
    named(&rewritten(key), (!is_told_apart).then_some(key))
}

/// The key of the contact that has this name, where it can be told: not where a group's or shop's name had to be cut.
pub fn key_of_contact(name: &str) -> Option<String> {
    let parts: Vec<&str> = name.strip_prefix(PREFIX)?.split('_').collect();
    let unhashed = parts.split_last().map_or(&parts[..], |(_, unhashed)| unhashed);
    // What is taken for a key has to give that name: where a hash follows it, that tells too.
    [&parts[..], unhashed]
        .into_iter()
        .flat_map(keys_of_parts)
        .find(|key| of_contact(key) == name)
}

/// Whatever key these may be the parts of: group, kind, shop where there is one, and what tells the contact.
fn keys_of_parts(parts: &[&str]) -> Vec<String> {
    let mut keys = Vec::new();
    for (place, kind) in parts.iter().enumerate().filter(|(_, part)| KINDS.contains(part)) {
        let (Some(group), Some(rest)) = (parts.get(..place), parts.get(place + 1..)) else {
            continue;
        };
        for last in 0..rest.len() {
            let (shop, last) = rest.split_at(last);
            let shop = match shop.join("-") {
                shop if shop.is_empty() => shop,
                shop => format!("{shop}:"),
            };
            keys.push(format!("{}:{kind}:{shop}{}", group.join("-"), last.join("-")));
        }
    }
    keys
}

/// Whether a name is one of ours, for a contact of another group than that of this key: a program that delivers that
/// one's people made it.
pub fn is_of_another_group(name: &str, key: &str) -> bool {
    if !name.starts_with(PREFIX) {
        return false;
    }
    let group = key.split(':').next().unwrap_or_default();
    // The kind of a contact's key follows, and the end of a group's name is not told from it otherwise.
    !begins_of_group(group).any(|begin| name.starts_with(&begin))
}

/// What the names of a group's contacts begin with, each kind of them.
pub fn begins_of_group(group: &str) -> impl Iterator<Item = String> {
    let group = rewritten(group);
    KINDS
        .into_iter()
        .map(move |kind| format!("{PREFIX}{group}_{kind}_"))
}

/// The name of an order, `SHOP:CODE`.
pub fn of_order(key: &str) -> String {
    let (shop, code) = key.split_once(':').unwrap_or(("", key));
    let name = format!("{}_o_{}", rewritten(shop), rewritten(code));
    // Where the code begins can be told while the shop has no such part itself.
    let is_told_apart = !shop.split('-').any(|part| part == "o");
    let is_as_it_was = rewritten(code) == code;
    named(
        &name,
        match (is_told_apart, is_as_it_was) {
            (true, true) => None,
            (true, false) => Some(code),
            (false, _) => Some(key),
        },
    )
}

/// The prefix before it; behind it a hash, where one is needed to tell it from others or it is too long.
fn named(rewritten: &str, hashed: Option<&str>) -> String {
    let whole = format!("{PREFIX}{rewritten}");
    match hashed {
        None if whole.len() <= LONGEST => whole,
        _ => {
            let hash = hash(hashed.unwrap_or(rewritten));
            // All of it is ASCII.
            let begin = whole.get(..LONGEST - hash.len() - 1).unwrap_or(&whole);
            format!("{begin}_{hash}")
        }
    }
}

fn rewritten(text: &str) -> String {
    let letter = |letter: char| match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9') => letter,
        _ => '_',
    };
    text.chars().map(letter).collect()
}

/// The first 8 hex digits of SHA-256.
fn hash(text: &str) -> String {
    let bytes = Sha256::digest(text);
    bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

fn is_plain(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// A guid as shops write them: its dashes stand where everybody knows.
fn is_guid(part: &str) -> bool {
    let is_hex = |digits: &str| {
        digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let lengths = part.split('-').map(str::len);
    lengths.eq(GUID) && part.split('-').all(is_hex)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Computed apart: `printf %s CODE | sha256sum`.
    #[test]
    fn a_name_is_the_same_for_ever() {
        for (key, name) in [
            (
                "main:c:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
                "shoptet_main_c_d7cc9ff4_9a15_11e5_8d7b_ac162d8a2454",
            ),
            ("main:e:8911f29841d783b7", "shoptet_main_e_8911f29841d783b7"),
            ("main:o:outlet:2026001", "shoptet_main_o_outlet_2026001"),
        ] {
            assert_eq!(of_contact(key), name);
        }
        for (key, name) in [
            ("main:2026001", "shoptet_main_o_2026001"),
            ("main:2026_1", "shoptet_main_o_2026_1"),
            ("main:2026-1", "shoptet_main_o_2026_1_8a91deb7"),
            ("main:ABC", "shoptet_main_o_abc_b5d4045c"),
            ("my-shop:1", "shoptet_my_shop_o_1"),
        ] {
            assert_eq!(of_order(key), name);
        }
    }

    #[test]
    fn a_name_tells_the_key_or_says_that_it_cannot() {
        for key in [
            "main:c:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
            "main:c:outlet:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
            "main:e:8911f29841d783b7",
            "my-shop:e:8911f29841d783b7",
            "c-e:e:8911f29841d783b7",
            "main:o:my-outlet:2026001",
        ] {
            assert_eq!(key_of_contact(&of_contact(key)).as_deref(), Some(key));
        }
        for name in [
            "contact_674eda46162a8403430453",
            "shoptet_",
            "shoptet_main",
            &of_contact("a-group-whose-name-is-as-long-as-a-name-can-be-and-then-a-bit-longer:e:1"),
        ] {
            assert_eq!(key_of_contact(name), None, "{name}");
        }
    }

    #[test]
    fn what_another_group_made_is_told_from_what_is_ours_and_from_what_agents_made() {
        let is_others = |name: &str| is_of_another_group(name, "main:e:8911f29841d783b7");
        assert!(!is_others(&of_contact(
            "main:c:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454"
        )));
        assert!(!is_others("contact_674eda46162a8403430453"));
        for key in [
            "outlet:e:8911f29841d783b7",
            "main-2:e:8911f29841d783b7",
            "mai:c:g1",
        ] {
            assert!(is_others(&of_contact(key)), "{key}");
        }
    }

    #[test]
    fn two_keys_never_give_one_name_and_none_is_too_long() {
        let contacts = [
            "main:c:g1",
            "main:c:G1",
            "main:c:g-1",
            "main:c:g_1",
            "main:c:g:1",
            "main:c:gé1",
            "main:c:g 1",
            "a-c:e:1",
            "a:c:e:1",
            "a-b:c:1",
            "a:o:b-c",
            "a:o:b:c",
            "a:o:B:c",
            "a:o:",
            "a:o",
            "",
            "main:c:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
            "main:c:d7cc9ff4:9a15:11e5:8d7b:ac162d8a2454",
            "main:c:d7cc9ff4_9a15_11e5_8d7b_ac162d8a2454",
            "main:c:D7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
            "main:c:another-shop-of-it:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2454",
            "main:c:another-shop-of-it:d7cc9ff4-9a15-11e5-8d7b-ac162d8a2455",
            "a-group-whose-name-is-as-long-as-a-name-can-be-and-then-a-bit-longer:e:1",
            "a-group-whose-name-is-as-long-as-a-name-can-be-and-then-a-bit-longer:e:2",
        ];
        let orders = [
            "main:1",
            "main:o:1",
            "main:1-1",
            "main:1_1",
            "main:1/1",
            "main:1:1",
            "main:a",
            "main:A",
            "main:á",
            "a-o-b:c",
            "a:b_o_c",
            "a:b-o-c",
            "a-b:c",
            "a:b_c",
            "a:b:c",
            "a:",
            ":a",
            "a-o:1",
            "a:o_1",
            "a:o-1",
            "main:a-code-that-somebody-made-up-of-all-the-words-they-could-find-1",
            "main:a-code-that-somebody-made-up-of-all-the-words-they-could-find-2",
            "main:2026000000000000000000000000000000000000000000000000000000000001",
            "main:2026000000000000000000000000000000000000000000000000000000000002",
        ];
        for (keys, name) in [
            (&contacts[..], of_contact as fn(&str) -> String),
            (&orders[..], of_order),
        ] {
            let mut named: BTreeMap<String, &str> = BTreeMap::new();
            for key in keys {
                let name = name(key);
                assert!(name.len() < 64 && name.starts_with(PREFIX), "{name}");
                assert!(
                    name.bytes()
                        .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')),
                    "{name}"
                );
                if let Some(other) = named.insert(name.clone(), key) {
                    panic!("{key} and {other} are both {name}");
                }
            }
        }
    }
}
