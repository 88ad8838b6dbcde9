//! What a computed expression sees: lazy MiniJinja objects over one contact.
//!
//! Nothing is converted before an expression names it. Amounts are numbers here, times RFC 3339
//! texts in UTC (so that they compare and slice), what is missing is the empty text (compared by
//! size, an empty amount counts as zero); an entry beyond the end of a list is one whose values are
//! all empty.

use std::sync::Arc;

use jiff::Timestamp;
use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::paths::{Element, Natural, Over, Root};
use super::statuses::Statuses;
use super::tables::{ACCOUNT, ADDRESS, ITEM};
use crate::model::{Account, Contact, Item, Items, OrderOf, Party};

/// One contact, and in an order field the order, owned: MiniJinja's objects cannot borrow.
#[derive(Debug)]
pub struct Scope {
    pub contact: Contact,
    pub order: Option<OrderOf>,
    pub statuses: Arc<Statuses>,
}

impl Scope {
    /// For `[target.fields]` and `only`.
    pub fn of_contact(contact: &Contact, statuses: &Arc<Statuses>) -> Self {
        Self {
            contact: contact.clone(),
            order: None,
            statuses: Arc::clone(statuses),
        }
    }

    /// For `[target.order_fields]`. They cannot name the contact's other orders, so those are not
    /// copied: a contact with a thousand orders is not copied a thousand times with all of them.
    pub fn of_order(contact: Option<&Contact>, order: &OrderOf, statuses: &Arc<Statuses>) -> Self {
        let contact = contact.map(|contact| Contact {
            key: contact.key.clone(),
            kind: contact.kind,
            email: contact.email.clone(),
            emails: contact.emails.clone(),
            phone: contact.phone.clone(),
            phones: contact.phones.clone(),
            name: contact.name.clone(),
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            company: contact.company.clone(),
            address: contact.address.clone(),
            newsletter: contact.newsletter,
            ..Contact::default()
        });
        Self {
            contact: contact.unwrap_or_default(),
            order: Some(order.clone()),
            statuses: Arc::clone(statuses),
        }
    }

    /// The variables of an expression.
    pub fn into_variables(self, over: Over) -> Value {
        Value::from_object(Variables {
            scope: Arc::new(self),
            over,
        })
    }
}

#[derive(Debug)]
struct Variables {
    scope: Arc<Scope>,
    over: Over,
}

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let scope = Arc::clone(&self.scope);
        Some(match self.over.root(key)? {
            Root::Orders => Value::from_object(Orders { scope }),
            root => Value::from_object(Record {
                scope,
                root,
                entry: 0,
            }),
        })
    }
}

/// `contact`, `customer`, `last_order` …, or one entry of `orders`.
#[derive(Debug)]
struct Record {
    scope: Arc<Scope>,
    root: Root,
    entry: usize,
}

impl Object for Record {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let field = self.root.field(key)?;
        let Scope {
            contact,
            order,
            statuses,
        } = &*self.scope;
        let order = match self.root {
            Root::Orders => contact.orders.get(self.entry),
            _ => order.as_ref(),
        };
        Some(computed((field.read)(self.root.at(contact, order, statuses))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.root.fields().iter().map(|field| Value::from(field.name));
        Enumerator::Values(names.collect())
    }
}

/// `orders`, newest first.
#[derive(Debug)]
struct Orders {
    scope: Arc<Scope>,
}

impl Object for Orders {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        // A negative number beyond the beginning reads like one beyond the end.
        let entry = key
            .as_usize()
            .or_else(|| key.is_integer().then_some(usize::MAX))?;
        Some(Value::from_object(Record {
            scope: Arc::clone(&self.scope),
            root: Root::Orders,
            entry,
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.scope.contact.orders.len())
    }
}

/// A list that is there as a whole.
#[derive(Debug)]
struct List {
    entries: Vec<Value>,
    beyond: Value,
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let entry = key.as_usize().and_then(|entry| self.entries.get(entry));
        entry
            .or_else(|| key.is_integer().then_some(&self.beyond))
            .cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.entries.len())
    }
}

/// `stats.totals`: a currency without orders reads as empty.
#[derive(Debug)]
struct Totals(Vec<(String, Decimal)>);

impl Object for Totals {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let currency = key.as_str()?;
        let total = self.0.iter().find(|(known, _)| known == currency);
        Some(total.map_or_else(nothing, |(_, total)| number(*total)))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.0
                .iter()
                .map(|(currency, _)| Value::from(currency.as_str()))
                .collect(),
        )
    }
}

/// A value of the model as expressions compute with it.
pub fn computed(natural: Natural<'_>) -> Value {
    match natural {
        Natural::Text(text) => Value::from(text),
        Natural::Count(count) => Value::from(count),
        Natural::Amount(amount) => amount.map_or_else(nothing, number),
        Natural::Flag(flag) => flag.map_or_else(nothing, Value::from),
        Natural::Moment(moment) => {
            moment.map_or_else(nothing, |moment: Timestamp| Value::from(moment.to_string()))
        }
        Natural::Texts(texts) => list(texts.iter().map(|text| Value::from(text.as_str())), nothing()),
        Natural::Totals(totals) => Value::from_object(Totals(totals.to_vec())),
        Natural::Items(items) => lines(items),
        Natural::Addresses(addresses) => list(addresses.iter().map(address), address(&Party::default())),
        Natural::Accounts(accounts) => list(accounts.iter().map(account), account(&Account::default())),
    }
}

fn nothing() -> Value {
    Value::from("")
}

/// Whole numbers stay whole; others become floats, exact to 15 digits, which no price exceeds.
fn number(amount: Decimal) -> Value {
    let amount = amount.normalize();
    match amount.to_i64() {
        Some(whole) if amount.is_integer() => Value::from(whole),
        _ => amount.to_f64().map_or_else(nothing, Value::from),
    }
}

/// The amount of an order's line: exact text in the model, a number here where it is one.
fn number_text(text: &str) -> Value {
    Decimal::from_str_exact(text).map_or_else(|_| Value::from(text), number)
}

fn list(entries: impl Iterator<Item = Value>, beyond: Value) -> Value {
    Value::from_object(List {
        entries: entries.collect(),
        beyond,
    })
}

/// What was stored is what `Items::push` wrote; were it damaged, the order reads as one without lines.
fn lines(items: &Items) -> Value {
    let items = items.decode().unwrap_or_default();
    list(items.iter().map(line), line(&Item::default()))
}

fn line(item: &Item) -> Value {
    record(
        ITEM,
        [
            Value::from(item.kind.as_str()),
            Value::from(item.code.as_str()),
            Value::from(item.name.as_str()),
            number_text(&item.amount),
            number_text(&item.unit_price),
            number_text(&item.total),
            number_text(&item.vat_rate),
        ],
    )
}

fn address(party: &Party) -> Value {
    record(
        ADDRESS,
        [
            &party.name,
            &party.company.name,
            &party.address.street,
            &party.address.house_number,
            &party.address.city,
            &party.address.district,
            &party.address.zip,
            &party.address.country_code,
        ]
        .map(|text| Value::from(text.as_str())),
    )
}

fn account(account: &Account) -> Value {
    record(
        ACCOUNT,
        [
            Value::from(account.guid.as_str()),
            Value::from(account.email.as_str()),
            Value::from(account.phone.as_str()),
            Value::from(account.name.as_str()),
            Value::from(account.main),
        ],
    )
}

/// Pairs the values with the names of the table; a test holds both to the same length.
fn record(elements: &'static [Element], values: impl IntoIterator<Item = Value>) -> Value {
    let names = elements.iter().map(|element| element.name);
    Value::from_pairs(names.zip(values))
}
