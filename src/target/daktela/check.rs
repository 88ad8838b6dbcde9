//! What would keep a delivery from going well: a database, a type of record, a status or a field that is not there or
//! cannot be written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::DaktelaTarget;
use super::api::{Model, Query};
use super::fields::CUSTOM;
use super::scheme;
use super::settings::Word;
use super::wire::{Envelope, text};
use crate::error::Result;
use crate::model::{FieldSpec, ValueType};

const CHECKING: &str = "checking what there is in Daktela";

/// Names on a page of a list.
const NAMES: usize = 1_000;

/// How far its clock and ours may be apart.
const CLOCKS: i64 = 10 * 60;

impl DaktelaTarget {
    /// Everything that is wrong, a problem a line.
    ///
    /// # Errors
    /// When it does not answer, or refuses the token.
    pub(super) async fn problems(&mut self) -> Result<Vec<String>> {
        let greeting = self.api()?.whoim(CHECKING).await?;
        let of_contacts: Vec<FieldSpec> = self.fields_of_contacts().cloned().collect();
        let of_orders: Vec<FieldSpec> = self.fields_of_orders().cloned().collect();
        let mut problems = Vec::from_iter(self.problem_of_clock(&greeting));
        let databases = self.names_of(Model::CrmDatabases).await?;
        match databases.contains(&self.settings.database) {
            false => problems.push(format!(
                "there is no CRM database `{}`; there is: {}",
                self.settings.database,
                listed(&databases)
            )),
            true => {
                let one = Query::default().filter("database", "eq", &self.settings.database);
                problems.extend(
                    self.problems_of_fields(Model::Contacts, &one, &of_contacts, "no contact")
                        .await?,
                );
            }
        }
        if let Some(order_type) = &self.settings.order_type.clone() {
            let types = self.names_of(Model::CrmRecordsTypes).await?;
            match types.contains(order_type) {
                false => problems.push(format!(
                    "there is no type of CRM record `{order_type}`; there is: {}",
                    listed(&types)
                )),
                true => {
                    let one = Query::default().filter("type", "eq", order_type);
                    problems.extend(
                        self.problems_of_fields(Model::CrmRecords, &one, &of_orders, "no order")
                            .await?,
                    );
                }
            }
            problems.extend(self.problems_of_statuses().await?);
        }
        Ok(problems)
    }

    /// The scheme comes with a record; where there is none yet, the first one that is made tells.
    async fn problems_of_fields(
        &mut self,
        model: Model,
        one: &Query,
        specs: &[FieldSpec],
        of_what: &str,
    ) -> Result<Vec<String>> {
        let page = self.api()?.page(model, one, 0, 1, CHECKING).await?;
        let Some(scheme) = page.records.first().and_then(scheme::of) else {
            let names: Vec<&str> = specs
                .iter()
                .map(|spec| spec.name.as_str())
                .filter(|name| name.starts_with(CUSTOM))
                .collect();
            if !names.is_empty() {
                self.untold.push(format!(
                    "{of_what} there can show whether these can be written, the first that is made tells: {}",
                    names.join(", ")
                ));
            }
            return Ok(Vec::new());
        };
        Ok(specs
            .iter()
            .filter_map(|spec| scheme::problem(scheme, spec))
            .collect())
    }

    async fn problems_of_statuses(&self) -> Result<Vec<String>> {
        let words = self.settings.words.iter().filter_map(|word| Word::read(word));
        let wanted: BTreeSet<&str> = words.filter_map(|word| word.status).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let known = self.names_of(Model::Statuses).await?;
        let missing = wanted
            .into_iter()
            .filter(|status| !known.iter().any(|known| known == status));
        Ok(missing
            .map(|status| format!("there is no status `{status}`; there is: {}", listed(&known)))
            .collect())
    }

    /// Times are written there as its clock shows them, which has to be the one we know.
    fn problem_of_clock(&self, greeting: &Envelope) -> Option<String> {
        let times = self.fields_of_contacts().chain(self.fields_of_orders());
        if !times.into_iter().any(|spec| spec.kind == ValueType::Time) {
            return None;
        }
        let ours = &self.forms.timezone;
        let its = greeting
            .timezone
            .as_str()
            .and_then(|name| TimeZone::get(name).ok());
        if let Some(its) = its {
            return (its != *ours).then(|| {
                format!(
                    "times are mapped, and its clock is in {}; say so in [schedule]: timezone = …",
                    its.iana_name().unwrap_or("another zone")
                )
            });
        }
        let shown: DateTime = greeting.time.as_str()?.replace(' ', "T").parse().ok()?;
        let shown = shown.to_zoned(ours.clone()).ok()?.timestamp();
        let apart = shown.duration_since(Timestamp::now()).as_secs().abs();
        (apart > CLOCKS).then(|| {
            format!(
                "times are mapped, and its clock is {} minutes from ours in {}: name its zone in [schedule]: timezone = …",
                apart / 60,
                ours.iana_name().unwrap_or("this zone")
            )
        })
    }

    async fn names_of(&self, model: Model) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let query = Query::default().fields(["name"]).by_name();
        loop {
            let page = self
                .api()?
                .page(model, &query, names.len(), NAMES, CHECKING)
                .await?;
            let came = page.records.len();
            names.extend(page.records.iter().map(|record| text(record, "name")));
            // It may give fewer on a page than it was asked for.
            if came == 0 || page.total.is_some_and(|total| names.len() >= total) {
                return Ok(names);
            }
        }
    }
}

fn listed(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.join(", "),
    }
}
