//! A schema of its own on a real PostgreSQL server, reached through a proxy that sees every statement.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;
use url::Url;

use crate::imported::{Home, Row, Shown};
use crate::postgres_server::{address, fresh_name, with_client};
use crate::rig::{Network, Rig};
use crate::sql_proxy::Proxy;

pub struct Postgres {
    pub server: Url,
    pub schema: String,
    pub proxy: Proxy,
}

impl Postgres {
    /// The server behind the proxy.
    pub fn address(&self) -> Url {
        let mut address = self.server.clone();
        address.set_host(Some("127.0.0.1")).unwrap();
        address.set_port(Some(self.proxy.port)).unwrap();
        address
    }

    /// `@` before a table's name stands for the schema.
    fn named(&self, sql: &str) -> String {
        let schema = format!("\"{}\".", self.schema);
        ["contacts", "orders", "shoptet_sync"]
            .into_iter()
            .fold(sql.to_owned(), |sql, table| {
                sql.replace(&format!("@{table}"), &format!("{schema}{table}"))
            })
    }

    /// A person works in the schema.
    pub fn by_hand(&self, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> u64 {
        let sql = self.named(sql);
        with_client(&self.server, async |client| {
            client.execute(&sql, parameters).await.unwrap()
        })
    }

    /// Rows as anybody who reads the tables gets them.
    pub fn rows(&self, sql: &str) -> Vec<Row> {
        let json = format!(
            "SELECT (SELECT json_object_agg(key, value) FROM json_each_text(row_to_json(row)))::text FROM ({}) AS row",
            self.named(sql)
        );
        let rows = with_client(&self.server, async |client| {
            client.query(&json, &[]).await.unwrap()
        });
        rows.iter().map(|row| of_json(row.get(0))).collect()
    }
}

/// A row as the other targets show theirs: text, and nothing of what is empty.
fn of_json(json: &str) -> Row {
    let fields: BTreeMap<String, Option<String>> = serde_json::from_str(json).unwrap();
    let text = |text: Option<String>| match text.as_deref() {
        Some("true") => "1".to_owned(),
        Some("false") => "0".to_owned(),
        _ => text.unwrap_or_default(),
    };
    let fields = fields.into_iter().map(|(name, value)| (name, text(value)));
    Row(fields.filter(|(_, text)| !text.is_empty()).collect())
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let drop = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", self.schema);
        with_client(&self.server, async |client| {
            client.batch_execute(&drop).await.unwrap()
        });
    }
}

impl Rig for Postgres {
    fn new() -> Option<Self> {
        let server = address()?;
        let host = server.host_str().unwrap().to_owned();
        let proxy = Proxy::before((host, server.port().unwrap_or(5432)));
        Some(Self {
            server,
            schema: fresh_name(),
            proxy,
        })
    }

    fn target(&self) -> String {
        format!(
            "[[target]]\nname = \"contacts\"\nkind = \"postgres\"\nurl = \"{}\"\nschema = \"{}\"\n",
            self.address(),
            self.schema
        )
    }

    fn shown(&self, _home: &Home) -> Shown {
        let keyed = |table: &str| {
            let rows = self.rows(&format!("SELECT * FROM @{table}")).into_iter();
            rows.map(|row| (row["key"].to_owned(), row)).collect()
        };
        Shown {
            contacts: keyed("contacts"),
            orders: keyed("orders"),
        }
    }

    fn edit(&self, _home: &Home, record: &str, field: &str, value: &str) {
        let edit = format!("UPDATE @contacts SET {field} = $2 WHERE key = $1");
        assert_eq!(self.by_hand(&edit, &[&record, &value]), 1);
    }

    fn insert(&self, _home: &Home, record: &str, email: &str) {
        let insert =
            "INSERT INTO @contacts(key, created_at, updated_at, email) VALUES ($1, now(), now(), $2)";
        self.by_hand(insert, &[&record, &email]);
    }

    fn delete(&self, _home: &Home, record: &str) {
        self.by_hand("DELETE FROM @orders WHERE contact_key = $1", &[&record]);
        assert_eq!(
            self.by_hand("DELETE FROM @contacts WHERE key = $1", &[&record]),
            1
        );
    }

    fn refuse(&self, _home: &Home, field: &str, value: &str) {
        let rule = format!("ALTER TABLE @contacts ADD CONSTRAINT no CHECK ({field} <> '{value}') NOT VALID");
        self.by_hand(&rule, &[]);
    }

    fn writes(&self, _home: &Home) -> u64 {
        self.proxy.writes()
    }
}

impl Network for Postgres {
    fn lose(&self, writes: impl IntoIterator<Item = u64>) {
        self.proxy.lose(writes);
    }

    fn lost(&self) -> u64 {
        self.proxy.lost()
    }

    fn carried_out(&self) -> u64 {
        self.proxy.carried_out()
    }
}
