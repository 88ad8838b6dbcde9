//! Orders as the API tells them: the lines of an order snapshot, and the detail of one order.

use serde::Deserialize;

use super::bytes::Text;
use super::export::{currency, exchange_rate, remark, status};
use super::found::Recipe;
use super::items::{Lines, RawItem};
use super::json::{self, Loose, Named, WireAddress};
use super::lines;
use super::{Content, Fault, Locale, Part, Sink, dates, numbers};
use crate::error::{Error, Kind, Result};
use crate::model::Order;

static RECIPE: Recipe<Order> = Recipe {
    read: |line, _, locale| order(line, locale),
    key: |line| {
        let parsed = json::parse::<Key<'_>>(line).map(|key| key.code.owned());
        parsed.ok().or_else(|| json::key_in(line, "code"))
    },
};

/// Finds the records of the whole document.
pub(super) fn find(text: &mut Text, sink: &mut Sink<'_, Order>) -> Result<()> {
    lines::find(text, Content::Orders, sink, &RECIPE)
}

/// The order in `object`: the member `order` of a detail answer or a line of a snapshot.
///
/// # Errors
/// [`Kind::BadRecord`] when it cannot be understood.
pub fn order_from_api(object: &[u8], locale: &Locale) -> Result<Order> {
    order(object, locale).map_err(|fault| Error::new(Kind::BadRecord, "reading an order of the API", fault.0))
}

fn order(object: &[u8], locale: &Locale) -> Part<Order> {
    let wire: WireOrder<'_> = json::parse(object)?;
    if wire.code.0.is_empty() {
        return Err(Fault::new("the order code is missing"));
    }
    let mut gathered = Lines::default();
    for item in wire.items.into_iter().flatten() {
        let (unit_price, price) = (
            item.unit_price.unwrap_or_default(),
            item.item_price.unwrap_or_default(),
        );
        gathered.push(&RawItem {
            kind: item.item_type.0,
            code: item.code.0,
            name: item.name.0,
            variant: item.variant_name.0,
            amount: item.amount.0,
            unit_price: unit_price.with_vat.0,
            total: price.with_vat.0,
            vat_rate: match price.vat_rate.0.is_empty() {
                true => unit_price.vat_rate.0,
                false => price.vat_rate.0,
            },
        })?;
    }
    let mut billing = wire.billing_address.unwrap_or_default().raw();
    if billing.name.is_empty() {
        billing.name = wire.full_name.0;
    }
    if billing.company.is_empty() {
        billing.company = wire.company.0;
    }
    let delivery = wire.delivery_address.unwrap_or_default().raw();
    let price = wire.price.unwrap_or_default();
    let notes = wire.notes.unwrap_or_default();
    let wire_status = wire.status.unwrap_or_default();
    let status_id = match wire_status.id.0.as_ref() {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_| Fault::of("the status id", "is not a number"))?,
        ),
    };
    let mut order = Order {
        placed_at: dates::moment(&wire.creation_time.0, &locale.timezone, "creationTime")?,
        changed_at: dates::moment(&wire.change_time.0, &locale.timezone, "changeTime")?,
        status: status(status_id, &wire_status.name.0),
        customer_guid: wire.customer_guid.owned(),
        email: wire.email.owned(),
        phone: wire.phone.owned(),
        billing: billing.party(),
        delivery: delivery.delivery(&billing),
        currency: currency(&price.currency_code.0, locale),
        exchange_rate: exchange_rate(&price.exchange_rate.0)?,
        total: numbers::price(&price.with_vat.0, "price.withVat")?,
        total_without_vat: numbers::price(&price.without_vat.0, "price.withoutVat")?,
        paid: numbers::yes_or_no(&wire.paid.0, "paid")?,
        shipping: wire.shipping.unwrap_or_default().name.owned(),
        payment: wire.payment_method.unwrap_or_default().name.owned(),
        remark: remark(if notes.customer_remark.0.is_empty() {
            &wire.remark.0
        } else {
            &notes.customer_remark.0
        }),
        tracking_number: notes.tracking_number.owned(),
        url: wire.admin_url.owned(),
        code: wire.code.owned(),
        ..Order::default()
    };
    gathered.finish(&mut order);
    Ok(order)
}

#[derive(Deserialize)]
struct Key<'a> {
    #[serde(borrow, default)]
    code: Loose<'a>,
}

/// What is read of the API's order; all of it may be null, and what is unknown is passed over.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireOrder<'a> {
    #[serde(borrow)]
    code: Loose<'a>,
    creation_time: Loose<'a>,
    change_time: Loose<'a>,
    full_name: Loose<'a>,
    company: Loose<'a>,
    email: Loose<'a>,
    phone: Loose<'a>,
    remark: Loose<'a>,
    customer_guid: Loose<'a>,
    admin_url: Loose<'a>,
    paid: Loose<'a>,
    status: Option<WireStatus<'a>>,
    shipping: Option<Named<'a>>,
    payment_method: Option<Named<'a>>,
    price: Option<WirePrice<'a>>,
    billing_address: Option<WireAddress<'a>>,
    delivery_address: Option<WireAddress<'a>>,
    items: Option<Vec<WireItem<'a>>>,
    notes: Option<WireNotes<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WireStatus<'a> {
    #[serde(borrow)]
    id: Loose<'a>,
    name: Loose<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WirePrice<'a> {
    #[serde(borrow)]
    with_vat: Loose<'a>,
    without_vat: Loose<'a>,
    currency_code: Loose<'a>,
    exchange_rate: Loose<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireItem<'a> {
    #[serde(borrow)]
    item_type: Loose<'a>,
    code: Loose<'a>,
    name: Loose<'a>,
    variant_name: Loose<'a>,
    /// Documented as a text, seen as a number.
    amount: Loose<'a>,
    item_price: Option<WireItemPrice<'a>>,
    unit_price: Option<WireItemPrice<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireItemPrice<'a> {
    #[serde(borrow)]
    with_vat: Loose<'a>,
    vat_rate: Loose<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireNotes<'a> {
    #[serde(borrow)]
    customer_remark: Loose<'a>,
    tracking_number: Loose<'a>,
}
