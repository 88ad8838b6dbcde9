//! Which part of MiniCRM a mapped field stands in: `Person.X` and `Business.X` in the contact, `Address.X` in its
//! address, `Card.X` in its card, `Order.X` in the card of an order.

use super::kinds::FieldKind;
use super::schema::{Known, Schemas};
use crate::model::{FieldSpec, Value};

/// A part that fields stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A contact that is a person.
    Person,
    /// A contact that is a company.
    Business,
    /// The address of a contact.
    Address,
    /// The card of a contact.
    Card,
    /// The card of an order.
    Order,
}

/// One mapped field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it stands.
    pub part: Part,
    /// Its name there.
    pub name: String,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a contact is. It stays so: no interface changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Contact {
    /// A person.
    Person,
    /// A company.
    Business,
}

const PARTS: [(&str, Part); 5] = [
    ("Person", Part::Person),
    ("Business", Part::Business),
    ("Address", Part::Address),
    ("Card", Part::Card),
    ("Order", Part::Order),
];

/// Fields of an address. No schema tells them; these are the ones of the manual.
const OF_AN_ADDRESS: [&str; 8] = [
    "Type",
    "Name",
    "CountryId",
    "County",
    "City",
    "PostalCode",
    "Address",
    "Default",
];

/// What the system or this program sets itself.
const NOT_OURS: [&str; 16] = [
    "Id",
    "Type",
    "CategoryId",
    "ContactId",
    "MainContactId",
    "BusinessId",
    "ReferenceId",
    "Deleted",
    "CreatedBy",
    "CreatedAt",
    "UpdatedBy",
    "UpdatedAt",
    "StatusUpdatedAt",
    "ProjectHash",
    "ProjectEmail",
    "Tags",
];

impl Contact {
    /// The part its own fields stand in.
    pub const fn part(self) -> Part {
        match self {
            Self::Person => Part::Person,
            Self::Business => Part::Business,
        }
    }

    /// The word that makes one. Its number is refused, though the schema says it (a client's live test).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Business => "Business",
        }
    }
}

impl Part {
    /// As it stands before the dot.
    pub fn prefix(self) -> &'static str {
        let found = PARTS.iter().find(|(_, part)| *part == self);
        found.map_or("", |(prefix, _)| prefix)
    }

    /// Whether a contact of this kind has it.
    pub fn is_of(self, contact: Contact) -> bool {
        match self {
            Self::Person | Self::Business => self == contact.part(),
            Self::Address | Self::Card | Self::Order => true,
        }
    }
}

impl Field {
    /// The field that a name in the configuration means; `None` for a name that begins with no part.
    pub fn named(name: &str, schemas: &Schemas) -> Option<Self> {
        let (prefix, name) = name.split_once('.')?;
        let (_, part) = PARTS.iter().find(|(known, _)| *known == prefix)?;
        Some(Self {
            part: *part,
            name: name.to_owned(),
            kind: kind(*part, name, schemas),
        })
    }
}

/// The fields of a layout, `None` for a name that begins with no part.
pub fn fields(specs: &[FieldSpec], schemas: &Schemas) -> Vec<Option<Field>> {
    specs
        .iter()
        .map(|spec| Field::named(&spec.name, schemas))
        .collect()
}

fn kind(part: Part, name: &str, schemas: &Schemas) -> FieldKind {
    match (part, name) {
        (Part::Address, "CountryId") => FieldKind::Country(schemas.language()),
        (Part::Address, "Default") => FieldKind::Flag,
        (Part::Address, _) => FieldKind::Free,
        _ => schemas
            .of(part)
            .and_then(|known| known.get(name))
            .cloned()
            .unwrap_or_default(),
    }
}

/// What is wrong with the names of mapped fields, a sentence each.
pub fn problems(specs: &[FieldSpec], is_of_an_order: bool, schemas: &Schemas) -> Vec<String> {
    specs
        .iter()
        .filter_map(|spec| problem(&spec.name, is_of_an_order, schemas))
        .collect()
}

fn problem(name: &str, is_of_an_order: bool, schemas: &Schemas) -> Option<String> {
    let Some(field) = Field::named(name, schemas) else {
        let begin = match is_of_an_order {
            true => "Order.".to_owned(),
            false => "Person., Business., Address. or Card.".to_owned(),
        };
        return Some(format!("the field `{name}` has to begin with {begin}"));
    };
    if (field.part == Part::Order) != is_of_an_order {
        let place = if is_of_an_order {
            "[target.order_fields]"
        } else {
            "[target.fields]"
        };
        return Some(format!("the field `{name}` does not belong in {place}"));
    }
    if NOT_OURS.contains(&field.name.as_str()) && field.part != Part::Address {
        return Some(format!(
            "the field `{name}` cannot be written: MiniCRM or this program sets it"
        ));
    }
    let is_known = match field.part {
        Part::Address => OF_AN_ADDRESS.contains(&field.name.as_str()),
        part => schemas
            .of(part)
            .is_none_or(|known| known.contains_key(&field.name)),
    };
    (!is_known).then(|| {
        let near = nearest(&field, schemas);
        format!("there is no field `{name}` in MiniCRM{near}; its settings show each field's name")
    })
}

/// Names differ in upper and lower case at least (the interface is case-sensitive).
fn nearest(field: &Field, schemas: &Schemas) -> String {
    let lower = field.name.to_lowercase();
    let others: Vec<&str> = match field.part {
        Part::Address => OF_AN_ADDRESS.to_vec(),
        part => schemas.of(part).map(names).unwrap_or_default(),
    };
    match others.into_iter().find(|other| other.to_lowercase() == lower) {
        Some(other) => format!(", but `{}.{other}`", field.part.prefix()),
        None => String::new(),
    }
}

fn names(known: &Known) -> Vec<&str> {
    known.keys().map(String::as_str).collect()
}

/// Whether a value says something.
pub fn says_something(value: &Value) -> bool {
    *value != Value::Empty
}
