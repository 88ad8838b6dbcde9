//! All records read through, by name: what lies behind a page cannot shift then.

use super::DaktelaTarget;
use super::api::{Model, Query};
use super::fields;
use super::names::PREFIX;
use super::settings::OnGone;
use super::wire::{Record, text};
use crate::error::{Error, Kind, Result};
use crate::target::{EachRecord, Of};

const RECOGNISING: &str = "looking whose contacts are in Daktela";
const READING: &str = "reading through the records in Daktela";

/// The most that it gives on a page.
const PAGE: usize = 1_000;

impl DaktelaTarget {
    /// Whether contacts are in it that have names of ours.
    ///
    /// # Errors
    /// When it does not answer.
    pub(super) async fn holds_ours(&self) -> Result<bool> {
        let ours = Query::default()
            .filter("name", "startswith", PREFIX)
            .fields(["name"]);
        let page = self
            .api()?
            .page(Model::Contacts, &ours, 0, 1, RECOGNISING)
            .await?;
        let is_ours = |record: &Record| text(record, "name").starts_with(PREFIX);
        Ok(page.records.iter().any(is_ours))
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

    /// Shows every contact and its first e-mail.
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
                each(&text(record, "name"), emails.first().map_or("", String::as_str))?;
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
        if let (Model::CrmRecords, Some(order_type)) = (model, &self.settings.order_type) {
            query = query.filter("type", "eq", order_type);
        }
        let query = query.fields(fields.iter().copied()).by_name();
        let page = self.api()?.page(model, &query, 0, most, READING).await?.records;
        // One that does not do as it is asked would be asked for ever.
        if !after.is_empty() && page.iter().any(|record| text(record, "name") == after) {
            return Err(Error::new(Kind::Damaged, READING, "the same records came again"));
        }
        Ok(page)
    }
}
