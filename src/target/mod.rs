//! Contact databases: what each of them must be able to do, and one file for each.
//!
//! A new target is one file or folder (settings, wire, impl, in this order), its variant in
//! [`settings::Connection`], its fixtures and its fake.

pub mod settings;
pub mod sqlite;
pub mod postgres;
pub mod daktela;
pub mod minicrm;

use std::borrow::Cow;

use async_trait::async_trait;

use crate::error::Result;
use crate::model::{
    Ask, ContactWrite, Erased, Erasure, FieldSpec, Look, OrderFacts, OrderWrite, Value, Written,
};

/// The one spelling of an e-mail, however it is written; `None` for what is none.
pub type Spelling = fn(&str) -> Option<Cow<'_, str>>;

/// What the mapping writes into a target, compiled once.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// Fields of a contact.
    pub contact: Vec<FieldSpec>,
    /// Fields of an order; the first is always the stage.
    pub order: Vec<FieldSpec>,
    /// Place of the field that holds the main e-mail, by which records that were there before are found.
    pub email: Option<usize>,
    /// How e-mails are told to be the same.
    pub spelling: Option<Spelling>,
    /// Places of those order fields that tell nothing of a person: they stay when one is forgotten.
    pub figures: Vec<usize>,
}

/// Whether this is the database or system we wrote to before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// An identifier of the target's own: a database's id, a system's number.
    pub id: String,
    /// Whether records of ours are in it.
    pub holds_ours: bool,
    /// Number of the last delivery of this state that wrote there, 0 for none; `None` where a target
    /// has no room for it. A copy that was restored shows an earlier one than the state remembers.
    pub delivery: Option<i64>,
}

/// How a target wants to be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    /// Whether each record costs requests: then it is told what is wanted when it is asked, gets no more records at
    /// once than it sends side by side, and what cannot wait comes first.
    pub is_service: bool,
    /// Whether it has room for marks; else only `explain` tells who is gone or was merged.
    pub keeps_marks: bool,
    /// Whether orders go there at all.
    pub takes_orders: bool,
    /// Most records in one call.
    pub at_once: usize,
}

/// A database: it takes as many records as anybody has, and has columns for marks.
pub const DATABASE: Ways = Ways {
    is_service: false,
    keeps_marks: true,
    takes_orders: true,
    at_once: usize::MAX,
};

/// Who looks at a record's identifier and an e-mail in it.
pub type EachRecord<'a> = dyn FnMut(&str, &str) -> Result<()> + Send + 'a;

/// What a record is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// A contact.
    Contacts,
    /// An order.
    Orders,
}

/// One contact database, open with the layout it is written with.
///
/// The outer error of a method ends the run for this target; the inner ones concern one record. An inner error of a
/// kind that calls for a retry means that nobody knows what became of it: it stays due, is looked at again later, and
/// is written again only when that shows that it has to be.
#[async_trait]
pub trait Target: Send {
    /// How it wants to be dealt with.
    fn ways(&self) -> Ways {
        DATABASE
    }

    /// Of what the shop says of an order, that which this target shows: where only the rest changes, nothing is
    /// written.
    fn facts_shown(&self, facts: OrderFacts) -> OrderFacts {
        facts
    }

    /// So many contacts are due in the delivery that begins: whoever has a way for many may take it, and want more of
    /// them at once ([`Target::ways`]).
    fn expects(&mut self, _contacts: u64) {}

    /// Which one it is. Creates nothing; `None` when there is none yet.
    async fn identity(&mut self) -> Result<Option<Identity>>;

    /// Whether contacts of any of these groups stand in it: they were made by another state of the same shops. Two
    /// programs may share a database otherwise.
    async fn holds_contacts_of(&mut self, _groups: &[String]) -> Result<bool> {
        Ok(true)
    }

    /// Whether contacts stand in it, whoever made them: then a person sees what the first delivery would do before it
    /// does so.
    async fn holds_contacts(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Whether its layout can be written there; a problem a line. Writes nothing.
    async fn check(&mut self) -> Result<Vec<String>>;

    /// What the last check could not tell yet, a sentence each.
    fn untold(&self) -> Vec<String> {
        Vec::new()
    }

    /// Opens it for questions alone, by this layout: nothing is made there, and nothing can be written
    /// afterwards. A field that is not there yet shows as empty.
    async fn open_to_look(&mut self) -> Result<Option<Identity>>;

    /// Makes what has to be there before the first write, and answers with the identity.
    async fn prepare(&mut self) -> Result<Identity>;

    /// Leaves the number of a delivery there, before its first write.
    async fn begin_delivery(&mut self, _number: i64) -> Result<()> {
        Ok(())
    }

    /// Finds and reads contacts, one answer per question, in their order.
    async fn look(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>>;

    /// Finds and reads orders by our key, or by the identifier the ID map names.
    async fn look_at_orders(&mut self, asks: &[Ask]) -> Result<Vec<Result<Look>>>;

    /// Writes contacts; answers with the records as the target shows them afterwards.
    async fn write_contacts(&mut self, writes: &[ContactWrite]) -> Result<Vec<Result<Written>>>;

    /// Writes orders; answers with the records as the target shows them afterwards.
    async fn write_orders(&mut self, writes: &[OrderWrite]) -> Result<Vec<Result<Written>>>;

    /// Empties records of people who are forgotten, whoever wrote what stands there. Their orders stay as
    /// figures. Twice is harmless. What a target cannot do, it says what a person has to.
    async fn erase(&mut self, erasures: &[Erasure]) -> Result<Vec<Result<Erased>>>;

    /// Shows every record and the main e-mail in it, where a target can be read through; one that holds several e-mails
    /// once with each.
    async fn each_record(&mut self, _each: &mut EachRecord<'_>) -> Result<()> {
        Ok(())
    }

    /// The key of a contact by the identifier of its record, where that tells it.
    fn key_of_record(&self, record: &str) -> Option<String> {
        Some(record.to_owned())
    }

    /// Whether a contact that is there would be listed under this identifier; what a service calls otherwise by now is
    /// told apart when somebody asks for it.
    fn is_listed(&self, _record: &str) -> bool {
        true
    }

    /// Identifiers of records after `after`, at most so many, in an order of the target's own; the last page is
    /// empty. `None` where a target cannot list them: what a person deletes there is not noticed until its
    /// contact has to be told something.
    async fn records_after(&mut self, _of: Of, _after: &str, _most: usize) -> Result<Option<Vec<String>>> {
        Ok(None)
    }

    /// Removes the traces of former values that the target keeps, where it keeps any.
    async fn leave_no_traces(&mut self) -> Result<()> {
        Ok(())
    }

    /// A value as the target will show it.
    fn normal_form<'v>(&self, _spec: &FieldSpec, value: &'v Value) -> Cow<'v, str> {
        value.canonical()
    }

    /// Begins to fill a new target beside what anybody sees, so that all of it is seen at once: from here on what
    /// is written is only made, and never looked for. `false` for a target that is not new, or cannot do so;
    /// nothing was made there then.
    async fn begin_build(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// Rows that are best written together while it is filled.
    fn rows_of_a_build(&self) -> usize {
        128
    }

    /// Ends the filling: everything is there for good, and nobody sees it yet.
    async fn finish_build(&mut self) -> Result<()> {
        Ok(())
    }

    /// Lets everybody see what was filled, in one step. Twice is harmless.
    async fn publish_build(&mut self) -> Result<()> {
        Ok(())
    }

    /// Removes what a filling by this state left behind that was never seen. Twice is harmless.
    async fn discard_build(&mut self) -> Result<()> {
        Ok(())
    }
}
