//! The API's wire form: every field that the interface description requires, `null` where there is
//! nothing, decimals as text, times with an offset without a colon.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::decimal;
use crate::demo::world::{Account, Address, Customer, Item, Money, Order, Shop};

/// `2018-05-29T09:02:27+0200`, in the shop's zone.
pub fn time(moment: Timestamp, zone: &TimeZone) -> String {
    moment
        .to_zoned(zone.clone())
        .strftime("%Y-%m-%dT%H:%M:%S%z")
        .to_string()
}

/// A customer in full: the answer to its guid, and a line of a snapshot.
pub fn customer(shop: &Shop, customer: &Customer) -> Value {
    let zone = shop.zone();
    let mut billing = address(&customer.billing);
    with_company(&mut billing, &customer.billing);
    let delivery: Vec<Value> = customer
        .delivery
        .iter()
        .enumerate()
        .map(|(position, (guid, place))| {
            let mut value = address(place);
            value["guid"] = json!(guid);
            value["isDefault"] = json!(position == 0);
            value
        })
        .collect();
    json!({
        "guid": customer.guid,
        "creationTime": time(customer.created, &zone),
        "changeTime": time(customer.changed, &zone),
        "billingAddress": billing,
        "deliveryAddress": delivery,
        "customerGroup": named(customer.group.as_ref()),
        "priceList": named(customer.price_list.as_ref()),
        "remark": customer.remark,
        "priceRatio": customer.price_ratio,
        "birthDate": customer.birth_date,
        "accounts": customer.accounts.iter().map(account).collect::<Vec<_>>(),
        "disabledOrders": false,
        "remarks": [],
        "adminUrl": customer_url(shop, customer),
    })
}

/// A customer in a list: without e-mail and phone.
pub fn listed_customer(shop: &Shop, customer: &Customer) -> Value {
    let zone = shop.zone();
    json!({
        "guid": customer.guid,
        "creationTime": time(customer.created, &zone),
        "changeTime": time(customer.changed, &zone),
        "billCompany": or_null(&customer.billing.company),
        "billFullName": or_null(&customer.billing.full_name),
        "adminUrl": customer_url(shop, customer),
    })
}

/// An order in full, with the sections asked for.
pub fn order(shop: &Shop, order: &Order, include_notes: bool) -> Value {
    let mut value = listed_order(shop, order);
    let mut billing = address(&order.billing);
    with_company(&mut billing, &order.billing);
    let more = json!({
        "externalCode": null,
        "clientIPAddress": null,
        "stockId": 1,
        "addressesEqual": order.delivery.is_none(),
        "vatPayer": true,
        "vatMode": "Normal",
        "billingMethod": {"id": 4, "name": "Card"},
        "billingAddress": billing,
        "deliveryAddress": order.delivery.as_ref().map(address),
        "language": "cs",
        "items": order.items.iter().enumerate().map(|(at, line)| item(order, at, line)).collect::<Vec<_>>(),
    });
    merge(&mut value, more);
    // The list has these, the detail does not.
    for name in ["fullName", "company", "remark"] {
        if let Some(fields) = value.as_object_mut() {
            fields.remove(name);
        }
    }
    if include_notes {
        value["notes"] = json!({
            "customerRemark": or_null(&order.remark),
            "eshopRemark": or_null(&order.shop_remark),
            "trackingNumber": or_null(&order.tracking_number),
            "trackingUrl": null,
            "additionalFields": [],
        });
    }
    value
}

/// An order in a list.
pub fn listed_order(shop: &Shop, order: &Order) -> Value {
    let zone = shop.zone();
    let (total, net) = (order.total(), order.total_without_vat());
    let name_of = |kind: &str| {
        order
            .items
            .iter()
            .find(|item| item.kind == kind)
            .map(|item| &item.name)
    };
    json!({
        "code": order.code,
        "guid": order.guid,
        "creationTime": time(order.created, &zone),
        "changeTime": time(order.changed, &zone),
        "fullName": or_null(&order.billing.full_name),
        "company": or_null(&order.billing.company),
        "email": order.email,
        "phone": order.phone,
        "remark": or_null(&order.remark),
        "customerGuid": order.customer_guid,
        "cashDeskOrder": false,
        "adminUrl": format!("{}/admin/objednavky-detail/?id={}", shop.url, order.id),
        "status": {"id": order.status, "name": or_null(shop.status_name(order.status))},
        "source": {"id": -1, "name": "E-shop"},
        "shipping": name_of("shipping").map(|name| json!({"guid": "1b02cb8e-d7b5-11e0-9a5c-feab5ed617ed", "name": name})),
        "paymentMethod": name_of("billing").map(|name| json!({"guid": null, "name": name})),
        "price": {
            "vat": amount(total.saturating_sub(net)),
            "toPay": amount(total),
            "currencyCode": order.currency,
            "withoutVat": amount(net),
            "withVat": amount(total),
            "exchangeRate": eight_decimals(&order.exchange_rate),
        },
        "paid": order.paid,
    })
}

fn item(order: &Order, position: usize, item: &Item) -> Value {
    let price = |with_vat: Money, net: Money| {
        json!({
            "withVat": amount(with_vat),
            "withoutVat": amount(net),
            "vat": amount(with_vat.saturating_sub(net)),
            "vatRate": format!("{}.00", item.vat_rate),
        })
    };
    // Live shops send the amount as a number here and there; every seventh order does.
    let how_many = if order.id.is_multiple_of(7) {
        json!(f64::from(item.amount))
    } else {
        json!(format!("{}.000", item.amount))
    };
    json!({
        "itemId": order.id.saturating_mul(100).saturating_add(position as u64),
        "itemType": item.kind,
        "productGuid": null,
        "code": or_null(&item.code),
        "ean": or_null(&item.ean),
        "name": item.name,
        "variantName": or_null(&item.variant),
        "brand": null,
        "remark": null,
        "weight": "0.250",
        "additionalField": null,
        "amount": how_many,
        "amountUnit": "ks",
        "priceRatio": "1.0000",
        "status": {"id": order.status, "name": null},
        "itemPrice": price(item.total(), item.total_without_vat()),
        "unitPrice": price(item.unit_price, item.unit_price_without_vat()),
        "purchasePrice": null,
        "recyclingFee": null,
        "warrantyDescription": null,
        "amountCompleted": null,
    })
}

fn account(account: &Account) -> Value {
    json!({
        "guid": account.guid,
        "fullName": account.full_name,
        "email": account.email,
        "phone": account.phone,
        "mainAccount": account.main,
        "authorized": true,
        "emailVerified": account.email_verified,
    })
}

fn address(address: &Address) -> Value {
    json!({
        "company": or_null(&address.company),
        "fullName": or_null(&address.full_name),
        "street": or_null(&address.street),
        "houseNumber": or_null(&address.house_number),
        "city": or_null(&address.city),
        "district": or_null(&address.district),
        "additional": null,
        "zip": or_null(&address.zip),
        "countryCode": or_null(&address.country),
        "regionName": null,
        "regionShortcut": null,
    })
}

fn with_company(value: &mut Value, address: &Address) {
    let verified = if address.vat_id.is_empty() {
        Value::Null
    } else {
        json!("verified")
    };
    let company = json!({
        "companyId": or_null(&address.company_id),
        "vatId": or_null(&address.vat_id),
        "vatIdValidationStatus": verified,
        "taxId": or_null(&address.tax_id),
    });
    merge(value, company);
}

fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}

fn named(value: Option<&(u32, String)>) -> Value {
    value.map_or(Value::Null, |(id, name)| json!({"id": id, "name": name}))
}

fn or_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

fn amount(amount: Money) -> Value {
    json!(decimal(amount, '.'))
}

/// `25.11` → `25.11000000`
fn eight_decimals(rate: &str) -> String {
    let (whole, decimals) = rate.split_once('.').unwrap_or((rate, ""));
    format!("{whole}.{decimals:0<8}")
}

fn customer_url(shop: &Shop, customer: &Customer) -> String {
    format!("{}/admin/zakaznici-detail/?id={}", shop.url, customer.id)
}
