//! Hashes that nobody can make, nor guess from, without the key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Bytes of a key and of a hash.
pub const BYTES: usize = 32;

/// By what a person is recognised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// First 64 bits of the SHA-256 of an e-mail.
    Email(u64),
    /// Digits of a phone.
    Phone(u64),
    /// The shop's identifier of a customer.
    Guid(String),
    /// An order, by the name of its shop and its code.
    Order(String, String),
}

/// A key under which hashes are made.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// From the secret that is stored.
    pub fn new(secret: &[u8; BYTES]) -> Self {
        // A key that is shorter than a block is filled up with zeros: so says HMAC itself.
        let mut block = [0; 64];
        block[..BYTES].copy_from_slice(secret);
        Self(Hmac::new(&block.into()))
    }

    /// What stands for a sign in a group, for one use and no other.
    pub fn hash(&self, used_as: &str, group: &str, sign: &Sign) -> [u8; BYTES] {
        let mut mac = self.0.clone();
        // Each part with its length, so that no two signs read the same.
        let mut part = |bytes: &[u8]| {
            mac.update(&bytes.len().to_le_bytes());
            mac.update(bytes);
        };
        part(used_as.as_bytes());
        part(group.as_bytes());
        match sign {
            Sign::Email(hash) => [b"email".as_slice(), &hash.to_be_bytes()].map(part),
            Sign::Phone(digits) => [b"phone".as_slice(), &digits.to_be_bytes()].map(part),
            // Whoever copies one from elsewhere may have it in capitals.
            Sign::Guid(guid) => [b"guid".as_slice(), guid.to_ascii_lowercase().as_bytes()].map(part),
            Sign::Order(shop, code) => {
                part(b"order");
                [shop.as_bytes(), code.as_bytes()].map(part)
            }
        };
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_hmac_sha_256() {
        // RFC 4231, test case 2, by way of a key that is shorter than a block.
        let mut secret = [0; BYTES];
        secret[..4].copy_from_slice(b"Jefe");
        let mut mac = Key::new(&secret).0;
        mac.update(b"what do ya want for nothing?");
        let hex: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(
            hex,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
