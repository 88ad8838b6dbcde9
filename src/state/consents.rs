//! Who wants the newsletter, as the two lists of each shop say.
//!
//! An e-mail stands here by its hash, whoever it belongs to: whoever is on a list may become a customer
//! years later, and the shop tells of it only once. What a list tells is gathered beside the state and
//! taken when its end is reached, so that one transaction moves it together with how far it was read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::shops::seconds;
use super::suppressed::Sign;
use super::{Query, State};
use crate::error::Result;
use crate::model::ConsentListed;

const READING: &str = "reading who wants the newsletter";
const STORING: &str = "storing who wants the newsletter";

/// One of the lists of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentList {
    /// Those who agreed.
    Agreed,
    /// Those who unsubscribed.
    Unsubscribed,
}

/// What is known of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKnown {
    /// It was never asked for.
    Never,
    /// The shop does not tell it, and that was said.
    Untold,
    /// All of it, up to this moment.
    ReadTo(Timestamp),
}

/// What a list says of one e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentTold {
    /// First 64 bits of the SHA-256 of the e-mail.
    pub email: u64,
    /// Since when, where the shop tells.
    pub at: Option<Timestamp>,
    /// Whether it is on the list, or was taken from it.
    pub is_on: bool,
}

impl ConsentList {
    /// As it is stored.
    const fn number(self) -> i64 {
        match self {
            Self::Agreed => 0,
            Self::Unsubscribed => 1,
        }
    }
}

/// Those of whom something else is known than the state has. When an e-mail is on one list alone it does
/// not matter since when.
const DIFFERENT: &str = "
SELECT told.email FROM temp.consents_told AS told
  LEFT JOIN consents AS known ON known.shop = ?1 AND known.email = told.email AND known.list = ?2
  WHERE told.shop = ?1 AND told.list = ?2 AND iif(told.is_on,
    known.email IS NULL OR (known.at IS NOT told.at AND EXISTS(
      SELECT 1 FROM consents AS other WHERE other.shop = ?1 AND other.email = told.email AND other.list <> ?2)),
    known.email IS NOT NULL)
UNION SELECT email FROM consents WHERE ?3 AND shop = ?1 AND list = ?2
  AND email NOT IN (SELECT email FROM temp.consents_told WHERE shop = ?1 AND list = ?2)";

const TAKEN_OFF: &str = "
DELETE FROM consents WHERE shop = ?1 AND list = ?2 AND (
  email IN (SELECT email FROM temp.consents_told WHERE shop = ?1 AND list = ?2 AND NOT is_on)
  OR ?3 AND email NOT IN (SELECT email FROM temp.consents_told WHERE shop = ?1 AND list = ?2))";

const PUT_ON: &str = "
INSERT INTO consents(shop, email, list, at)
  SELECT shop, email, list, at FROM temp.consents_told WHERE shop = ?1 AND list = ?2 AND is_on
  ON CONFLICT(shop, email, list) DO UPDATE SET at = excluded.at WHERE at IS NOT excluded.at";

impl State {
    /// What is known of a list.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn consent_list(&self, shop: i64, list: ConsentList) -> Result<ListKnown> {
        let row: Option<Option<i64>> = self
            .connection
            .prepare_cached("SELECT read_to FROM consent_lists WHERE shop = ?1 AND list = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row([shop, list.number()], |row| row.get(0))
                    .optional()
            })
            .query(self, READING)?;
        Ok(match row {
            None => ListKnown::Never,
            Some(None) => ListKnown::Untold,
            Some(Some(read_to)) => ListKnown::ReadTo(seconds(read_to).unwrap_or_default()),
        })
    }

    /// Begins to gather what a list tells. Shops are read side by side, so each list has its own place.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn begin_consents(&self, shop: i64, list: ConsentList) -> Result<()> {
        self.connection
            .execute_batch(
                "CREATE TEMP TABLE IF NOT EXISTS consents_told(shop INTEGER NOT NULL, list INTEGER NOT NULL,
                   email INTEGER NOT NULL, at INTEGER, is_on INTEGER NOT NULL, PRIMARY KEY(shop, list, email))
                   WITHOUT ROWID",
            )
            .and_then(|()| self.drop_gathered(shop, list))
            .query(self, STORING)
    }

    fn drop_gathered(&self, shop: i64, list: ConsentList) -> rusqlite::Result<()> {
        self.connection
            .execute(
                "DELETE FROM temp.consents_told WHERE shop = ?1 AND list = ?2",
                [shop, list.number()],
            )
            .map(drop)
    }

    /// Gathers what a list tells, those who were forgotten in the shop's group left out. Of what it tells
    /// of one e-mail in several spellings the latest holds.
    ///
    /// # Errors
    /// When there is no room for it.
    pub fn gather_consents(
        &self,
        shop: i64,
        group: &str,
        list: ConsentList,
        told: &[ConsentTold],
    ) -> Result<()> {
        let suppressed = self.suppressed();
        let gather = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(
                "INSERT INTO temp.consents_told(shop, list, email, at, is_on) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(shop, list, email) DO UPDATE SET at = excluded.at, is_on = excluded.is_on
                 WHERE at IS NULL OR excluded.at >= at",
            )?;
            for told in told {
                if !suppressed.has(group, &Sign::Email(told.email)) {
                    let at = told.at.map(Timestamp::as_second);
                    statement.execute(params![
                        shop,
                        list.number(),
                        told.email.cast_signed(),
                        at,
                        told.is_on
                    ])?;
                }
            }
            Ok(())
        };
        gather().query(self, STORING)
    }

    /// Takes what was gathered; with `is_whole` whoever is not in it is on the list no more. Answers with
    /// the e-mails of which something else is known now. Within a transaction of the caller's.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn take_consents(&self, shop: i64, list: ConsentList, is_whole: bool) -> Result<Vec<u64>> {
        let parameters = params![shop, list.number(), is_whole];
        let take = || -> rusqlite::Result<Vec<u64>> {
            let different = self
                .connection
                .prepare_cached(DIFFERENT)?
                .query_map(parameters, |row| row.get(0).map(i64::cast_unsigned))?
                .collect::<rusqlite::Result<_>>()?;
            self.connection.execute(TAKEN_OFF, parameters)?;
            self.connection.execute(PUT_ON, params![shop, list.number()])?;
            self.drop_gathered(shop, list)?;
            Ok(different)
        };
        take().query(self, STORING)
    }

    /// All that a list said until then is stored.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn consents_are_read(&self, shop: i64, list: ConsentList, read_to: Timestamp) -> Result<()> {
        self.note_list(shop, list, Some(read_to.as_second()))
    }

    /// The shop does not tell a list, or no longer: nothing of it is known.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn consents_are_untold(&self, shop: i64, list: ConsentList) -> Result<()> {
        self.connection
            .execute(
                "DELETE FROM consents WHERE shop = ?1 AND list = ?2",
                [shop, list.number()],
            )
            .query(self, STORING)?;
        self.note_list(shop, list, None)
    }

    fn note_list(&self, shop: i64, list: ConsentList, read_to: Option<i64>) -> Result<()> {
        self.connection
            .execute(
                "INSERT INTO consent_lists(shop, list, read_to) VALUES (?1, ?2, ?3)
                 ON CONFLICT(shop, list) DO UPDATE SET read_to = ?3",
                params![shop, list.number(), read_to],
            )
            .map(drop)
            .query(self, STORING)
    }

    /// What the lists of a shop say of an e-mail.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn consents_of(&self, shop: i64, email: u64) -> Result<ConsentListed> {
        let mut rows = ConsentListed {
            all_are_known: matches!(
                self.consent_list(shop, ConsentList::Agreed)?,
                ListKnown::ReadTo(_)
            ),
            ..ConsentListed::default()
        };
        let read = || -> rusqlite::Result<Vec<(i64, Option<i64>)>> {
            self.connection
                .prepare_cached("SELECT list, at FROM consents WHERE shop = ?1 AND email = ?2")?
                .query_map([shop, email.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        for (list, at) in read().query(self, READING)? {
            let at = Some(at.and_then(seconds));
            if list == ConsentList::Agreed.number() {
                rows.agreed = at;
            } else {
                rows.unsubscribed = at;
            }
        }
        Ok(rows)
    }

    /// Removes what the lists say of people who were forgotten; answers whether there was anything.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_suppressed_consents(&self) -> Result<bool> {
        let suppressed = self.suppressed();
        if suppressed.is_empty() {
            return Ok(false);
        }
        let remove = || -> rusqlite::Result<bool> {
            let mut found = Vec::new();
            let mut statement = self.connection.prepare(
                "SELECT DISTINCT shop, grp, email FROM consents JOIN shops ON shops.id = consents.shop",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (shop, group, email): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
                if suppressed.has(&group, &Sign::Email(email.cast_unsigned())) {
                    found.push([shop, email]);
                }
            }
            for of in &found {
                self.connection
                    .execute("DELETE FROM consents WHERE shop = ?1 AND email = ?2", *of)?;
            }
            Ok(!found.is_empty())
        };
        remove().query(self, STORING)
    }
}
