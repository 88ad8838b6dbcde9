//! What an expression can name, with an example; and what the mapping makes of one contact.

use serde::Serialize;

use super::compose::Composer;
use super::import::Setup;
use super::plan::contacts;
use super::planned::{ContactPlan, PlannedAction};
use super::push::Push;
use super::recognise::{Recognised, recognise};
use super::shop::ShopInRun;
use super::stop::Stop;
use super::target::TargetInRun;
use crate::error::Result;
use crate::mapping::settings::{FieldSettings, MappingSettings, UnmappedStatus};
use crate::mapping::{Mapping, Path, order_paths, paths};
use crate::model::{Contact, DATABASE, FieldSpec, OnEmpty, OrderOf, Value, ValueType, WritePolicy};
use crate::state::State;

/// Contacts that are tried for an example; the one that has the most values is shown.
const TRIED: i64 = 50;

/// A value that an expression can name.
#[derive(Debug, Clone, Serialize)]
pub struct NamedValue {
    /// As it is written in the configuration.
    pub path: String,
    /// How it is written into a target unless the configuration names a type.
    #[serde(rename = "type")]
    pub kind: ValueType,
    /// One line.
    pub meaning: &'static str,
    /// What it is for a contact of the shop; empty where that contact has none.
    pub example: String,
}

/// Everything that expressions can name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NamedValues {
    /// The contact whose values are shown; `None` without one.
    pub example_of: Option<String>,
    /// In `[target.fields]` and `only`.
    pub contact: Vec<NamedValue>,
    /// In `[target.order_fields]`.
    pub order: Vec<NamedValue>,
}

/// The mapped fields of one contact in one target.
#[derive(Debug, Clone, Serialize)]
pub struct MappedContact {
    /// The contact's key.
    pub key: String,
    /// Name of the target.
    pub target: String,
    /// What the next run does with the contact; `None` when that could not be found out.
    pub action: Option<PlannedAction>,
    /// Why not, or what is wrong.
    pub problem: Option<String>,
    /// The fields.
    pub fields: Vec<MappedField>,
    /// The fields of its newest order.
    pub order_fields: Vec<MappedField>,
}

/// One mapped field.
#[derive(Debug, Clone, Serialize)]
pub struct MappedField {
    /// Name in the target.
    pub field: String,
    /// The expression.
    pub expression: String,
    /// When it is written.
    pub write: WritePolicy,
    /// What emptiness does.
    pub on_empty: OnEmpty,
    /// Its value, as the target shows it.
    pub value: String,
    /// Whether the next run would write it; always false for the fields of an order.
    pub written: bool,
    /// Whether the next run would find something else there and leave it, because a person changed it.
    pub kept: bool,
}

/// Every value that an expression can name, with examples where the state has a contact.
///
/// # Errors
/// When the state cannot be read.
pub fn named_values(state: Option<&State>, setup: &Setup) -> Result<NamedValues> {
    let empty = |paths: Vec<Path>| {
        let named = paths.into_iter().map(|path| NamedValue {
            path: path.name,
            kind: path.kind,
            meaning: path.meaning,
            example: String::new(),
        });
        named.collect::<Vec<_>>()
    };
    let mut named = NamedValues {
        example_of: None,
        contact: empty(paths()),
        order: empty(order_paths()),
    };
    if let Some(state) = state {
        fill_in_example(state, setup, &mut named)?;
    }
    Ok(named)
}

fn fill_in_example(state: &State, setup: &Setup, named: &mut NamedValues) -> Result<()> {
    let mapping = of_paths(&named.contact, &named.order)?;
    let single = |path: &NamedValue| of_paths(std::slice::from_ref(path), &[]);
    let contact_paths = named.contact.iter().map(single).collect::<Result<Vec<_>>>()?;
    let shops = ShopInRun::all_from_state(state, &setup.shops)?;
    let composer = Composer::new(state, &shops)?;
    let mut best: Option<(usize, Contact, Vec<Value>)> = None;
    for number in state.well_known_contacts(TRIED)? {
        let Some(row) = state.contact(number)? else {
            continue;
        };
        let parts = composer.parts(&row, &|_| true)?;
        let contact = composer.contact(parts, mapping.needs().and(mapping.order_needs()))?;
        // Each path by itself: what one contact lacks must not cost the examples of all the others.
        let value = |single: &Mapping| single.contact_values(&contact).ok()?.into_iter().next();
        let values: Vec<Value> = contact_paths
            .iter()
            .map(|single| value(single).unwrap_or_default())
            .collect();
        let filled = values.iter().filter(|value| **value != Value::Empty).count();
        if best.as_ref().is_none_or(|(most, ..)| filled > *most) {
            best = Some((filled, contact, values));
        }
    }
    let Some((_, contact, values)) = best else {
        return Ok(());
    };
    for (named, value) in named.contact.iter_mut().zip(values) {
        named.example = value.canonical().into_owned();
    }
    if let Some(order) = contact.orders.first() {
        for named in &mut named.order {
            let single = of_paths(&[], std::slice::from_ref(named))?;
            let value = single.order_values(&contact, order).ok();
            let value = value
                .and_then(|values| values.into_iter().next())
                .unwrap_or_default();
            named.example = value.canonical().into_owned();
        }
    }
    named.example_of = Some(contact.key);
    Ok(())
}

/// A mapping whose fields are these paths, each of a list's first entry.
fn of_paths(contact: &[NamedValue], order: &[NamedValue]) -> Result<Mapping> {
    let fields = |values: &[NamedValue]| {
        let field = |value: &NamedValue| FieldSettings {
            spec: FieldSpec {
                name: value.path.clone(),
                kind: value.kind,
                ..FieldSpec::default()
            },
            // Only a list of records has to be told its type.
            typed: value.kind == ValueType::Json,
            expression: value.path.replace("[]", "[0]"),
            place: "the list of values".to_owned(),
        };
        values.iter().map(field).collect::<Vec<_>>()
    };
    Mapping::compile(&MappingSettings {
        target: "example".to_owned(),
        fields: fields(contact),
        order_fields: fields(order),
        statuses: Vec::new(),
        only: None,
        unmapped_status: UnmappedStatus::Keep,
        conventions: &DATABASE,
    })
}

/// Each mapped field of these contacts in each target.
///
/// # Errors
/// When the state cannot be read.
pub async fn mapped(state: &State, setup: &Setup, numbers: &[i64]) -> Result<Vec<MappedContact>> {
    let shops = ShopInRun::all_from_state(state, &setup.shops)?;
    let composer = Composer::new(state, &shops)?;
    let mut all = Vec::new();
    for target in TargetInRun::all(&setup.targets)? {
        for number in numbers {
            all.extend(of_target(state, setup, &composer, &target, *number).await?);
        }
    }
    Ok(all)
}

async fn of_target(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    number: i64,
) -> Result<Option<MappedContact>> {
    let Some(row) = state.contact(number)? else {
        return Ok(None);
    };
    let mapping = &target.mapping;
    let parts = composer.parts(&row, &|shop| target.takes(shop))?;
    let contact = composer.contact(parts.clone(), mapping.needs().and(mapping.order_needs()))?;
    let mut mapped = MappedContact {
        key: row.key,
        target: target.settings.name.clone(),
        action: None,
        problem: None,
        fields: Vec::new(),
        order_fields: Vec::new(),
    };
    let remote = target.connect(&setup.state_dir, &state.id()?);
    let shown = |spec: &FieldSpec, value: &Value| remote.normal_form(spec, value).into_owned();
    match mapping.contact_values(&contact) {
        Ok(values) => {
            let texts = mapping
                .specs()
                .iter()
                .zip(&values)
                .map(|(spec, value)| shown(spec, value));
            mapped.fields = fields(mapping.specs(), mapping.expressions(), texts);
        }
        Err(error) => mapped.problem = Some(error.to_string()),
    }
    if let Some(newest) = parts.orders.first() {
        let order = OrderOf {
            shop: composer.facts(newest.shop),
            order: composer.whole(state.whole_order(newest.id)?)?,
        };
        if let Ok(values) = mapping.order_values(&contact, &order) {
            let specs = mapping.order_specs();
            let texts = specs.iter().zip(&values).map(|(spec, value)| shown(spec, value));
            mapped.order_fields = fields(specs, mapping.order_expressions(), texts);
        }
    }
    match next(state, setup, composer, target, number).await {
        Err(error) => mapped.problem = Some(error.to_string()),
        Ok(None) => {}
        Ok(Some(plan)) => {
            mapped.action = Some(plan.action);
            for field in &mut mapped.fields {
                field.written = plan.fields.contains(&field.field);
                field.kept = plan.kept.contains(&field.field);
            }
        }
    }
    Ok(Some(mapped))
}

fn fields<'a>(
    specs: &[FieldSpec],
    expressions: impl Iterator<Item = &'a str>,
    values: impl Iterator<Item = String>,
) -> Vec<MappedField> {
    let field = |((spec, expression), value): ((&FieldSpec, &str), String)| MappedField {
        field: spec.name.clone(),
        expression: expression.to_owned(),
        write: spec.write,
        on_empty: spec.on_empty,
        value,
        written: false,
        kept: false,
    };
    specs.iter().zip(expressions).zip(values).map(field).collect()
}

/// What the next run does with the contact.
async fn next(
    state: &State,
    setup: &Setup,
    composer: &Composer<'_>,
    target: &TargetInRun,
    number: i64,
) -> Result<Option<ContactPlan>> {
    let mut remote = target.connect(&setup.state_dir, &state.id()?);
    let there = remote.open_to_look().await?;
    let recognised = recognise(state, target, composer.shops(), there.as_ref(), remote.as_mut()).await?;
    if let Recognised::Strange(suspicion) = recognised {
        return Err(suspicion);
    }
    let stop = Stop::default();
    let mut push = Push::new(state, composer, target, remote.as_mut(), &stop)?;
    let planned = contacts(&mut push, target, &[number]).await?.pop();
    Ok(planned.map(|(_, plan)| plan))
}
