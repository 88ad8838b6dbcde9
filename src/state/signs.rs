//! By what people can be recognised, as far as the state knows: for those who are to be forgotten.

use std::collections::BTreeSet;

use rusqlite::{Row, params};

use super::orders::unsigned;
use super::suppressed::Sign;
use super::{Query, State};
use crate::error::Result;

const DOING: &str = "reading by what people are known";

/// An order with what could tell whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSigns {
    /// Its number.
    pub id: i64,
    /// Number of its shop.
    pub shop: i64,
    /// Its code.
    pub code: String,
    /// The e-mail that identifies the buyer.
    pub email: Option<u64>,
    /// The phone that identifies the buyer.
    pub phone: Option<u64>,
}

impl OrderSigns {
    /// Whether one of its signs is suppressed: its code, else its e-mail, or the phone of an order without
    /// one, as they decide whose it is.
    pub fn is_suppressed(&self, shop: &str, is_suppressed: &dyn Fn(&Sign) -> bool) -> bool {
        let by_person = match (self.email, self.phone) {
            (Some(email), _) => is_suppressed(&Sign::Email(email)),
            (None, Some(phone)) => is_suppressed(&Sign::Phone(phone)),
            (None, None) => false,
        };
        by_person || is_suppressed(&Sign::Order(shop.to_owned(), self.code.clone()))
    }
}

fn order_signs(row: &Row<'_>) -> rusqlite::Result<OrderSigns> {
    Ok(OrderSigns {
        id: row.get(0)?,
        shop: row.get(1)?,
        code: row.get(2)?,
        email: unsigned(row.get(3)?),
        phone: unsigned(row.get(4)?),
    })
}

impl State {
    /// A contact and all that were merged into it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn with_merged(&self, contact: i64) -> Result<Vec<i64>> {
        let mut all = self.merged_into(contact)?;
        all.insert(0, contact);
        Ok(all)
    }

    /// Every e-mail that is known of these contacts, however.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn emails_of(&self, contacts: &[i64]) -> Result<BTreeSet<u64>> {
        self.clues_of(
            "SELECT email FROM emails WHERE contact = ?1
             UNION SELECT email FROM emails WHERE customer IN (SELECT id FROM customers WHERE contact = ?1)
             UNION SELECT email FROM orders WHERE contact = ?1 AND email IS NOT NULL",
            contacts,
        )
    }

    /// Every phone that is known of these contacts, however.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn phones_of(&self, contacts: &[i64]) -> Result<BTreeSet<u64>> {
        self.clues_of(
            "SELECT phone FROM phones WHERE contact = ?1
             UNION SELECT phone FROM phones WHERE customer IN (SELECT id FROM customers WHERE contact = ?1)
             UNION SELECT phone FROM orders WHERE contact = ?1 AND phone IS NOT NULL",
            contacts,
        )
    }

    fn clues_of(&self, sql: &str, contacts: &[i64]) -> Result<BTreeSet<u64>> {
        let mut all = BTreeSet::new();
        let mut read = |contact: &i64| -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let mut rows = statement.query([contact])?;
            while let Some(row) = rows.next()? {
                all.insert(row.get::<_, i64>(0)?.cast_unsigned());
            }
            Ok(())
        };
        contacts.iter().try_for_each(&mut read).query(self, DOING)?;
        Ok(all)
    }

    /// The shop's identifiers of a contact's customers.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn guids_of(&self, contact: i64) -> Result<Vec<String>> {
        let read = || {
            self.connection
                .prepare_cached("SELECT guid FROM customers WHERE contact = ?1 ORDER BY id")?
                .query_map([contact], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, DOING)
    }

    /// The e-mails of which something is noted and that `is_suppressed`, each with its group.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn suppressed_emails(
        &self,
        is_suppressed: &dyn Fn(&str, &Sign) -> bool,
    ) -> Result<Vec<(String, u64)>> {
        let noted = "SELECT grp, email FROM emails UNION SELECT grp, clue FROM unsettled WHERE kind = 0";
        self.suppressed_clues(noted, Sign::Email, is_suppressed)
    }

    /// The same of phones.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn suppressed_phones(
        &self,
        is_suppressed: &dyn Fn(&str, &Sign) -> bool,
    ) -> Result<Vec<(String, u64)>> {
        let noted = "SELECT grp, phone FROM phones UNION SELECT grp, clue FROM unsettled WHERE kind = 1";
        self.suppressed_clues(noted, Sign::Phone, is_suppressed)
    }

    fn suppressed_clues(
        &self,
        sql: &str,
        sign: fn(u64) -> Sign,
        is_suppressed: &dyn Fn(&str, &Sign) -> bool,
    ) -> Result<Vec<(String, u64)>> {
        let mut found = Vec::new();
        let mut clue = |row: &Row<'_>| -> rusqlite::Result<()> {
            let group: String = row.get(0)?;
            let clue = row.get::<_, i64>(1)?.cast_unsigned();
            if is_suppressed(&group, &sign(clue)) {
                found.push((group, clue));
            }
            Ok(())
        };
        self.each_row(sql, &mut clue)?;
        Ok(found)
    }

    /// Whether a phone is that of anybody in its group but these contacts.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn phone_is_of_others(&self, group: &str, phone: u64, contacts: &[i64]) -> Result<bool> {
        let holders = || {
            self.connection
                .prepare_cached(
                    "SELECT coalesce(customers.contact, phones.contact) FROM phones
                     LEFT JOIN customers ON customers.id = phones.customer WHERE phones.phone = ?1 AND phones.grp = ?2",
                )?
                .query_map(params![phone.cast_signed(), group], |row| row.get(0))?
                .collect::<rusqlite::Result<Vec<i64>>>()
        };
        for holder in holders().query(self, DOING)? {
            if !contacts.contains(&self.survivor(holder)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The orders of a contact, deleted ones included, with what could tell whose they are.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn order_signs_of(&self, contact: i64) -> Result<Vec<OrderSigns>> {
        let read = || {
            self.connection
                .prepare_cached(
                    "SELECT id, shop, code, email, phone FROM orders WHERE contact = ?1 ORDER BY id",
                )?
                .query_map([contact], order_signs)?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().query(self, DOING)
    }

    /// The contacts of whom something tells that `is_suppressed`; 0 stands for what is not decided yet.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn contacts_with_suppressed(
        &self,
        is_suppressed: &dyn Fn(&str, &Sign) -> bool,
    ) -> Result<BTreeSet<i64>> {
        let shops = self.shops()?;
        let shop_of = |number: i64| shops.iter().find(|shop| shop.id == number);
        let mut found = BTreeSet::new();
        let mut customers = |row: &Row<'_>| -> rusqlite::Result<()> {
            let group = shop_of(row.get(1)?).map_or("", |shop| shop.group.as_str());
            if is_suppressed(group, &Sign::Guid(row.get(2)?)) {
                found.insert(row.get(0)?);
            }
            Ok(())
        };
        self.each_row("SELECT contact, shop, guid FROM customers", &mut customers)?;
        for (sql, sign) in [
            (
                "SELECT DISTINCT coalesce(customers.contact, emails.contact), grp, email FROM emails
                 LEFT JOIN customers ON customers.id = emails.customer",
                Sign::Email as fn(u64) -> Sign,
            ),
            (
                "SELECT DISTINCT coalesce(customers.contact, phones.contact), grp, phone FROM phones
                 LEFT JOIN customers ON customers.id = phones.customer",
                Sign::Phone,
            ),
        ] {
            let mut clues = |row: &Row<'_>| -> rusqlite::Result<()> {
                let group: String = row.get(1)?;
                if is_suppressed(&group, &sign(row.get::<_, i64>(2)?.cast_unsigned())) {
                    found.insert(row.get(0)?);
                }
                Ok(())
            };
            self.each_row(sql, &mut clues)?;
        }
        let mut orders = |row: &Row<'_>| -> rusqlite::Result<()> {
            let order = order_signs(row)?;
            let Some(shop) = shop_of(order.shop) else {
                return Ok(());
            };
            if order.is_suppressed(&shop.name, &|sign| is_suppressed(&shop.group, sign)) {
                found.insert(row.get(5)?);
            }
            Ok(())
        };
        self.each_row(
            "SELECT id, shop, code, email, phone, contact FROM orders",
            &mut orders,
        )?;
        found.into_iter().map(|contact| self.survivor(contact)).collect()
    }

    fn each_row(&self, sql: &str, each: &mut dyn FnMut(&Row<'_>) -> rusqlite::Result<()>) -> Result<()> {
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
            Ok(())
        };
        read().query(self, DOING)
    }
}
