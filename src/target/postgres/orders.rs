//! Orders written and read: what the shop says of them, the stage, and the mapped fields.

use std::collections::{BTreeMap, HashMap};

use tokio_postgres::Row;

use super::columns::{ColumnType, sent_time, storable_json, text, time};
use super::contacts::{Field, put, selected, values};
use super::rows::{Column, Rows, When, update, upsert};
use super::seals::{Sealed, new_seals, seal_rows};
use super::session::Session;
use super::statement::Statement;
use super::tables::{Names, Table};
use crate::error::Result;
use crate::model::{Ask, Items, Look, OrderFacts, OrderWrite, Shown};

/// The statements that carry out these writes.
pub fn written(names: &Names, fields: &[Field], writes: &[OrderWrite], now: &str) -> Vec<Statement> {
    let mut made = Vec::new();
    let mut changed: BTreeMap<(Vec<usize>, bool), Vec<&OrderWrite>> = BTreeMap::new();
    for write in writes {
        match (&write.remote_id, &write.facts) {
            (None, Some(_)) => made.push(write),
            (_, facts) => {
                let set = write.set.iter().map(|(field, _)| *field).collect();
                changed.entry((set, facts.is_some())).or_default().push(write);
            }
        }
    }
    let table = names.of(Table::Orders);
    let mut statements = Vec::new();
    if !made.is_empty() {
        statements.push(upsert(&table, columns_of_new(fields, &made, now)));
    }
    for ((set, facts), writes) in &changed {
        if !set.is_empty() || *facts {
            statements.push(update(&table, columns(fields, set, *facts, writes, now)));
        }
    }
    let seals = writes.iter().map(|write| (record(write), write.seal));
    statements.push(seal_rows(names, Sealed::Orders, seals));
    statements
}

/// The rows of orders that are all new.
pub fn made(names: &Names, fields: &[Field], writes: &[OrderWrite], now: &str) -> Vec<Rows> {
    let new: Vec<&OrderWrite> = writes.iter().collect();
    let seals = writes.iter().map(|write| (record(write), write.seal));
    vec![
        Rows {
            table: names.of(Table::Orders),
            columns: columns_of_new(fields, &new, now),
        },
        new_seals(names, Sealed::Orders, seals),
    ]
}

fn columns_of_new(fields: &[Field], made: &[&OrderWrite], now: &str) -> Vec<Column> {
    let all: Vec<usize> = (0..fields.len()).collect();
    columns(fields, &all, true, made, now)
}

/// What is found of each order, by our key or by the identifier the ID map names.
///
/// # Errors
/// When the server does not answer.
pub async fn look(session: &mut Session, names: &Names, fields: &[Field], asks: &[Ask]) -> Result<Vec<Look>> {
    let key = |ask: &Ask| ask.remote_id.as_ref().unwrap_or(&ask.key).clone();
    let mut found: HashMap<String, Shown> = HashMap::new();
    for with_facts in [false, true] {
        let asked = asks.iter().filter(|ask| ask.with_facts == with_facts);
        let keys: Vec<String> = asked.map(key).collect();
        if !keys.is_empty() {
            found.extend(read(session, names, fields, keys.iter().collect(), with_facts).await?);
        }
    }
    let look = |ask| found.get(&key(ask)).cloned().map_or(Look::Absent, Look::Found);
    Ok(asks.iter().map(look).collect())
}

/// The record that a write concerns.
pub const fn record(write: &OrderWrite) -> &String {
    match &write.remote_id {
        Some(record) => record,
        None => &write.key,
    }
}

fn columns(fields: &[Field], set: &[usize], facts: bool, writes: &[&OrderWrite], now: &str) -> Vec<Column> {
    let column = |name: &str, kind, when, value: &dyn Fn(&OrderWrite) -> Option<String>| Column {
        name: name.to_owned(),
        kind,
        values: writes.iter().map(|write| value(write)).collect(),
        when,
    };
    let mut columns = vec![
        column("key", ColumnType::Text, When::Key, &|write| {
            Some(record(write).clone())
        }),
        column("updated_at", ColumnType::Time, When::Changed, &|_| {
            Some(now.to_owned())
        }),
    ];
    if facts {
        columns.push(column("contact_key", ColumnType::Text, When::Differs, &|write| {
            Some(write.contact.clone())
        }));
        for (name, kind, fact) in FACTS {
            columns.push(column(name, kind, When::Differs, &|write| {
                write.facts.as_ref().and_then(fact)
            }));
        }
    }
    let mut places = vec![None; fields.len()];
    for field in set {
        let Some((name, Some(kind))) = fields.get(*field) else {
            continue;
        };
        if let Some(place) = places.get_mut(*field) {
            *place = Some(columns.len());
        }
        columns.push(Column {
            name: name.clone(),
            kind: *kind,
            values: vec![None; writes.len()],
            when: When::Differs,
        });
    }
    for (row, write) in writes.iter().enumerate() {
        for (field, value) in &write.set {
            put(&mut columns, places.get(*field).copied().flatten(), row, value);
        }
    }
    columns
}

/// Takes one fact out, as it travels.
type Fact = fn(&OrderFacts) -> Option<String>;

/// What the shop says of an order, column by column, in the order of [`read_facts`].
const FACTS: [(&str, ColumnType, Fact); 11] = [
    ("shop", ColumnType::Text, |facts| Some(facts.shop.clone())),
    ("code", ColumnType::Text, |facts| Some(facts.code.clone())),
    ("placed_at", ColumnType::Time, |facts| sent_time(facts.placed_at)),
    ("status", ColumnType::Text, |facts| Some(facts.status.clone())),
    ("total", ColumnType::Decimal, |facts| {
        facts.total.map(|total| total.to_string())
    }),
    ("currency", ColumnType::Text, |facts| Some(facts.currency.clone())),
    ("paid", ColumnType::Bool, |facts| {
        facts.paid.map(|paid| if paid { "1" } else { "0" }.to_owned())
    }),
    ("coupons", ColumnType::Json, |facts| {
        Some(storable_json(&facts.coupons))
    }),
    ("items", ColumnType::Json, |facts| {
        Some(storable_json(&facts.items))
    }),
    ("url", ColumnType::Text, |facts| {
        Some(facts.url.clone()).filter(|url| !url.is_empty())
    }),
    ("gone_at", ColumnType::Time, |facts| sent_time(facts.gone_at)),
];

/// The orders with these keys, as they stand there; with what the shop says of them where that is asked for.
///
/// # Errors
/// When the server does not answer.
pub async fn read(
    session: &mut Session,
    names: &Names,
    fields: &[Field],
    keys: Vec<&String>,
    with_facts: bool,
) -> Result<HashMap<String, Shown>> {
    let facts: String = match with_facts {
        true => FACTS
            .iter()
            .map(|(name, kind, _)| format!(", {}", kind.selected(&format!("there.{name}"))))
            .chain([", there.contact_key".to_owned()])
            .collect(),
        false => String::new(),
    };
    let ask = Statement::new(format!(
        "SELECT there.key, seals.seal{}{facts} FROM {} AS there LEFT JOIN {} AS seals ON seals.key = there.key \
         WHERE there.key = ANY($1)",
        selected(fields),
        names.of(Table::Orders),
        names.of(Table::OrderSeals),
    ))
    .texts(keys);
    let rows = session.read(&ask).await?;
    let shown = |row: &Row| {
        let key = text(row, 0).unwrap_or_default();
        let shown = Shown {
            remote_id: key.clone(),
            values: values(row, 2, fields),
            seal: row.try_get(1).unwrap_or_default(),
            facts: with_facts
                .then(|| read_facts(row, 2 + fields.len()))
                .flatten()
                .map(Box::new),
            ..Shown::default()
        };
        (key, shown)
    };
    Ok(rows.iter().map(shown).collect())
}

/// What stands there of the shop's facts, and the record it hangs on; `None` for what we cannot have written
/// like that.
fn read_facts(row: &Row, from: usize) -> Option<(OrderFacts, String)> {
    let word = |place: usize| text(row, from + place);
    let moment = |place: usize| time(row, from + place).ok();
    let facts = OrderFacts {
        shop: word(0)?,
        code: word(1)?,
        placed_at: moment(2)?,
        status: word(3)?,
        total: word(4).map(|total| total.parse()).transpose().ok()?,
        currency: word(5)?,
        paid: word(6).map(|paid| paid == "1"),
        // As we spelt it: the server orders keys and sets spaces anew.
        coupons: serde_json::from_str::<Vec<String>>(&word(7)?)
            .and_then(|codes| serde_json::to_string(&codes))
            .ok()?,
        items: serde_json::from_str::<Items>(&word(8)?).ok()?.into_json(),
        url: word(9).unwrap_or_default(),
        gone_at: moment(10)?,
    };
    Some((facts, word(11)?))
}
