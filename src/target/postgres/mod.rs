//! A schema of a PostgreSQL database: the same plain tables as in the embedded one, `contacts` and `orders`,
//! for people and programs that work in PostgreSQL anyway.
//!
//! Nothing in it asks for a single server. Rows are told by their primary key, made and changed by `INSERT … ON
//! CONFLICT` and `UPDATE … FROM unnest(…)`; a serialization failure or a deadlock is tried again; and nothing is
//! kept in a session: no prepared statement, temporary table, lock or setting. So it runs behind a pooler that
//! shares connections, and on Citus, CockroachDB and YugabyteDB. What of that one server can show is tested:
//! every statement that is sent is read, and the words that would break it are refused.
//!
//! The row's `key` is its remote identifier: our own key for the rows we made, a person's for those that were
//! adopted.

mod build;
mod by_email;
mod columns;
mod contacts;
mod erase;
mod failure;
mod look;
mod orders;
mod records;
mod rights;
mod rows;
mod seals;
mod session;
pub mod settings;
mod statement;
mod tables;
mod tls;
mod writing;

use std::borrow::Cow;
use std::collections::HashMap;

use async_trait::async_trait;

use self::build::Build;
use self::by_email::ByEmail;
use self::columns::{now, text};
use self::contacts::Field;
use self::erase::Erasing;
use self::session::Session;
use self::settings::PostgresSettings;
use self::statement::Statement;
use self::tables::{Names, Table, Tables};
use self::writing::{CONTACTS, ORDERS};
use super::{EachRecord, Identity, Layout, Of, Target};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, ContactWrite, Erased, Erasure, FieldSpec, Look, OrderWrite, Value, Written};

/// The database; the connection is made when it is first needed.
pub struct PostgresTarget {
    settings: PostgresSettings,
    session: Session,
    names: Names,
    /// The connection for rows while it is filled for the first time.
    build: Option<Build>,
    layout: Layout,
    writer: String,
    open: Option<Open>,
}

/// What is known of the tables.
struct Open {
    tables: Tables,
    contact_fields: Vec<Field>,
    order_fields: Vec<Field>,
    by_email: Option<ByEmail>,
}

impl PostgresTarget {
    /// A schema, written with this layout by the state of this id.
    pub fn new(settings: PostgresSettings, layout: Layout, writer: String) -> Self {
        Self {
            names: Names {
                schema: settings.schema.clone(),
                ending: String::new(),
            },
            session: Session::new(settings.clone()),
            settings,
            build: None,
            layout,
            writer,
            open: None,
        }
    }

    /// Looks which tables and columns are there.
    async fn open(&mut self) -> Result<()> {
        let tables = Tables::read(&mut self.session, &self.names).await?;
        let known = |table| tables.columns(&self.names, table);
        let contact_fields = contacts::fields(&self.layout.contact, known(Table::Contacts));
        let email = self.layout.email.and_then(|place| contact_fields.get(place));
        self.open = Some(Open {
            by_email: email
                .filter(|(_, kind)| kind.is_some())
                .map(|(name, _)| ByEmail::new(&self.names, name, self.layout.spelling)),
            order_fields: contacts::fields(&self.layout.order, known(Table::Orders)),
            contact_fields,
            tables,
        });
        Ok(())
    }

    async fn opened(&mut self) -> Result<(&mut Session, &Names, &mut Open)> {
        if self.open.is_none() {
            self.open().await?;
        }
        match &mut self.open {
            Some(open) => Ok((&mut self.session, &self.names, open)),
            None => Err(Error::new(
                Kind::Database,
                "opening the contact database",
                "it is closed",
            )),
        }
    }
}

#[async_trait]
impl Target for PostgresTarget {
    async fn identity(&mut self) -> Result<Option<Identity>> {
        let tables = Tables::read(&mut self.session, &self.names).await?;
        if tables.columns(&self.names, Table::Sync).is_none() {
            return Ok(None);
        }
        let delivery = tables::delivery_of(&self.writer);
        let ask = Statement::new(format!(
            "SELECT name, value FROM {} WHERE name = ANY($1)",
            self.names.of(Table::Sync)
        ))
        .texts(["id", delivery.as_str()]);
        let remembered: HashMap<String, String> = self
            .session
            .read(&ask)
            .await?
            .iter()
            .filter_map(|row| text(row, 0).zip(text(row, 1)))
            .collect();
        let Some(id) = remembered.get("id").cloned() else {
            return Ok(None);
        };
        let holds_ours = match tables.columns(&self.names, Table::Contacts) {
            None => false,
            Some(_) => {
                let any = format!("SELECT 1 FROM {} LIMIT 1", self.names.of(Table::Contacts));
                !self.session.read(&Statement::new(any)).await?.is_empty()
            }
        };
        let delivery = remembered.get(&delivery);
        Ok(Some(Identity {
            id,
            holds_ours,
            delivery: Some(delivery.and_then(|number| number.parse().ok()).unwrap_or(0)),
        }))
    }

    async fn holds_contacts_of(&mut self, groups: &[String]) -> Result<bool> {
        let begins = groups.iter().map(|group| format!("{group}:"));
        let any = format!(
            "SELECT 1 FROM unnest($1) AS ours(begin) JOIN {} AS there ON left(there.key, length(ours.begin)) = ours.begin \
             LIMIT 1",
            self.names.of(Table::Contacts)
        );
        let rows = self.session.read(&Statement::new(any).texts(begins)).await?;
        Ok(!rows.is_empty())
    }

    async fn check(&mut self) -> Result<Vec<String>> {
        let mut problems = tables::problems(&self.layout);
        self.open().await?;
        let layout = self.layout.clone();
        let (session, names, open) = self.opened().await?;
        problems.extend(open.tables.problems(names, &layout));
        problems.extend(rights::lacking(session, names, &open.tables).await?);
        self.identity().await?;
        Ok(problems)
    }

    async fn open_to_look(&mut self) -> Result<Option<Identity>> {
        self.open().await?;
        self.identity().await
    }

    async fn prepare(&mut self) -> Result<Identity> {
        if let Some(problem) = self.check().await?.into_iter().next() {
            let doing = format!("preparing {}", self.session.place());
            return Err(Error::new(Kind::Configuration, doing, problem));
        }
        tables::create(&mut self.session, &self.names, &self.layout).await?;
        self.open().await?;
        let layout = self.layout.clone();
        let is_build = self.build.is_some();
        let (session, names, open) = self.opened().await?;
        // A build makes its indexes when all rows are in.
        if !is_build {
            for (_, _, index) in tables::indexes(names, &layout, &open.tables) {
                session.write(&[index]).await?;
            }
        }
        self.identity()
            .await?
            .ok_or_else(|| Error::new(Kind::Database, "preparing the contact database", "it has no id"))
    }

    async fn begin_delivery(&mut self, number: i64) -> Result<()> {
        let name = tables::delivery_of(&self.writer);
        let remember = tables::remember(&self.names, &name, &number.to_string());
        self.session.write(&[remember]).await
    }

    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        let (session, names, open) = self.opened().await?;
        if open.tables.columns(names, Table::Contacts).is_none() {
            return Ok(asks.iter().map(|_| Ok(Look::Absent)).collect());
        }
        let looks = look::look(session, names, &open.contact_fields, open.by_email.as_mut(), asks).await?;
        Ok(looks.into_iter().map(Ok).collect())
    }

    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>> {
        let (session, names, open) = self.opened().await?;
        if open.tables.columns(names, Table::Orders).is_none() {
            return Ok(asks.iter().map(|_| Ok(Look::Absent)).collect());
        }
        let looks = orders::look(session, names, &open.order_fields, asks).await?;
        Ok(looks.into_iter().map(Ok).collect())
    }

    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>> {
        self.write_rows(writes, &CONTACTS).await
    }

    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>> {
        self.write_rows(writes, &ORDERS).await
    }

    async fn erase(&mut self, erasures: &[Erasure]) -> Result<Vec<Result<Erased>>> {
        self.open().await?;
        let (now, layout) = (now(), self.layout.clone());
        let (session, names, open) = self.opened().await?;
        let erasing = Erasing::new(names, &open.tables, &layout);
        let mut erased = Vec::with_capacity(erasures.len());
        for erasure in erasures {
            match erasing.erase(session, erasure, &now).await {
                Err(error) if error.kind() != Kind::Refused => return Err(error),
                done => erased.push(done),
            }
        }
        Ok(erased)
    }

    async fn each_record(&mut self, each: &mut EachRecord<'_>) -> Result<()> {
        let email = self.layout.email;
        let (session, names, open) = self.opened().await?;
        let email = email.and_then(|place| open.contact_fields.get(place));
        records::each(session, names, &open.tables, email, each).await
    }

    async fn records_after(&mut self, of: Of, after: &str, most: usize) -> Result<Option<Vec<String>>> {
        let (session, names, open) = self.opened().await?;
        records::after(session, names, &open.tables, of, after, most)
            .await
            .map(Some)
    }

    /// Frees the places of what was overwritten. What copies and logs the server keeps, it alone knows.
    async fn leave_no_traces(&mut self) -> Result<()> {
        let (session, names, open) = self.opened().await?;
        for table in Table::ALL {
            if open.tables.columns(names, table).is_none() {
                continue;
            }
            let vacuum = Statement::new(format!("VACUUM {}", names.of(table)));
            match session.write(&[vacuum]).await {
                // A distributed server frees them by itself and knows no such statement.
                Err(error) if matches!(error.kind(), Kind::Configuration | Kind::Database) => {
                    tracing::debug!(cause = error.cause(), "not vacuumed");
                }
                done => done?,
            }
        }
        Ok(())
    }

    fn normal_form<'v>(&self, _spec: &FieldSpec, value: &'v Value) -> Cow<'v, str> {
        columns::normal_form(value)
    }

    async fn begin_build(&mut self) -> Result<bool> {
        let tables = Tables::read(&mut self.session, &self.names).await?;
        // What is wrong the ordinary delivery tells.
        if !tables.is_empty() || !self.check().await?.is_empty() {
            return Ok(false);
        }
        self.names.ending = build::ending_of(&self.writer);
        self.build = Some(Build::new(&self.settings));
        self.open = None;
        Ok(true)
    }

    fn rows_of_a_build(&self) -> usize {
        build::ROWS
    }

    async fn finish_build(&mut self) -> Result<()> {
        let Some(mut build) = self.build.take() else {
            return Ok(());
        };
        let layout = self.layout.clone();
        let (session, names, open) = self.opened().await?;
        build.finish(session, names, &layout, &open.tables).await
    }

    async fn publish_build(&mut self) -> Result<()> {
        self.names.ending = build::ending_of(&self.writer);
        self.open = None;
        let layout = self.layout.clone();
        let (session, names, open) = self.opened().await?;
        let published = match open.tables.is_empty() {
            true => Ok(()),
            false => session.write(&build::publish(names, &layout, &open.tables)).await,
        };
        self.names.ending.clear();
        self.open = None;
        let is_seen = self
            .identity()
            .await?
            .is_some_and(|there| there.delivery > Some(0));
        match published {
            // It was done by a try whose answer was lost, or by a run that was killed right after.
            _ if is_seen => Ok(()),
            Ok(()) => {
                let doing = format!("filling {}", self.session.place());
                Err(Error::new(
                    Kind::Database,
                    doing,
                    "what was filled is not there any more",
                ))
            }
            Err(error) => Err(error),
        }
    }

    async fn discard_build(&mut self) -> Result<()> {
        let names = Names {
            ending: build::ending_of(&self.writer),
            ..self.names.clone()
        };
        for table in build::discard(&names) {
            match self.session.write(&[table]).await {
                // There is not even a schema.
                Err(error) if error.kind() == Kind::Database => {}
                done => done?,
            }
        }
        Ok(())
    }
}
