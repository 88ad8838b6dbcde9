//! The shop's order status → the target's own word.

use std::collections::HashMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::settings::{MappingSettings, UnmappedStatus};
use crate::error::{Error, Kind, Result};
use crate::model::OrderStatus;

/// What an order's status becomes in the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage<'a> {
    /// The target's own word.
    Mapped(&'a str),
    /// Nothing is mapped and the configuration keeps the shop's name (databases) or the record's
    /// status (CRMs).
    Kept,
    /// Nothing is mapped: the order is parked in this target.
    Unmapped,
}

/// `[target.statuses]`, compiled. The order of precedence: id of one shop (`"main/26"`), id, name, `"*"`.
#[derive(Debug, Clone)]
pub struct Statuses {
    by_shop_id: HashMap<(String, i64), String>,
    by_id: HashMap<i64, String>,
    by_name: HashMap<String, String>,
    all_others: Option<String>,
    deleted: Option<String>,
    unmapped: UnmappedStatus,
}

impl Statuses {
    /// Reads the keys of `[target.statuses]`.
    ///
    /// # Errors
    /// When two keys are the same status (`-3` and `"-3"`, or two spellings of one name).
    pub fn compile(settings: &MappingSettings) -> Result<Self> {
        let mut statuses = Self {
            by_shop_id: HashMap::new(),
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            all_others: None,
            deleted: None,
            unmapped: settings.unmapped_status,
        };
        for (key, word) in &settings.statuses {
            if !statuses.insert(key, word) {
                return Err(Error::new(
                    Kind::Configuration,
                    format!("reading the statuses of target `{}`", settings.target),
                    format!("the status `{}` is mapped twice", normal_name(key)),
                )
                .with_hint("keep one of the two lines; names are compared trimmed and in Unicode NFC"));
            }
        }
        Ok(statuses)
    }

    /// What a status of a shop becomes.
    pub fn stage(&self, shop: &str, status: &OrderStatus) -> Stage<'_> {
        let by_id = status.id.and_then(|id| {
            // The pair is built only where an id of one shop is mapped at all.
            let of_shop = (!self.by_shop_id.is_empty())
                .then(|| self.by_shop_id.get(&(shop.to_owned(), id)))
                .flatten();
            of_shop.or_else(|| self.by_id.get(&id))
        });
        let word = by_id
            .or_else(|| self.named(&status.name))
            .or(self.all_others.as_ref());
        match (word, self.unmapped) {
            (Some(word), _) => Stage::Mapped(word),
            (None, UnmappedStatus::Keep) => Stage::Kept,
            (None, UnmappedStatus::Park) => Stage::Unmapped,
        }
    }

    /// The target's word for an order that the shop deleted, where the configuration has one.
    pub fn deleted_stage(&self) -> Option<&str> {
        self.deleted.as_deref()
    }

    /// What expressions see as `stage`: the target's word, the shop's name where it is kept, else nothing.
    pub(super) fn stage_text<'a>(&'a self, shop: &str, status: &'a OrderStatus) -> &'a str {
        match self.stage(shop, status) {
            Stage::Mapped(word) => word,
            Stage::Kept => &status.name,
            Stage::Unmapped => "",
        }
    }

    /// The model promises NFC and no outer spaces, so the name usually is its own key.
    fn named(&self, name: &str) -> Option<&String> {
        self.by_name.get(name).or_else(|| {
            let is_normal = name.trim().len() == name.len() && is_nfc(name);
            (!is_normal)
                .then(|| self.by_name.get(&normal_name(name)))
                .flatten()
        })
    }

    /// Puts one line where it belongs; false when its place is taken.
    fn insert(&mut self, key: &str, word: &str) -> bool {
        let key = normal_name(key);
        let word = word.to_owned();
        match key.as_str() {
            "*" => return self.all_others.replace(word).is_none(),
            "@deleted" => return self.deleted.replace(word).is_none(),
            _ => {}
        }
        let new_id = if let Ok(id) = key.parse::<i64>() {
            self.by_id.insert(id, word.clone()).is_none()
        } else if let Some((shop, id)) = shop_id(&key) {
            self.by_shop_id.insert((shop, id), word.clone()).is_none()
        } else {
            true
        };
        // A merchant may well call a status "26" or "a/1": such a key is a name as well, asked last.
        self.by_name.insert(key, word).is_none() && new_id
    }
}

/// `main/26` → (`main`, 26).
fn shop_id(key: &str) -> Option<(String, i64)> {
    let (shop, id) = key.split_once('/')?;
    let is_shop = !shop.is_empty()
        && shop
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    is_shop
        .then(|| id.parse().ok().map(|id| (shop.to_owned(), id)))
        .flatten()
}

fn normal_name(name: &str) -> String {
    name.trim().nfc().collect()
}
