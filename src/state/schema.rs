//! The tables of `state.db`, and how they are made.
//!
//! Rows first, indexes afterwards: a bulk load makes the tables, fills them, then makes the indexes;
//! every other way of opening makes both at once. Times are seconds since 1970 UTC. A person's
//! e-mail is matched by the first 64 bits of its SHA-256, a phone by its digits; the text itself
//! stands only in the bodies.

use std::path::Path;

use rusqlite::Connection;

use super::{WITHOUT_STATE, failure, kind_of};
use crate::error::{Error, Kind, Result};

/// Version of these tables; a state with a higher one is refused.
pub const VERSION: i64 = 5;

/// SQLite before this version can lose a WAL that is reset while another connection reads it.
const OLDEST_SQLITE: i32 = 3_051_003;

const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Shops and targets by name; everything else refers to their numbers.
CREATE TABLE shops(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, url TEXT NOT NULL,
  currency TEXT NOT NULL, timezone TEXT NOT NULL, emails TEXT NOT NULL);
CREATE TABLE statuses(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, shop_id INTEGER, name TEXT NOT NULL);

-- One person or company. A contact that was merged points to the one that took it over. Customers and
-- orders whose contact is not decided yet are on number 0.
CREATE TABLE contacts(id INTEGER PRIMARY KEY, grp TEXT NOT NULL, key TEXT NOT NULL,
  gone_at INTEGER, merged_into INTEGER, erased INTEGER NOT NULL DEFAULT 0);

-- Our copy of the shop. missing: when the first of the listings was requested that did not hold it, in ms; else 0.
-- listed_from: the same of the first reading that held it. content: hash of what the shop said of it; print: of the
-- bytes it said so with.
CREATE TABLE customers(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, guid TEXT NOT NULL, contact INTEGER NOT NULL,
  created_at INTEGER, changed_at INTEGER, read_at INTEGER NOT NULL, listed_from INTEGER NOT NULL,
  missing INTEGER NOT NULL DEFAULT 0, gone_at INTEGER, content INTEGER NOT NULL, body TEXT NOT NULL);
CREATE TABLE orders(id INTEGER PRIMARY KEY, shop INTEGER NOT NULL, code TEXT NOT NULL, contact INTEGER NOT NULL,
  rule INTEGER NOT NULL, placed_at INTEGER, changed_at INTEGER, read_at INTEGER NOT NULL,
  missing INTEGER NOT NULL DEFAULT 0, gone_at INTEGER, status INTEGER NOT NULL, currency TEXT NOT NULL,
  total TEXT, total_home TEXT, paid INTEGER, email INTEGER, phone INTEGER, guid TEXT, has INTEGER NOT NULL,
  content INTEGER NOT NULL, print INTEGER, url TEXT NOT NULL, coupons TEXT NOT NULL, items TEXT NOT NULL, body TEXT NOT NULL);

-- Evidence of who has, or once had, an e-mail or a phone. Rows are only added or widened: a set, so
-- that the order of telling does not matter. role: 0 log-in, 1 once a log-in, 2 seen on an order.
CREATE TABLE emails(grp TEXT NOT NULL, email INTEGER NOT NULL, contact INTEGER NOT NULL, customer INTEGER,
  role INTEGER NOT NULL, first_at INTEGER, last_at INTEGER);
CREATE TABLE phones(grp TEXT NOT NULL, phone INTEGER NOT NULL, contact INTEGER NOT NULL, customer INTEGER);

-- Who wants the newsletter, by the lists of a shop: 0 those who agreed, 1 those who unsubscribed. read_to: NULL for
-- one that the shop does not tell.
CREATE TABLE consent_lists(shop INTEGER NOT NULL, list INTEGER NOT NULL, read_to INTEGER, PRIMARY KEY(shop, list))
  WITHOUT ROWID;
CREATE TABLE consents(shop INTEGER NOT NULL, email INTEGER NOT NULL, list INTEGER NOT NULL, at INTEGER,
  PRIMARY KEY(shop, email, list)) WITHOUT ROWID;

-- What has to be settled once a document is read to its end. kind: 0 who has an e-mail, 1 who has a phone,
-- 2 whose an order is that got another guid or e-mail.
CREATE TABLE unsettled(grp TEXT NOT NULL, kind INTEGER NOT NULL, clue INTEGER NOT NULL, PRIMARY KEY(grp, kind, clue))
  WITHOUT ROWID;
-- Whose orders moved away meanwhile, and who took the last of them.
CREATE TABLE left_behind(contact INTEGER PRIMARY KEY, taken_by INTEGER NOT NULL);

-- The ID map: which record in which target is whose, and what we last wrote or meant to write.
-- delivery: number of the last delivery that wrote there; begun: of the last that was about to. agreed: a person
-- has seen what the first delivery does. parts: what a target wants remembered with a record.
CREATE TABLE targets(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, identity TEXT, mapping TEXT,
  delivery INTEGER NOT NULL DEFAULT 0, begun INTEGER NOT NULL DEFAULT 0,
  agreed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE layouts(id INTEGER PRIMARY KEY, fields TEXT NOT NULL UNIQUE);
CREATE TABLE contact_links(target INTEGER NOT NULL, contact INTEGER NOT NULL, remote_id TEXT, layout INTEGER NOT NULL,
  written BLOB, intended BLOB, written_at INTEGER, parts TEXT, PRIMARY KEY(target, contact)) WITHOUT ROWID;
CREATE TABLE order_links(target INTEGER NOT NULL, order_id INTEGER NOT NULL, remote_id TEXT, layout INTEGER NOT NULL,
  written BLOB, intended BLOB, written_at INTEGER, parts TEXT, PRIMARY KEY(target, order_id)) WITHOUT ROWID;
-- mark: of the last telling, so that what is told while it is delivered stays due; since: of the first one. backfill: 1
-- where nothing has changed in the shop. tries: how often it failed in a way that may pass; not_before: when it is
-- tried again (ms).
CREATE TABLE due_contacts(target INTEGER NOT NULL, contact INTEGER NOT NULL, mark INTEGER NOT NULL DEFAULT 0,
  since INTEGER NOT NULL DEFAULT 0, backfill INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(target, contact)) WITHOUT ROWID;
CREATE TABLE due_orders(target INTEGER NOT NULL, contact INTEGER NOT NULL, order_id INTEGER NOT NULL,
  mark INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(target, contact, order_id)) WITHOUT ROWID;
CREATE TABLE answers(target INTEGER NOT NULL, contact INTEGER NOT NULL, remote_id TEXT, PRIMARY KEY(target, contact))
  WITHOUT ROWID;

-- What happened, for people.
CREATE TABLE parked(id INTEGER PRIMARY KEY, kind TEXT NOT NULL, shop TEXT NOT NULL, key TEXT NOT NULL,
  target TEXT NOT NULL, contact INTEGER, reason TEXT NOT NULL, since INTEGER NOT NULL,
  dismissed INTEGER NOT NULL DEFAULT 0, UNIQUE(kind, shop, key, target));
CREATE TABLE history(id INTEGER PRIMARY KEY, contact INTEGER NOT NULL, at INTEGER NOT NULL, what TEXT NOT NULL);
CREATE TABLE readings(shop INTEGER NOT NULL, section TEXT NOT NULL, read_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,
  source TEXT NOT NULL, records INTEGER NOT NULL, PRIMARY KEY(shop, section)) WITHOUT ROWID;
-- How far a section is read. is_sure: nothing was asked of the shop since that was not stored, so that its
-- own mark of the last download can be relied on.
CREATE TABLE cursors(shop INTEGER NOT NULL, section TEXT NOT NULL, read_to INTEGER NOT NULL,
  is_sure INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(shop, section)) WITHOUT ROWID;
CREATE TABLE runs(id INTEGER PRIMARY KEY, command TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
  outcome TEXT, counts TEXT NOT NULL DEFAULT '{}');
";

/// Indexes that the load itself does not need. Those of `orders` are built from the rows once; the
/// second carries what statistics are computed from, so that nobody has to fetch the wide rows.
const INDEXES: &str = "
CREATE UNIQUE INDEX IF NOT EXISTS contacts_by_key ON contacts(key);
CREATE INDEX IF NOT EXISTS customers_by_guid ON customers(shop, guid);
CREATE INDEX IF NOT EXISTS customers_by_contact ON customers(contact);
CREATE INDEX IF NOT EXISTS orders_by_code ON orders(shop, code);
CREATE INDEX IF NOT EXISTS orders_by_contact ON orders(contact, placed_at, code, shop, status, gone_at, currency, total, total_home,
  has, email, phone, url);
CREATE INDEX IF NOT EXISTS orders_by_guid ON orders(guid) WHERE guid IS NOT NULL;
CREATE INDEX IF NOT EXISTS emails_by_email ON emails(email, grp);
CREATE INDEX IF NOT EXISTS emails_by_customer ON emails(customer) WHERE customer IS NOT NULL;
CREATE INDEX IF NOT EXISTS phones_by_phone ON phones(phone, grp);
CREATE UNIQUE INDEX IF NOT EXISTS statuses_by_name ON statuses(shop, name, shop_id);
CREATE INDEX IF NOT EXISTS history_by_contact ON history(contact);
";

/// The index of the ID map; made when a build has filled it.
const LINK_INDEX: &str =
    "CREATE INDEX IF NOT EXISTS contact_links_by_record ON contact_links(target, remote_id)";

/// An id of its own for every state.
const ID: &str = "INSERT INTO meta VALUES ('id', lower(hex(randomblob(8))))";

/// What makes a state of version `n + 1` one of version `n + 2`.
const UPGRADES: [&str; 4] = [
    "
ALTER TABLE targets ADD COLUMN delivery INTEGER NOT NULL DEFAULT 0;
ALTER TABLE targets ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;
INSERT INTO meta VALUES ('id', lower(hex(randomblob(8))));
CREATE INDEX contact_links_by_record ON contact_links(target, remote_id);
",
    "
ALTER TABLE due_contacts ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
ALTER TABLE due_orders ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
CREATE TABLE cursors(shop INTEGER NOT NULL, section TEXT NOT NULL, read_to INTEGER NOT NULL,
  is_sure INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(shop, section)) WITHOUT ROWID;
ALTER TABLE customers ADD COLUMN listed_from INTEGER NOT NULL DEFAULT 0;
UPDATE customers SET listed_from = read_at * 1000;
UPDATE customers SET missing = gone_at * 1000 WHERE gone_at IS NOT NULL AND missing = 0;
DELETE FROM unsettled WHERE kind = 2;
CREATE TABLE left_behind(contact INTEGER PRIMARY KEY, taken_by INTEGER NOT NULL);
",
    "
ALTER TABLE orders ADD COLUMN print INTEGER;
CREATE TABLE consent_lists(shop INTEGER NOT NULL, list INTEGER NOT NULL, read_to INTEGER, PRIMARY KEY(shop, list))
  WITHOUT ROWID;
CREATE TABLE consents(shop INTEGER NOT NULL, email INTEGER NOT NULL, list INTEGER NOT NULL, at INTEGER,
  PRIMARY KEY(shop, email, list)) WITHOUT ROWID;
",
    "
ALTER TABLE targets ADD COLUMN agreed INTEGER NOT NULL DEFAULT 0;
UPDATE targets SET agreed = 1 WHERE identity IS NOT NULL;
ALTER TABLE contact_links ADD COLUMN parts TEXT;
ALTER TABLE order_links ADD COLUMN parts TEXT;
ALTER TABLE due_contacts ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE due_contacts ADD COLUMN backfill INTEGER NOT NULL DEFAULT 0;
ALTER TABLE due_contacts ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE due_contacts ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
UPDATE due_contacts SET since = mark;
",
];

/// Makes the tables.
///
/// # Errors
/// When the database cannot be written.
pub fn create_tables(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(TABLES)
        .and_then(|()| connection.execute_batch(&format!("{ID}; PRAGMA user_version = {VERSION}")))
        .map_err(|cause| Error::new(kind_of(&cause), "making the tables of the state", &cause))
}

/// Makes the indexes, after the rows.
///
/// # Errors
/// When the database cannot be written, or two rows are the same where that must not be.
pub fn create_indexes(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(INDEXES)
        .map_err(|cause| Error::new(kind_of(&cause), "making the indexes of the state", &cause))
}

/// Makes the index of the ID map, after its rows.
///
/// # Errors
/// When the database cannot be written.
pub fn create_link_index(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(LINK_INDEX)
        .map_err(|cause| Error::new(kind_of(&cause), "making the index of the ID map", &cause))
}

/// Brings a state of an earlier version up to this one. Within a transaction of the caller's.
///
/// # Errors
/// When the database cannot be written.
pub fn upgrade(connection: &Connection) -> Result<()> {
    let found = version(connection)?;
    let steps = UPGRADES
        .iter()
        .skip(usize::try_from(found).unwrap_or(0).saturating_sub(1));
    for step in steps {
        connection.execute_batch(step).map_err(|cause| {
            Error::new(
                kind_of(&cause),
                format!("upgrading the state from version {found}"),
                &cause,
            )
        })?;
    }
    connection
        .execute_batch(&format!("PRAGMA user_version = {VERSION}"))
        .map_err(|cause| Error::new(kind_of(&cause), "upgrading the state", &cause))
}

fn version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|cause| Error::new(kind_of(&cause), "reading the version of the state", &cause))
}

/// Whether a state is of an earlier version.
///
/// # Errors
/// When the database cannot be read.
pub fn is_outdated(connection: &Connection) -> Result<bool> {
    Ok(version(connection)? < VERSION)
}

/// Refuses a library that loses data.
///
/// # Errors
/// When SQLite is too old.
pub fn check_library() -> Result<()> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(Error::new(
            Kind::Database,
            "opening the state",
            format!("SQLite {} can lose data when a WAL is reset", rusqlite::version()),
        )
        .with_hint("build with the bundled SQLite (the default), 3.51.3 or newer"));
    }
    Ok(())
}

/// Refuses a database that this program must not touch.
///
/// # Errors
/// When it is no state, or one that a newer version wrote.
pub fn check_version(connection: &Connection, path: &Path) -> Result<()> {
    let doing = || format!("opening the state ({})", path.display());
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|cause| failure("opening the state", path, &cause))?;
    match found {
        0 => {
            let cause = "there is no state in it: the file is empty, or another program's";
            Err(Error::new(Kind::Database, doing(), cause).with_hint(WITHOUT_STATE))
        }
        newer if newer > VERSION => {
            let cause = format!("it has version {newer}, this program knows {VERSION}");
            Err(Error::new(Kind::Database, doing(), cause).with_hint("use the newer program that wrote it"))
        }
        _ => Ok(()),
    }
}
