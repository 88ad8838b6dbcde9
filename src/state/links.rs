//! The ID map: which record in which target is whose, and what we last wrote there.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::{Query, State};
use crate::error::Result;

/// What the ID map holds for one contact or order in one target. The hashes are parallel to the
/// layout they were written with; the caller translates when the mapping has changed since.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Link {
    /// The target's own identifier; `None` while a create is not confirmed.
    pub remote_id: Option<String>,
    /// Number of the layout.
    pub layout: i64,
    /// What we last wrote, as the target showed it.
    pub written: Vec<u64>,
    /// What we meant to write and have not seen confirmed.
    pub intended: Option<Vec<u64>>,
    /// What the target wants remembered with the record; empty where it wants nothing.
    pub parts: String,
}

/// A link is about a contact or about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linked {
    /// A contact's number.
    Contact(i64),
    /// An order's number.
    Order(i64),
}

impl Linked {
    const fn table(self) -> (&'static str, &'static str, i64) {
        match self {
            Self::Contact(id) => ("contact_links", "contact", id),
            Self::Order(id) => ("order_links", "order_id", id),
        }
    }
}

/// Hashes as a blob: a bit per field that is not empty, then eight bytes for each of those.
fn pack(hashes: &[u64]) -> Vec<u8> {
    let bits = hashes.len().div_ceil(8);
    let mut packed = Vec::with_capacity(bits + 8 * hashes.len());
    packed.extend(hashes.chunks(8).map(|eight| {
        let bit = |(place, hash): (usize, &u64)| u8::from(*hash != 0) << place;
        eight.iter().enumerate().map(bit).fold(0, |all, bit| all | bit)
    }));
    for hash in hashes.iter().filter(|hash| **hash != 0) {
        packed.extend_from_slice(&hash.to_le_bytes());
    }
    packed
}

fn unpack(packed: &[u8], count: usize) -> Vec<u64> {
    let bits = count.div_ceil(8).min(packed.len());
    let (bits, stored) = packed.split_at(bits);
    let mut stored = stored
        .chunks_exact(8)
        .filter_map(|bytes| bytes.try_into().ok().map(u64::from_le_bytes));
    let is_set = |place: usize| {
        bits.get(place / 8)
            .is_some_and(|byte| byte & (1 << (place % 8)) != 0)
    };
    (0..count)
        .map(|place| {
            if is_set(place) {
                stored.next().unwrap_or(0)
            } else {
                0
            }
        })
        .collect()
}

impl State {
    /// What the ID map holds. `counts` tells how many fields a layout has.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn link(&self, target: i64, of: Linked, counts: &dyn Fn(i64) -> usize) -> Result<Option<Link>> {
        let (table, column, id) = of.table();
        self.connection
            .prepare_cached(&format!(
                "SELECT remote_id, layout, written, intended, parts FROM {table} WHERE target = ?1 AND {column} = ?2"
            ))
            .and_then(|mut statement| {
                statement
                    .query_row([target, id], |row| {
                        let layout: i64 = row.get(1)?;
                        let written: Option<Vec<u8>> = row.get(2)?;
                        let intended: Option<Vec<u8>> = row.get(3)?;
                        let count = counts(layout);
                        Ok(Link {
                            remote_id: row.get(0)?,
                            layout,
                            written: unpack(&written.unwrap_or_default(), count),
                            intended: intended.map(|packed| unpack(&packed, count)),
                            parts: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                        })
                    })
                    .optional()
            })
            .query(self, "reading the ID map")
    }

    /// Stores a link that is known to be new: for a database that is filled from nothing.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn add_link(
        &self,
        target: i64,
        of: Linked,
        remote_id: &str,
        layout: i64,
        written: &[u64],
        at: Timestamp,
    ) -> Result<()> {
        let (_, _, id) = of.table();
        self.connection
            .prepare_cached(match of {
                Linked::Contact(_) => {
                    "INSERT INTO contact_links(target, contact, remote_id, layout, written, written_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                }
                Linked::Order(_) => {
                    "INSERT INTO order_links(target, order_id, remote_id, layout, written, written_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                }
            })
            .and_then(|mut statement| {
                statement.execute(params![
                    target,
                    id,
                    remote_id,
                    layout,
                    pack(written),
                    at.as_second()
                ])
            })
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// Stores what the ID map holds.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn set_link(&self, target: i64, of: Linked, link: &Link, at: Timestamp) -> Result<()> {
        let (table, column, id) = of.table();
        self.connection
            .prepare_cached(&format!(
                "INSERT INTO {table}(target, {column}, remote_id, layout, written, intended, written_at, parts)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(target, {column}) DO UPDATE SET
                 remote_id = ?3, layout = ?4, written = ?5, intended = ?6, written_at = ?7, parts = ?8"
            ))
            .and_then(|mut statement| {
                statement.execute(params![
                    target,
                    id,
                    link.remote_id,
                    link.layout,
                    pack(&link.written),
                    link.intended.as_deref().map(pack),
                    at.as_second(),
                    Some(&link.parts).filter(|parts| !parts.is_empty())
                ])
            })
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// The records of a contact's orders in a target may be gone: what the ID map says of them is void.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forget_order_links(&self, target: i64, contact: i64) -> Result<()> {
        self.connection
            .execute(
                "DELETE FROM order_links WHERE target = ?1 AND order_id IN (SELECT id FROM orders WHERE contact = ?2)",
                [target, contact],
            )
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// A record is not there any more: what the ID map says was written into it is void, so that the next
    /// delivery looks.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn doubt_link(&self, target: i64, of: Linked) -> Result<()> {
        let (table, column, id) = of.table();
        self.connection
            .execute(
                &format!("UPDATE {table} SET written = NULL WHERE target = ?1 AND {column} = ?2"),
                [target, id],
            )
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// Nothing was made of what we meant to make, says a person.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn give_up_intention(&self, target: i64, of: Linked) -> Result<()> {
        let (table, column, id) = of.table();
        self.connection
            .execute(
                &format!("DELETE FROM {table} WHERE target = ?1 AND {column} = ?2 AND remote_id IS NULL"),
                [target, id],
            )
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// Removes a link: its record now belongs to another contact.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn remove_link(&self, target: i64, of: Linked) -> Result<()> {
        let (table, column, id) = of.table();
        self.connection
            .execute(
                &format!("DELETE FROM {table} WHERE target = ?1 AND {column} = ?2"),
                [target, id],
            )
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// Whether the ID map knows anything of a contact or an order in a target, be it only an intention.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_link(&self, target: i64, of: Linked) -> Result<bool> {
        let (table, column, id) = of.table();
        self.connection
            .prepare_cached(&format!(
                "SELECT EXISTS(SELECT 1 FROM {table} WHERE target = ?1 AND {column} = ?2)"
            ))
            .and_then(|mut statement| statement.query_row([target, id], |row| row.get(0)))
            .query(self, "reading the ID map")
    }

    /// Whether any contact was ever delivered to a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_links(&self, target: i64) -> Result<bool> {
        self.connection
            .query_row(
                "SELECT EXISTS(SELECT 1 FROM contact_links WHERE target = ?1 AND remote_id IS NOT NULL)",
                [target],
                |row| row.get(0),
            )
            .query(self, "reading the ID map")
    }

    /// The record of a contact that was merged now belongs to the one that stays.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn hand_over_link(&self, target: i64, from: i64, into: i64) -> Result<()> {
        self.remove_link(target, Linked::Contact(into))?;
        self.connection
            .execute(
                "UPDATE contact_links SET contact = ?3 WHERE target = ?1 AND contact = ?2",
                [target, from, into],
            )
            .map(drop)
            .query(self, "writing the ID map")
    }

    /// When the record of a contact or an order was last written in a target.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn written_at(&self, target: i64, of: Linked) -> Result<Option<Timestamp>> {
        let (table, column, id) = of.table();
        self.connection
            .query_row(
                &format!("SELECT written_at FROM {table} WHERE target = ?1 AND {column} = ?2"),
                [target, id],
                |row| row.get::<_, Option<i64>>(0),
            )
            .optional()
            .map(|at| at.flatten().and_then(super::shops::seconds))
            .query(self, "reading the ID map")
    }

    /// The record a contact has in a target, when it was delivered there.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn key_of_delivered(&self, target: i64, contact: i64) -> Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT remote_id FROM contact_links WHERE target = ?1 AND contact = ?2")
            .and_then(|mut statement| {
                statement
                    .query_row([target, contact], |row| row.get(0))
                    .optional()
            })
            .map(Option::flatten)
            .query(self, "reading the ID map")
    }

    /// The same, with what the target wants remembered with the record.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn delivered(&self, target: i64, contact: i64) -> Result<Option<(String, String)>> {
        self.connection
            .prepare_cached(
                "SELECT remote_id, coalesce(parts, '') FROM contact_links
                 WHERE target = ?1 AND contact = ?2 AND remote_id IS NOT NULL",
            )
            .and_then(|mut statement| {
                statement
                    .query_row([target, contact], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()
            })
            .query(self, "reading the ID map")
    }

    /// Which contact a record in a target belongs to, by the ID map.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contact_of_record(&self, target: i64, remote_id: &str) -> Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT contact FROM contact_links WHERE target = ?1 AND remote_id = ?2 LIMIT 1")
            .and_then(|mut statement| {
                statement
                    .query_row(params![target, remote_id], |row| row.get(0))
                    .optional()
            })
            .query(self, "reading the ID map")
    }

    /// The target is another one, or was emptied: what the ID map says of it is void.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn forget_links(&self, target: i64) -> Result<()> {
        self.connection
            .execute("DELETE FROM contact_links WHERE target = ?1", [target])
            .and_then(|_| {
                self.connection
                    .execute("DELETE FROM order_links WHERE target = ?1", [target])
            })
            .map(drop)
            .query(self, "writing the ID map")
    }
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};

    #[test]
    fn hashes_survive_packing() {
        for hashes in [
            vec![],
            vec![0],
            vec![7],
            vec![0, 1, 0, u64::MAX, 0, 0, 0, 0, 9, 0],
        ] {
            assert_eq!(unpack(&pack(&hashes), hashes.len()), hashes);
        }
        assert_eq!(unpack(&[], 3), [0, 0, 0], "a link that was never written");
    }
}
