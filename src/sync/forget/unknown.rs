//! By what somebody is recognised of whom nothing is stored: what was written on the command line tells.

use std::collections::BTreeSet;

use super::who::DOING;
use crate::error::{Error, Kind, Result};
use crate::merge::email::{self, NotPeople};
use crate::merge::key;
use crate::source::settings::ShopSettings;
use crate::state::suppressed::{Sign, SignIn};

/// Characters of a guid.
const GUID: usize = 36;

/// Whatever may have been taken down for whom `who` names, in whatever group.
pub fn every_sign(shops: &[ShopSettings], who: &str) -> BTreeSet<SignIn> {
    let who = who.trim();
    let mut signs = vec![Sign::Guid(who.to_owned())];
    signs.extend(email::normalise(who).map(|email| Sign::Email(key::hash64(&email))));
    signs.extend(shops.iter().map(|shop| sign_of_order(&shop.name, who).1));
    signs.extend(
        signs_of_key(shops, who)
            .into_iter()
            .flatten()
            .map(|(_, sign)| sign),
    );
    let in_every_group = |sign: Sign| {
        let groups = shops.iter().map(|shop| shop.group.clone()).chain([String::new()]);
        groups.map(move |group| (group, sign.clone()))
    };
    signs.into_iter().flat_map(in_every_group).collect()
}

/// Whether an e-mail is on every shop's list of those that identify nobody.
pub fn is_nobodys(shops: &[ShopSettings], email: &str) -> bool {
    let is_on_the_list = |shop: &ShopSettings| {
        NotPeople::new(shop.orders.not_people.iter().map(String::as_str)).contains(email)
    };
    shops.iter().all(is_on_the_list)
}

/// By what somebody of whom nothing is stored would be recognised.
pub fn signs_of_unknown(shops: &[ShopSettings], who: &str) -> Result<Vec<SignIn>> {
    if let Some(signs) = signs_of_key(shops, who) {
        return Ok(signs);
    }
    if is_guid(who) {
        return Ok(vec![(String::new(), Sign::Guid(who.to_owned()))]);
    }
    let is_code = who.bytes().any(|byte| byte.is_ascii_digit())
        && who
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte));
    if is_code {
        return Ok(shops.iter().map(|shop| sign_of_order(&shop.name, who)).collect());
    }
    let cause = "nothing is known of it, and it is neither an e-mail nor a guid nor an order code";
    Err(Error::new(Kind::Unknown, DOING, cause)
        .with_hint("name an e-mail, a customer's guid, an order code or a contact key as the shop writes it"))
}

/// A guid, alone or at the end of a key, is the same in small letters and in capitals.
pub fn spellings(who: &str) -> Vec<String> {
    let mut all = vec![who.to_owned()];
    let end = who
        .len()
        .checked_sub(GUID)
        .and_then(|begin| who.split_at_checked(begin));
    if let Some((key, guid)) = end.filter(|(_, guid)| is_guid(guid)) {
        for guid in [guid.to_ascii_lowercase(), guid.to_ascii_uppercase()] {
            all.push(format!("{key}{guid}"));
        }
    }
    all
}

fn is_guid(text: &str) -> bool {
    let is_right = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == GUID && text.bytes().enumerate().all(is_right)
}

/// An order's sign; its shop tells the group.
fn sign_of_order(shop: &str, code: &str) -> SignIn {
    (String::new(), Sign::Order(shop.to_owned(), code.to_owned()))
}

/// What the key of a contact or of an order tells. That of a guest known by a phone tells nothing.
pub fn signs_of_key(shops: &[ShopSettings], who: &str) -> Option<Vec<SignIn>> {
    let (first, rest) = who.split_once(':')?;
    if let Some((kind, rest)) = rest.split_once(':')
        && shops.iter().any(|shop| shop.group == first)
    {
        let last = rest.rsplit(':').next().unwrap_or(rest);
        return match kind {
            "c" => Some(vec![(first.to_owned(), Sign::Guid(last.to_owned()))]),
            "o" => {
                let shop = rest.split_once(':').map_or(first, |(shop, _)| shop);
                Some(vec![sign_of_order(shop, last)])
            }
            "e" => {
                let hash = u64::from_str_radix(rest, 16).ok()?;
                Some(vec![(first.to_owned(), Sign::Email(hash))])
            }
            _ => None,
        };
    }
    let is_of_shop = shops.iter().any(|shop| shop.name == first);
    is_of_shop.then(|| vec![sign_of_order(first, rest)])
}
