//! What the system itself says of its fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::api::Api;
use super::countries::Language;
use super::failure;
use super::fields::Part;
use super::kinds::FieldKind;
use crate::error::Result;

/// Fields and what they hold.
pub type Known = BTreeMap<String, FieldKind>;

/// The number of a person among the kinds of contact.
const PERSON: &str = "2";

/// The schemas of one system, as far as they were read.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    /// Of a person.
    pub person: Option<Known>,
    /// Of a company.
    pub business: Option<Known>,
    /// Of a card of our product.
    pub card: Option<Known>,
    /// Of the card of an order.
    pub order: Option<Known>,
}

impl Schemas {
    /// The fields of a part; `None` where they are not known.
    pub fn of(&self, part: Part) -> Option<&Known> {
        match part {
            Part::Person => self.person.as_ref(),
            Part::Business => self.business.as_ref(),
            Part::Card => self.card.as_ref(),
            Part::Order => self.order.as_ref(),
            Part::Address => None,
        }
    }

    /// The language of the system, by what it calls a person.
    pub fn language(&self) -> Language {
        let known = [&self.person, &self.business].into_iter().flatten();
        let types = known.filter_map(|known| known.get("Type"));
        types
            .filter_map(|kind| match kind {
                FieldKind::Choice(labels) => labels.iter().find(|(id, _)| id == PERSON),
                _ => None,
            })
            .map(|(_, label)| Language::of_person(label))
            .next()
            .unwrap_or_default()
    }

    /// The entries of a field of our cards that offers some: number and label.
    pub fn choices(&self, field: &str) -> &[(String, String)] {
        match self.card.as_ref().and_then(|known| known.get(field)) {
            Some(FieldKind::Choice(labels)) => labels,
            _ => &[],
        }
    }
}

/// The schema at a path: `Person`, `Business`, `Project/21`. `None` where there is none.
///
/// # Errors
/// When it cannot be read.
pub async fn read(api: &Api, path: &[&str]) -> Result<Option<Known>> {
    let doing = "reading the fields of MiniCRM";
    let path = [&["R3", "Schema"], path].concat();
    Ok(match api.read(&path, &[], doing).await? {
        Some(Value::Object(fields)) => Some(
            fields
                .iter()
                .map(|(name, written)| (name.clone(), FieldKind::of_schema(written)))
                .collect(),
        ),
        Some(Value::Array(nothing)) if nothing.is_empty() => None,
        Some(_) => return Err(failure::not_understood(doing)),
        None => None,
    })
}
