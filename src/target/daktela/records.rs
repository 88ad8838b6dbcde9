//! All records read through, by name: what lies behind a page cannot shift then.

use super::DaktelaTarget;
use super::api::{Model, Query};
use super::fields;
use super::names::{self, PREFIX};
use super::settings::OnGone;
use super::wire::{Record, text};
use crate::error::{Error, Kind, Result};
use crate::target::{EachRecord, Of};

const RECOGNISING: &str = "looking whose contacts are in Daktela";
const READING: &str = "reading through the records in Daktela";

/// The most that it gives on a page.
const PAGE: usize = 1_000;

impl DaktelaTarget {
    /// Whether contacts are in our database that have names of ours.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn holds_ours(&self) -> Result<bool> {
        self.holds_name(PREFIX).await
    }

    /// Whether contacts of any of these groups are in our database, by their names.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn holds_groups(&self, groups: &[String]) -> Result<bool> {
        for begin in groups.iter().flat_map(|group| names::begins_of_group(group)) {
            if self.holds_name(&begin).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn holds_name(&self, begin: &str) -> Result<bool> {
        let such = Query::default()
            .filter("name", "startswith", begin)
            .filter("database", "eq", &self.settings.database)
            .fields(["name"]);
        let page = self
            .api()?
            .page(Model::Contacts, &such, 0, 1, RECOGNISING)
            .await?;
        let is_such = |record: &Record| text(record, "name").starts_with(begin);
        Ok(page.records.iter().any(is_such))
    }

    /// Whether anybody's contacts are in our database.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn holds_any(&self) -> Result<bool> {
        let any = Query::default()
            .filter("database", "eq", &self.settings.database)
            .fields(["name"]);
        let page = self.api()?.page(Model::Contacts, &any, 0, 1, RECOGNISING).await?;
        Ok(!page.records.is_empty())
    }

    /// Shows every contact of our database with each of its e-mails, one after the other.
    ///
    /// # Errors
    /// When it does not answer, or whoever looks fails.
    pub(super) async fn show_each(&self, each: &mut EachRecord<'_>) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self
                .after(Model::Contacts, &after, PAGE, &["name", "customFields"])
                .await?;
            for record in &page {
                let emails = fields::there(record, self.email_field());
                let name = text(record, "name");
                match emails.as_slice() {
                    [] => each(&name, "")?,
                    emails => emails.iter().try_for_each(|email| each(&name, email))?,
                }
            }
            match page.last() {
                Some(last) => after = text(last, "name"),
                None => return Ok(()),
            }
        }
    }

    /// Names behind this one. What somebody deleted there stays so unless the configuration says otherwise; then
    /// nobody need know of it.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn names_after(&self, of: Of, after: &str, most: usize) -> Result<Option<Vec<String>>> {
        let model = match of {
            Of::Contacts => Model::Contacts,
            Of::Orders => Model::CrmRecords,
        };
        if self.settings.on_gone == OnGone::Leave {
            return Ok(None);
        }
        let page = self.after(model, after, most.min(PAGE), &["name"]).await?;
        Ok(Some(page.iter().map(|record| text(record, "name")).collect()))
    }

    async fn after(&self, model: Model, after: &str, most: usize, fields: &[&str]) -> Result<Vec<Record>> {
        let mut query = Query::default();
        if !after.is_empty() {
            query = query.filter("name", "gt", after);
        }
        query = match (model, &self.settings.order_type) {
            (Model::CrmRecords, Some(order_type)) => query.filter("type", "eq", order_type),
            (Model::CrmRecords, None) => query,
            _ => query.filter("database", "eq", &self.settings.database),
        };
        let query = query.fields(fields.iter().copied()).by_name();
        let page = self.api()?.page(model, &query, 0, most, READING).await?.records;
        // One that does not do as it is asked would be asked for ever.
        if !after.is_empty() && page.iter().any(|record| text(record, "name") == after) {
            return Err(Error::new(Kind::Damaged, READING, "the same records came again"));
        }
        Ok(page)
    }
}
