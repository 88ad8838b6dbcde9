//! Fields and statuses: a contact becomes what a target shall hold. Pure.
//!
//! A field is an expression over the contact. A bare path (`contact.email`) is read straight from
//! the model and costs nothing else; anything more is a MiniJinja expression over lazy objects.
//! Both know the same paths, from one table, and both say at load what they do not know.

mod catalogue;
mod context;
mod defaults;
mod expression;
mod language;
mod names;
mod needs;
mod paths;
mod samples;
pub mod settings;
mod shape;
mod statuses;
mod tables;
mod value;

use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use catalogue::{Path, order_paths, paths};
use expression::{Expression, Sight};
pub use needs::Needs;
use paths::Over;
use settings::{FieldSettings, MappingSettings, UnmappedStatus};
pub use statuses::Stage;
use statuses::Statuses;

use crate::error::{Error, Kind, Result};
use crate::model::{Contact, FieldSpec, OrderOf, OrderStatus, Value, ValueType};

/// The compiled mapping of one target.
#[derive(Debug)]
pub struct Mapping {
    target: String,
    specs: Vec<FieldSpec>,
    fields: Vec<Expression>,
    order_specs: Vec<FieldSpec>,
    order_fields: Vec<Expression>,
    only: Option<Expression>,
    statuses: Arc<Statuses>,
    /// Whether a computed order field names the contact.
    orders_show_contact: bool,
    fingerprint: String,
}

impl Mapping {
    /// Compiles what the configuration says; without fields, the default mapping.
    ///
    /// # Errors
    /// The first expression or status that cannot be right: place, field, path, nearest known.
    pub fn compile(settings: &MappingSettings) -> Result<Self> {
        let conventions = settings.conventions;
        let or_default = |configured: &[FieldSettings], default| match configured {
            [] => defaults::fields(default),
            _ => configured.to_vec(),
        };
        let mut contact = or_default(&settings.fields, conventions.fields);
        contact.extend(defaults::missing(conventions.required, &contact));
        let order = or_default(&settings.order_fields, conventions.order_fields);
        let (mut specs, fields) = compile_fields(&contact, Over::Contact, settings)?;
        for spec in &mut specs {
            spec.required = conventions.required.contains(&spec.name.as_str());
        }
        let (order_specs, order_fields) = compile_fields(&order, Over::Order, settings)?;
        let only = settings.only.as_ref().map(|(text, place)| {
            let owner = format!("`only` of target `{}`", settings.target);
            Expression::compile(text, Over::Contact, owner, place)
        });
        Ok(Self {
            target: settings.target.clone(),
            fingerprint: fingerprint(settings, &specs, &fields, &order_specs, &order_fields),
            orders_show_contact: order_fields.iter().any(|field| field.named().contact),
            specs,
            fields,
            order_specs,
            order_fields,
            only: only.transpose()?,
            statuses: Arc::new(Statuses::compile(settings)?),
        })
    }

    /// The fields of a contact, in the order of the configuration.
    pub fn specs(&self) -> &[FieldSpec] {
        &self.specs
    }

    /// The fields of an order.
    pub fn order_specs(&self) -> &[FieldSpec] {
        &self.order_specs
    }

    /// The places of those order fields that tell nothing of a person.
    pub fn order_figures(&self) -> Vec<usize> {
        let tells_nothing = |(_, field): &(usize, &Expression)| !field.named().person;
        let fields = self.order_fields.iter().enumerate();
        fields.filter(tells_nothing).map(|(place, _)| place).collect()
    }

    /// The expressions behind [`Mapping::specs`], as they are written.
    pub fn expressions(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(Expression::text)
    }

    /// The expressions behind [`Mapping::order_specs`].
    pub fn order_expressions(&self) -> impl Iterator<Item = &str> {
        self.order_fields.iter().map(Expression::text)
    }

    /// The expression of `only`, as it is written.
    pub fn only(&self) -> Option<&str> {
        self.only.as_ref().map(Expression::text)
    }

    /// What has to be loaded of a contact for [`Mapping::wants`] and [`Mapping::contact_values`].
    pub fn needs(&self) -> Needs {
        needs(self.fields.iter().chain(&self.only))
    }

    /// What has to be loaded of an order for [`Mapping::order_values`].
    pub fn order_needs(&self) -> Needs {
        needs(&self.order_fields)
    }

    /// Whether the contact goes to this target at all (`only`).
    ///
    /// # Errors
    /// A bad record when `only` cannot be computed for it.
    pub fn wants(&self, contact: &Contact) -> Result<bool> {
        self.only.as_ref().map_or(Ok(true), |only| {
            only.holds(&mut Sight::of_contact(contact, &self.statuses))
        })
    }

    /// The values of a contact, parallel to [`Mapping::specs`].
    ///
    /// # Errors
    /// A bad record when an expression cannot be computed or its result does not fit its field.
    pub fn contact_values(&self, contact: &Contact) -> Result<Vec<Value>> {
        let mut sight = Sight::of_contact(contact, &self.statuses);
        let mut values = values(&self.specs, &self.fields, &mut sight)?;
        let is_lacking = |(spec, value): &(&FieldSpec, &mut Value)| spec.required && **value == Value::Empty;
        for (_, value) in self.specs.iter().zip(&mut values).filter(is_lacking) {
            *value = Value::Text(called(contact).to_owned());
        }
        Ok(values)
    }

    /// The values of an order, parallel to [`Mapping::order_specs`].
    ///
    /// # Errors
    /// As [`Mapping::contact_values`].
    pub fn order_values(&self, contact: &Contact, order: &OrderOf) -> Result<Vec<Value>> {
        let mut sight = Sight::of_order(contact, order, &self.statuses, self.orders_show_contact);
        values(&self.order_specs, &self.order_fields, &mut sight)
    }

    /// What a status of a shop becomes in this target.
    pub fn stage(&self, shop: &str, status: &OrderStatus) -> Stage<'_> {
        self.statuses.stage(shop, status)
    }

    /// The target's word for a deleted order (`"@deleted"`), where the configuration has one.
    pub fn deleted_stage(&self) -> Option<&str> {
        self.statuses.deleted_stage()
    }

    /// Changes whenever what this mapping yields could change. Places in the file do not count.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Tries every expression on invented contacts: a registered customer, a guest, and one of whom
    /// nothing is known.
    ///
    /// # Errors
    /// The first one that cannot be computed, with MiniJinja's own words.
    pub fn check(&self) -> Result<()> {
        for contact in samples::contacts() {
            let mut sight = Sight::of_contact(&contact, &self.statuses).invented();
            values(&self.specs, &self.fields, &mut sight).map_err(as_configuration)?;
            if let Some(only) = &self.only {
                only.holds(&mut sight).map_err(as_configuration)?;
            }
            for order in [samples::order(), OrderOf::default()] {
                let mut sight =
                    Sight::of_order(&contact, &order, &self.statuses, self.orders_show_contact).invented();
                values(&self.order_specs, &self.order_fields, &mut sight).map_err(as_configuration)?;
            }
        }
        Ok(())
    }

    /// The target it is for.
    pub fn target(&self) -> &str {
        &self.target
    }
}

fn compile_fields(
    fields: &[FieldSettings],
    over: Over,
    settings: &MappingSettings,
) -> Result<(Vec<FieldSpec>, Vec<Expression>)> {
    let mut specs = Vec::with_capacity(fields.len());
    let mut expressions = Vec::with_capacity(fields.len());
    for field in fields {
        let owner = format!("field `{}` of target `{}`", field.spec.name, settings.target);
        let expression = Expression::compile(&field.expression, over, owner, &field.place)?;
        let mut spec = field.spec.clone();
        if !field.typed {
            let holds_several = |begin: &str| spec.name.starts_with(begin);
            spec.kind = match settings.conventions.lists_under.is_some_and(holds_several) {
                true if expression.is_list() => ValueType::List,
                _ => expression.natural_kind(),
            };
        }
        expression.must_fit(spec.kind, &field.place)?;
        specs.push(spec);
        expressions.push(expression);
    }
    Ok((specs, expressions))
}

fn values(specs: &[FieldSpec], fields: &[Expression], sight: &mut Sight<'_>) -> Result<Vec<Value>> {
    specs
        .iter()
        .zip(fields)
        .map(|(spec, field)| field.value(sight, spec.kind))
        .collect()
}

/// What a contact is called where something has to stand.
fn called(contact: &Contact) -> &str {
    let names = [
        &contact.name,
        &contact.company.name,
        &contact.email,
        &contact.phone,
    ];
    let name = names.into_iter().find(|name| !name.is_empty());
    name.unwrap_or(&contact.key)
}

fn needs<'a>(expressions: impl IntoIterator<Item = &'a Expression>) -> Needs {
    let each = expressions.into_iter().map(|expression| expression.named().needs);
    each.reduce(Needs::and).unwrap_or_default()
}

/// On an invented contact it is the expression that is at fault, not the contact.
fn as_configuration(error: Error) -> Error {
    Error::new(Kind::Configuration, error.doing(), error.cause())
        .with_hint("tried on an invented contact; write the expression so that empty values do no harm")
}

/// Every part is written with its length, so that no two settings read the same.
fn fingerprint(
    settings: &MappingSettings,
    specs: &[FieldSpec],
    fields: &[Expression],
    order_specs: &[FieldSpec],
    order_fields: &[Expression],
) -> String {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    part(&format!("{} {}", defaults::VERSION, value::VERSION));
    let order_texts = order_fields.iter().map(Expression::text);
    for (spec, text) in specs
        .iter()
        .zip(fields.iter().map(Expression::text))
        .chain(order_specs.iter().zip(order_texts))
    {
        part(&spec.name);
        part(text);
        part(&format!("{:?} {:?} {:?}", spec.kind, spec.write, spec.on_empty));
    }
    part(&format!("{} fields", specs.len()));
    part(settings.only.as_ref().map_or("", |(text, _)| text));
    for (status, word) in &settings.statuses {
        part(status);
        part(word);
    }
    part(match settings.unmapped_status {
        UnmappedStatus::Park => "park",
        UnmappedStatus::Keep => "keep",
    });
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
