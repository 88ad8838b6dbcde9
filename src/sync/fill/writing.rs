//! The writing side: what a target shall hold of each row, and the row that says so.

use std::sync::mpsc::{Receiver, Sender};

use tokio::runtime::Handle;

use super::{Answers, ContactAnswer, ContactRow, OrderRow, Outcome, Rows, Written};
use crate::error::Result;
use crate::model::{ContactWrite, Marks, OrderWrite, Value};
use crate::plan::{Hashes, hash, hash_of_facts, hash_of_marks, seal};
use crate::state::links::Linked;
use crate::sync::draft::ContactWish;
use crate::sync::target::TargetInRun;
use crate::target::Target;

pub(super) struct WritingSide<'a> {
    pub(super) target: &'a TargetInRun,
    pub(super) remote: &'a mut dyn Target,
    pub(super) handle: Handle,
    pub(super) answers: Sender<Answers>,
}

impl WritingSide<'_> {
    /// Writes all rows, then finishes the database; or neither, when the reading side has failed.
    pub(super) fn write(mut self, rows: Receiver<Rows>) -> Result<()> {
        for rows in rows {
            let answers = match rows {
                Rows::Contacts(rows) => Answers::Contacts(self.contacts(rows)?),
                Rows::Orders(rows) => Answers::Orders(self.orders(rows)?),
                Rows::End => return self.handle.block_on(self.remote.finish_build()),
            };
            if self.answers.send(answers).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn contacts(&mut self, rows: Vec<ContactRow>) -> Result<Vec<ContactAnswer>> {
        let mut writes = Vec::with_capacity(rows.len());
        let mut answers = Vec::with_capacity(rows.len());
        for row in rows {
            let outcome = match self.target.wish_of(row.contact, false)? {
                ContactWish::Values(_, values) => {
                    let specs = &self.target.layout.contact;
                    let hashes: Vec<u64> = specs
                        .iter()
                        .zip(&values)
                        .map(|(spec, value)| hash(&self.remote.normal_form(spec, value)))
                        .chain([hash_of_marks(&row.marks)])
                        .collect();
                    let hashes = Hashes(hashes);
                    writes.push(ContactWrite {
                        key: row.key.clone(),
                        remote_id: None,
                        set: present(values),
                        seal: seal(&row.key, specs, &hashes),
                        marks: (row.marks != Marks::default()).then_some(row.marks),
                        parts: String::new(),
                    });
                    Outcome::Written(Written {
                        of: Linked::Contact(row.id),
                        record: row.key,
                        hashes: hashes.0,
                    })
                }
                ContactWish::LeftOut => Outcome::LeftOut,
                ContactWish::Park(error) => Outcome::Park { key: row.key, error },
            };
            answers.push(ContactAnswer { id: row.id, outcome });
        }
        each_written(self.handle.block_on(self.remote.write_contacts(&writes))?)?;
        Ok(answers)
    }

    fn orders(&mut self, rows: Vec<OrderRow>) -> Result<Vec<Written>> {
        let mut writes = Vec::with_capacity(rows.len());
        let mut answers = Vec::with_capacity(rows.len());
        for OrderRow { contact, draft } in rows {
            let facts = hash_of_facts(&draft.facts, &contact);
            let specs = self.target.layout.order.iter();
            let mut hashes = Hashes(
                specs
                    .zip(&draft.values)
                    .map(|(spec, value)| hash(&self.remote.normal_form(spec, value)))
                    .collect(),
            );
            let key = draft.name.key;
            writes.push(OrderWrite {
                key: key.clone(),
                contact,
                remote_id: None,
                facts: Some(draft.facts),
                set: present(draft.values),
                seal: seal(&key, &self.target.layout.order, &hashes),
                parts: String::new(),
                contact_parts: String::new(),
            });
            hashes.0.insert(0, facts);
            answers.push(Written {
                of: Linked::Order(draft.name.id),
                record: key,
                hashes: hashes.0,
            });
        }
        each_written(self.handle.block_on(self.remote.write_orders(&writes))?)?;
        Ok(answers)
    }
}

/// A new database refuses nothing: where it does, it is not what it should be.
fn each_written<T>(written: Vec<Result<T>>) -> Result<()> {
    written.into_iter().try_for_each(|one| one.map(drop))
}

/// The values that are there, with their places: absent is not empty.
fn present(values: Vec<Value>) -> Vec<(usize, Value)> {
    values
        .into_iter()
        .enumerate()
        .filter(|(_, value)| *value != Value::Empty)
        .collect()
}
