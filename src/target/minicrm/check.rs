//! Whether a system has what the configuration asks for.

use serde_json::Value;

use super::api::Api;
use super::crm::Crm;
use super::fields::{Part, problems};
use super::kinds::FieldKind;
use super::schema::{self, Schemas};
use super::settings::MiniCrmSettings;
use super::{failure, owners, wire};
use crate::error::Result;
use crate::model::FieldSpec;
use crate::target::Layout;

const READING: &str = "reading the products of MiniCRM";

/// What the product of orders is called among the kinds of product (assumed; `Category?Detailed=1`).
const KIND_OF_ORDERS: [&str; 3] = ["Order", "Orders", "Megrendelés"];

/// Reads what the fields of a layout can hold. What is not there is `None`.
///
/// # Errors
/// When it cannot be read.
pub async fn schemas(api: &Api, settings: &MiniCrmSettings, layout: &Layout) -> Result<Schemas> {
    let category = settings.category_id.to_string();
    let orders = match has_part(&layout.order, Part::Order) {
        true => product_of_orders(api).await?,
        false => None,
    };
    let order = match orders.map(|category| category.to_string()) {
        Some(category) => schema::read(api, &["Project", &category]).await?,
        None => None,
    };
    Ok(Schemas {
        person: schema::read(api, &["Person"]).await?,
        business: match has_part(&layout.contact, Part::Business) {
            true => schema::read(api, &["Business"]).await?,
            false => None,
        },
        card: schema::read(api, &["Project", &category]).await?,
        order,
    })
}

fn has_part(specs: &[FieldSpec], part: Part) -> bool {
    let begin = format!("{}.", part.prefix());
    specs.iter().any(|spec| spec.name.starts_with(&begin))
}

/// The number of the product that orders are, where it can be told from the others.
async fn product_of_orders(api: &Api) -> Result<Option<u64>> {
    let answer = api
        .read(&["R3", "Category"], &[("Detailed", "1")], READING)
        .await?;
    let is_it = |(key, value): (&String, &Value)| {
        let product = value.as_object()?;
        let kind = wire::text_in(product, "Type");
        let id = wire::id_in(product, "Id").or_else(|| key.parse().ok());
        id.filter(|_| KIND_OF_ORDERS.contains(&kind.as_str()))
    };
    Ok(answer
        .as_ref()
        .and_then(Value::as_object)
        .and_then(|products| products.iter().find_map(is_it)))
}

/// What is wrong, a sentence each.
///
/// # Errors
/// When it cannot be read.
pub async fn check(crm: &Crm) -> Result<Vec<String>> {
    let (settings, layout, known) = (&crm.settings, &crm.layout, &crm.schemas);
    let mut found = Vec::new();
    found.extend(product(&crm.api, settings).await?);
    let wanted = [
        (Part::Person, "Person", &known.person),
        (Part::Business, "Business", &known.business),
        (Part::Card, "Card", &known.card),
    ];
    for (part, name, schema) in wanted {
        if schema.is_none() && has_part(&layout.contact, part) {
            found.push(format!("MiniCRM tells nothing of the fields under `{name}.`"));
        }
    }
    found.extend(problems(&layout.contact, false, known));
    found.extend(problems(layout.order.get(1..).unwrap_or_default(), true, known));
    if let Some(owner) = &settings.owner {
        found.extend(owners::resolve(owner, known.choices("UserId")).err());
    }
    found.extend(marker(settings, layout, known));
    Ok(found)
}

/// Whether the product is there.
async fn product(api: &Api, settings: &MiniCrmSettings) -> Result<Option<String>> {
    let Some(answer) = api.read(&["R3", "Category"], &[], READING).await? else {
        return Err(failure::no_log_in(READING));
    };
    let Some(products) = answer.as_object() else {
        return Err(failure::not_understood(READING));
    };
    let category = settings.category_id.to_string();
    let is_there = products.contains_key(&category);
    let all: Vec<String> = products
        .iter()
        .map(|(id, name)| format!("{id} {}", wire::text(name)))
        .collect();
    Ok((!is_there).then(|| {
        format!(
            "`category_id` {category} is no product of MiniCRM; there are: {}",
            all.join(", ")
        )
    }))
}

/// Whether there is room for marks.
fn marker(settings: &MiniCrmSettings, layout: &Layout, known: &Schemas) -> Option<String> {
    let marker = settings.marker.as_ref()?;
    let name = format!("Card.{marker}");
    if layout.contact.iter().any(|spec| spec.name == name) {
        return Some(format!("`{name}` is the marker, and a mapped field, too"));
    }
    match known.card.as_ref()?.get(marker) {
        None => Some(format!("there is no field `{name}` in MiniCRM for the marker")),
        Some(FieldKind::Text(length)) if *length < 100 => Some(format!(
            "`{name}` is too short for the marker: it takes {length} characters"
        )),
        Some(FieldKind::Free | FieldKind::Text(_)) => None,
        Some(_) => Some(format!("`{name}` is no text, and the marker is one")),
    }
}
