//! Keys: who a contact and an order are, in the state and in every target.
//!
//! A key never changes and is never reused, so nothing in here may ever be computed differently.

use sha2::{Digest, Sha256};

/// `GROUP:c:GUID`: first seen as a customer.
pub fn customer(group: &str, guid: &str) -> String {
    format!("{group}:c:{guid}")
}

/// `GROUP:c:SHOP:GUID`: the same, where another shop of the group has given out that guid before. Guids
/// are unique until a shop is copied with its customers.
pub fn customer_of(group: &str, shop: &str, guid: &str) -> String {
    format!("{group}:c:{shop}:{guid}")
}

/// `GROUP:c:SHOP:GUID:TIMES`: the same for a customer who was deleted, taken over and came back so often.
pub fn customer_again(group: &str, shop: &str, guid: &str, times: u32) -> String {
    format!("{group}:c:{shop}:{guid}:{times}")
}

/// `GROUP:e:HEX16`: a guest, by e-mail.
pub fn by_email(group: &str, normalised: &str) -> String {
    by_email_hash(group, hash64(normalised))
}

/// The same from [`hash64`] of the normalised e-mail.
pub fn by_email_hash(group: &str, hash: u64) -> String {
    format!("{group}:e:{hash:016x}")
}

/// `GROUP:p:HEX16`: a guest, by phone; `e164` is written with its `+`.
pub fn by_phone(group: &str, e164: &str) -> String {
    format!("{group}:p:{:016x}", hash64(e164))
}

/// `GROUP:o:CODE`, or `GROUP:o:SHOP:CODE` where the shop's name is not the group's: a guest of
/// whom nothing but one order is known.
pub fn by_order(group: &str, shop: &str, code: &str) -> String {
    if shop == group {
        format!("{group}:o:{code}")
    } else {
        format!("{group}:o:{shop}:{code}")
    }
}

/// `SHOP:CODE`: an order.
pub fn order(shop: &str, code: &str) -> String {
    format!("{shop}:{code}")
}

/// Whether this is the key of a contact, of another group than the contact of the key `ours`.
pub fn is_of_another_group(record: &str, ours: &str) -> bool {
    let group = |key: &str| {
        let mut parts = key.splitn(3, ':');
        let (group, kind, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let is_key = matches!(kind, "c" | "e" | "p" | "o") && !group.is_empty() && !rest.is_empty();
        is_key.then(|| group.to_owned())
    };
    group(record).is_some_and(|there| Some(there) != group(ours))
}

/// The first 8 bytes of SHA-256, big-endian: their 16 hex digits are the HEX16 of a key.
pub fn hash64(text: &str) -> u64 {
    Sha256::digest(text)
        .iter()
        .take(8)
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_computed_the_same_for_ever() {
        // printf %s jane@shop.example | sha256sum, and the same of the phone.
        assert_eq!(by_email("main", "jane@shop.example"), "main:e:8911f29841d783b7");
        assert_eq!(by_phone("main", "+420601123456"), "main:p:f417a9109171fe54");
        assert_eq!(customer("main", "d7cc9ff4-9a15"), "main:c:d7cc9ff4-9a15");
        assert_eq!(customer_of("cz", "outlet", "d7cc9ff4"), "cz:c:outlet:d7cc9ff4");
        assert_eq!(
            customer_again("cz", "outlet", "d7cc9ff4", 2),
            "cz:c:outlet:d7cc9ff4:2"
        );
        assert_eq!(by_order("main", "main", "2026001"), "main:o:2026001");
        assert_eq!(by_order("cz", "outlet", "2026001"), "cz:o:outlet:2026001");
        assert_eq!(order("outlet", "2026001"), "outlet:2026001");
    }
}
