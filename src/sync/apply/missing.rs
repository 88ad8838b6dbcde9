//! What a full listing does not hold although the state does.

use jiff::Timestamp;

use super::Apply;
use crate::error::{Error, Kind, Result};
use crate::source::Section;
use crate::source::settings::Mode;
use crate::state::State;
use crate::state::listing::MissingRow;
use crate::state::unsettled::UNDECIDED;
use crate::sync::clock::is_credible;
use crate::sync::pull::ReadFile;
use crate::sync::shop::ShopInRun;

/// Fewer missing records than this are believed; as are fewer than one in twenty.
const BELIEVED: usize = 20;

/// The share that is believed: one in this many.
const SHARE: usize = 20;

/// More than this many are not asked for one by one; they need a second listing instead.
pub const ASKED_FOR: usize = 200;

/// Records that are noted in one transaction.
const TOGETHER: usize = 200;

/// Records of a shop that a full listing does not hold.
#[derive(Debug, Clone, Default)]
pub struct Missing {
    /// The records.
    pub rows: Vec<MissingRow>,
    /// How many the state knows, missing ones included.
    pub known: usize,
    /// When the listing was requested.
    pub listed_at: Timestamp,
    /// When the one before it was, which still held what is missing for the first time.
    pub listed_before: Option<Timestamp>,
}

/// Compares the listing with the state.
///
/// # Errors
/// When the state cannot be read.
pub fn find(state: &State, shop: &ShopInRun, section: Section, file: &ReadFile) -> Result<Missing> {
    let last = state.full_reading(shop.id, section.as_str())?;
    let now = Timestamp::now();
    let last = last
        .map(|last| last.read_at)
        .filter(|last| is_credible(*last, file.read_at, now));
    // A later full reading has confirmed what an earlier one does not know.
    if !file.complete || last.is_some_and(|last| file.read_at < last) {
        return Ok(Missing::default());
    }
    let (known, rows) = match section {
        Section::Customers => (
            state.count_customers(shop.id)?,
            state.missing_customers(shop.id, file.read_at, now)?,
        ),
        Section::Orders => (
            state.count_orders(shop.id)?,
            state.missing_orders(shop.id, file.read_at, now)?,
        ),
    };
    let rows = rows
        .into_iter()
        .filter(|row| shop.follows_order_of(row.placed_at))
        .collect();
    Ok(Missing {
        rows,
        known: usize::try_from(known).unwrap_or(usize::MAX),
        listed_at: file.read_at,
        // A run that was killed may have noted this very one.
        listed_before: last.filter(|last| *last < file.read_at),
    })
}

impl Missing {
    /// Refuses a listing that is empty, of another shop, or sharply smaller.
    ///
    /// # Errors
    /// [`Kind::Suspicious`], with the numbers.
    pub fn refuse_suspicious(&self, section: Section, shop: &str, records: u64) -> Result<()> {
        let missing = self.rows.len();
        let are_many = |missing: usize| {
            // However few there are: a listing that holds none of them is of another shop.
            let another_shops = missing > 1 && missing == self.known;
            another_shops || missing > BELIEVED && missing.saturating_mul(SHARE) > self.known
        };
        let noted = self.rows.iter().filter(|row| row.missing_since.is_some()).count();
        // So many were noted as missing by a person's word alone, which holds for the listing that confirms it.
        let was_accepted = are_many(noted) || noted == self.known;
        let counted = if was_accepted { missing - noted } else { missing };
        if self.known > 0 && (records == 0 && counted > 0 || are_many(counted)) {
            let cause = if records == 0 {
                format!("it holds nothing, although {} are known", self.known)
            } else {
                format!(
                    "{missing} of {} known are missing in it, and it holds {records}",
                    self.known
                )
            };
            return Err(Error::new(
                Kind::Suspicious,
                format!("reading the {} of {shop}", section.as_str()),
                cause,
            ));
        }
        Ok(())
    }
}

impl Missing {
    /// Any of what seems to be missing may be among the records that could not be read and do not say which
    /// they are: none of it counts. Answers with a sentence for a person.
    pub fn believe_nothing(&mut self, section: Section, shop: &str, nameless: usize) -> String {
        let missing = self.rows.len();
        self.rows.clear();
        format!(
            "{nameless} of the {} of {shop} could not be read and do not say which they are: {missing} that seem to be \
             missing may be among them, and do not count as deleted",
            section.as_str()
        )
    }
}

impl Apply<'_> {
    /// Notes what is missing for the first time. Before anything of the listing is applied: whoever is new in it
    /// was never there together with who is missing, and a run that is killed in between has to leave that behind.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(super) fn note_missing(&self, section: Section, missing: &Missing) -> Result<()> {
        if self.followed(section) != Mode::NewAndUpdated {
            return Ok(());
        }
        for rows in missing.rows.chunks(TOGETHER) {
            self.state.transaction(|_| {
                rows.iter()
                    .filter(|row| row.missing_since.is_none())
                    .try_for_each(|row| self.note_missing_row(section, row, missing))
            })?;
        }
        Ok(())
    }

    const fn followed(&self, section: Section) -> Mode {
        let settings = &self.shop.settings;
        match section {
            Section::Customers => settings.customers.mode,
            Section::Orders => settings.orders.mode,
        }
    }

    /// Counts what is missing and was noted before; what is missing in a second complete listing is gone. With
    /// `can_ask`, answers with the guids of customers that the API can be asked for at once instead.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub(super) fn count_missing(
        &mut self,
        section: Section,
        missing: &Missing,
        can_ask: bool,
    ) -> Result<Vec<String>> {
        let state = self.state;
        let mut ask = Vec::new();
        let settings = &self.shop.settings;
        if self.followed(section) != Mode::NewAndUpdated {
            return Ok(ask);
        }
        let asks = section == Section::Customers && can_ask && missing.rows.len() <= ASKED_FOR;
        for rows in missing.rows.chunks(TOGETHER) {
            state.transaction(|_| {
                for row in rows {
                    match row.missing_since {
                        // It was noted just now.
                        None => {}
                        Some(_) if asks => {}
                        // A run that was killed reads the same listing again.
                        Some(since) if missing.listed_at.as_millisecond() <= since.as_millisecond() => {}
                        Some(_) if section == Section::Customers => self.customer_gone(&row.key)?,
                        Some(_) => self.order_gone(&row.key)?,
                    }
                }
                Ok(())
            })?;
        }
        let first = missing
            .rows
            .iter()
            .filter(|row| row.missing_since.is_none())
            .count();
        if first > 0 && !asks {
            let (what, shop) = (section.as_str(), &settings.name);
            self.report.notes.push(format!(
                "missing in the {what} of {shop} for the first time: {first}; what the next complete listing lacks as \
                 well counts as deleted"
            ));
        }
        if asks {
            ask.extend(missing.rows.iter().map(|row| row.key.clone()));
        }
        Ok(ask)
    }

    fn note_missing_row(&self, section: Section, row: &MissingRow, missing: &Missing) -> Result<()> {
        if let (Section::Customers, Some(listed_before)) = (section, missing.listed_before) {
            self.state.log_ins_were_listed(row.id, listed_before)?;
        }
        self.state
            .note_missing(section.as_str(), row.id, missing.listed_at)
    }

    /// The shop has deleted an order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_gone(&mut self, code: &str) -> Result<()> {
        let state = self.state;
        let Some(row) = state
            .order(self.shop.id, code)?
            .filter(|row| row.gone_at.is_none())
        else {
            return Ok(());
        };
        if row.contact == UNDECIDED {
            return state.drop_order(row.id);
        }
        self.report.orders_gone += 1;
        state.order_is_gone(row.id, self.now)?;
        // Somebody has a phone no longer.
        if let Some(phone) = state.phone_of_order(row.id)? {
            self.people().unsettle_phone(phone)?;
        }
        let contact = state.survivor(row.contact)?;
        let what = format!("order {}:{code} deleted", self.shop.settings.name);
        state.tell(contact, self.now, &what)?;
        state.make_due(self.targets, contact, Some(row.id))
    }
}
