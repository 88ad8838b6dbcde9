//! Records on their way into rows: many in one transaction, and each with a fate of its own.

use super::columns::now;
use super::contacts::{self, Field};
use super::orders;
use super::rows::Rows;
use super::statement::Statement;
use super::tables::Names;
use super::{Open, PostgresTarget};
use crate::error::{Kind, Result};
use crate::model::{ContactWrite, OrderWrite, Written};

/// How one kind of record becomes rows.
pub(super) struct Writing<W> {
    /// The statements that carry out these writes.
    statements: fn(&Names, &[Field], &[W], &str) -> Vec<Statement>,
    /// The rows of those that are all new.
    made: fn(&Names, &[Field], &[W], &str) -> Vec<Rows>,
    /// The mapped fields in their table.
    fields: fn(&Open) -> &[Field],
    /// The record that a write concerns.
    record: fn(&W) -> &String,
}

/// Contacts.
pub(super) const CONTACTS: Writing<ContactWrite> = Writing {
    statements: contacts::written,
    made: contacts::made,
    fields: |open| &open.contact_fields,
    record: contacts::record,
};

/// Orders.
pub(super) const ORDERS: Writing<OrderWrite> = Writing {
    statements: orders::written,
    made: orders::made,
    fields: |open| &open.order_fields,
    record: orders::record,
};

impl PostgresTarget {
    /// Writes a batch in one transaction. A row that a rule of the table forbids (a trigger, a constraint, a
    /// contact that somebody deleted) is that row's failure and not the others': the batch is halved until
    /// the row is alone.
    pub(super) async fn write_rows<W: Sync>(
        &mut self,
        writes: &[W],
        of: &Writing<W>,
    ) -> Result<Vec<Result<Written>>> {
        let now = now();
        // A column shows exactly what was put into it.
        let written = |write: &W| Written::as_sent((of.record)(write));
        let mut build = self.build.take();
        if let Some(build) = &mut build {
            let (_, names, open) = self.opened().await?;
            build
                .send((of.made)(names, (of.fields)(open), writes, &now))
                .await?;
        }
        self.build = build;
        if self.build.is_some() {
            return Ok(writes.iter().map(|write| Ok(written(write))).collect());
        }
        let (session, names, open) = self.opened().await?;
        let mut answers = Vec::with_capacity(writes.len());
        let mut waiting = vec![writes];
        while let Some(batch) = waiting.pop() {
            if batch.is_empty() {
                continue;
            }
            let statements = (of.statements)(names, (of.fields)(open), batch, &now);
            match session.write(&statements).await {
                Ok(()) => answers.extend(batch.iter().map(|write| Ok(written(write)))),
                Err(error) if error.kind() == Kind::Refused && batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    waiting.extend([second, first]);
                }
                Err(error) if error.kind() == Kind::Refused => answers.push(Err(error)),
                Err(error) => return Err(error),
            }
        }
        Ok(answers)
    }
}
