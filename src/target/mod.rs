//! Contact databases: what each of them must be able to do, and one file for each.
//!
//! A new target is one file (settings, wire, impl, in this order), its variant in
//! [`settings::Connection`], its fixtures and its fake.

pub mod settings;
pub mod sqlite;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::{Ask, ContactWrite, FieldSpec, Look, OrderWrite, Value, Written};

/// What the mapping writes into a target, compiled once.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Fields of a contact.
    pub contact: Vec<FieldSpec>,
    /// Fields of an order; the first is always the stage.
    pub order: Vec<FieldSpec>,
    /// Place of the field that holds the main e-mail, by which records that were there before are found.
    pub email: Option<usize>,
}

/// Whether this is the database or system we wrote to before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// An identifier of the target's own: a database's id, a system's number.
    pub id: String,
    /// Whether records of ours are in it.
    pub holds_ours: bool,
}

/// One contact database, open with the layout it is written with.
///
/// The outer error of a method ends the run for this target; the inner ones concern one record.
#[async_trait]
pub trait Target: Send {
    /// Which one it is. Creates nothing; `None` when there is none yet.
    async fn identity(&mut self) -> Result<Option<Identity>>;

    /// Whether its layout can be written there; a problem a line. Writes nothing.
    async fn check(&mut self) -> Result<Vec<String>>;

    /// Opens it for questions alone, by this layout: nothing is made there, and nothing can be written
    /// afterwards. A field that is not there yet shows as empty.
    async fn open_to_look(&mut self) -> Result<Option<Identity>>;

    /// Makes what has to be there before the first write, and answers with the identity.
    async fn prepare(&mut self) -> Result<Identity>;

    /// Finds and reads contacts, one answer per question, in their order.
    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>>;

    /// Finds and reads orders by our key, or by the identifier the ID map names.
    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>>;

    /// Writes contacts; answers with the records as the target shows them afterwards.
    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>>;

    /// Writes orders; answers with the records as the target shows them afterwards.
    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>>;

    /// A value as the target will show it.
    fn normal_form(&self, _spec: &FieldSpec, value: &Value) -> String {
        value.canonical().into_owned()
    }
}
