//! Which orders of a shop were read when all of them were: by date, and of whom. Where the configuration
//! takes in more by now, only another reading of everything brings the rest.

use serde::{Deserialize, Serialize};

use super::shop::ShopInRun;
use crate::error::{Doing, Kind, Result};
use crate::state::State;

/// What the configuration lets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Interval {
    since: Option<String>,
    until: Option<String>,
    guests: bool,
}

impl Interval {
    fn of(shop: &ShopInRun) -> Self {
        let orders = &shop.settings.orders;
        Self {
            since: orders.since.map(|day| day.to_string()),
            until: orders.until.map(|day| day.to_string()),
            guests: !shop.skips_guests(),
        }
    }

    /// What this one lets in that the other did not.
    fn beyond(&self, read: &Self) -> Option<&'static str> {
        let earlier = read.since.is_some() && (self.since.is_none() || self.since < read.since);
        let later = read.until.is_some() && (self.until.is_none() || self.until > read.until);
        if earlier {
            Some("`since` became earlier")
        } else if later {
            Some("`until` became later")
        } else if self.guests && !read.guests {
            Some("guests came to be taken")
        } else {
            None
        }
    }
}

fn name(shop: &ShopInRun) -> String {
    format!("interval of {}", shop.settings.name)
}

/// All orders were read by the configuration of now.
///
/// # Errors
/// When the state cannot be written.
pub fn was_read(state: &State, shop: &ShopInRun) -> Result<()> {
    let now = serde_json::to_string(&Interval::of(shop))
        .doing(Kind::Database, || "remembering which orders were read".to_owned())?;
    if state.note(&name(shop))?.as_ref() == Some(&now) {
        return Ok(());
    }
    state.put_note(&name(shop), &now)
}

/// A sentence for a person, where orders that the configuration lets in were passed over when all were read.
///
/// # Errors
/// When the state cannot be read.
pub fn asks_for_import(state: &State, shop: &ShopInRun) -> Result<Option<String>> {
    let Some(read) = state.note(&name(shop))? else {
        return Ok(None);
    };
    // What cannot be read was written by nobody of us: nothing is known then.
    let Ok(read) = serde_json::from_str(&read) else {
        return Ok(None);
    };
    Ok(Interval::of(shop).beyond(&read).map(|why| {
        format!(
            "{why} in [shop.orders] of {} since its orders were read as a whole: `shoptet-sync import` reads the rest",
            shop.settings.name
        )
    }))
}
