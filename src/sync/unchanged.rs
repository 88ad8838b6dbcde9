//! Records of a document that are stored just as they stand there: nobody has to read them.
//!
//! Of a feed of thousands of orders mostly a few have changed, and of a whole export hardly any. Finding the
//! others by a hash of their bytes costs a fraction of reading them.

use std::collections::HashSet;

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::shop::ShopInRun;
use crate::error::Result;
use crate::merge::assemble::HomeShop;
use crate::source::document::Locale;
use crate::state::State;
use crate::state::prints::Prints;

/// Records that are read before it is no longer worth while: their codes are held in memory.
const READ_AT_MOST: usize = 1 << 16;

/// What the next reading of a shop's orders may pass over. It is for one reading of one document.
#[derive(Debug)]
pub struct Unchanged {
    prints: Prints,
    salt: u64,
    /// Hashes of the codes that were not passed over. The same code may come once more in the document, as it
    /// is stored now, after the one that is stored next.
    read: HashSet<u64>,
    /// Keys under which something is parked: a sound record is news.
    parked: HashSet<String>,
}

impl Unchanged {
    /// For one document of this shop; `parked` are the keys of its orders that are parked.
    ///
    /// # Errors
    /// When the state cannot be opened a second time.
    pub fn of(state: &State, shop: &ShopInRun, parked: HashSet<String>) -> Result<Self> {
        Ok(Self {
            prints: state.prints(shop.id)?,
            salt: shop.salt,
            read: HashSet::new(),
            parked,
        })
    }

    /// Whether this record can be passed over.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn holds(&mut self, code: &str, print: u64) -> Result<bool> {
        if self.read.len() >= READ_AT_MOST {
            return Ok(false);
        }
        let hash = xxh3_64(code.as_bytes());
        let is_unchanged = !self.read.contains(&hash)
            && !self.parked.contains(code)
            && self.prints.holds(code, salted(print, self.salt))?;
        if !is_unchanged {
            self.read.insert(hash);
        }
        Ok(is_unchanged)
    }
}

/// What a record means depends on more than its bytes: on this program, and on what is configured or known of
/// the shop. With any of it changed, every record is read again.
pub fn salt(home: &HomeShop, locale: &Locale) -> u64 {
    let zone = locale.timezone.iana_name().unwrap_or_default();
    let (version, people) = (env!("CARGO_PKG_VERSION"), &home.not_people);
    let (country, currency) = (&locale.country, &locale.currency);
    xxh3_64(format!("{version}|{zone}|{country}|{currency}|{people:?}").as_bytes())
}

/// The print that is stored with an order; `None` where its document has none.
pub fn print_of(print: u64, shop: &ShopInRun) -> Option<i64> {
    (print != 0).then(|| salted(print, shop.salt))
}

fn salted(print: u64, salt: u64) -> i64 {
    xxh3_64_with_seed(&print.to_le_bytes(), salt).cast_signed()
}
