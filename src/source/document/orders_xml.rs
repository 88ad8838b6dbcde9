//! Orders out of the XML export. A merchant can edit its template, so elements are found by name, in
//! any order, and what is unknown is passed over.

use super::bytes::Text;
use super::cursor::Cursor;
use super::export::RawOrder;
use super::found::Recipe;
use super::items::{Lines, RawItem};
use super::parties::RawParty;
use super::{Content, Locale, Part, Sink, xml};
use crate::error::Result;
use crate::model::Order;

const TAG: &str = "ORDER";
const KEY: &str = "CODE";

static RECIPE: Recipe<Order> = Recipe {
    read: |record, print, locale| {
        let order = xml::read(record, TAG, |cursor| order(cursor, locale))?;
        Ok(Order { print, ..order })
    },
    key: |record| xml::key_in(record, KEY),
};

/// Finds the records of the whole document.
pub(super) fn find(text: &mut Text, sink: &mut Sink<'_, Order>) -> Result<()> {
    xml::find(text, Content::Orders, TAG, KEY, sink, &RECIPE)
}

fn order(cursor: &mut Cursor<'_>, locale: &Locale) -> Part<Order> {
    // What is kept of its lines takes about a quarter of an order's text.
    let mut lines = Lines::with_room_for(cursor.length() / 4);
    let mut order = RawOrder::default();
    while let Some(name) = cursor.child()? {
        match name {
            "CODE" => order.code = cursor.text()?,
            "ORDER_ID" => order.admin_id = cursor.text()?,
            "DATE" => order.date = cursor.text()?,
            "STATUS" => order.status = cursor.text()?,
            "REMARK" => order.remark = cursor.text()?,
            "PACKAGE_NUMBER" => order.tracking_number = cursor.text()?,
            "CURRENCY" => currency(cursor, &mut order)?,
            "TOTAL_PRICE" => total_price(cursor, &mut order)?,
            "ORDER_ITEMS" => items(cursor, &mut lines)?,
            "CUSTOMER" => {
                while let Some(name) = cursor.child()? {
                    customer(cursor, name, &mut order)?;
                }
            }
            // Edited templates have been seen without the level of the customer.
            name => customer(cursor, name, &mut order)?,
        }
    }
    let mut order = order.order(locale)?;
    lines.finish(&mut order);
    Ok(order)
}

fn customer<'a>(cursor: &mut Cursor<'a>, name: &str, order: &mut RawOrder<'a>) -> Part<()> {
    match name {
        "EMAIL" => order.email = cursor.text()?,
        "PHONE" => order.phone = cursor.text()?,
        "BILLING_ADDRESS" => order.billing = party(cursor)?,
        "SHIPPING_ADDRESS" => order.delivery = party(cursor)?,
        _ => cursor.skip()?,
    }
    Ok(())
}

fn party<'a>(cursor: &mut Cursor<'a>) -> Part<RawParty<'a>> {
    let mut party = RawParty::default();
    while let Some(name) = cursor.child()? {
        match name {
            "NAME" => party.name = cursor.text()?,
            "COMPANY" => party.company = cursor.text()?,
            "STREET" => party.street = cursor.text()?,
            "HOUSENUMBER" => party.house_number = cursor.text()?,
            "CITY" => party.city = cursor.text()?,
            "DISTRICT" => party.district = cursor.text()?,
            "ZIP" => party.zip = cursor.text()?,
            "COUNTRY" => party.country = cursor.text()?,
            "COUNTRY_CODE" => party.country_code = cursor.text()?,
            "COMPANY_ID" => party.company_id = cursor.text()?,
            "VAT_ID" => party.vat_id = cursor.text()?,
            "TAX_ID" => party.tax_id = cursor.text()?,
            _ => cursor.skip()?,
        }
    }
    Ok(party)
}

fn currency<'a>(cursor: &mut Cursor<'a>, order: &mut RawOrder<'a>) -> Part<()> {
    while let Some(name) = cursor.child()? {
        match name {
            "CODE" => order.currency = cursor.text()?,
            "EXCHANGE_RATE" => order.exchange_rate = cursor.text()?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn total_price<'a>(cursor: &mut Cursor<'a>, order: &mut RawOrder<'a>) -> Part<()> {
    while let Some(name) = cursor.child()? {
        match name {
            "WITH_VAT" => order.total = cursor.text()?,
            "WITHOUT_VAT" => order.total_without_vat = cursor.text()?,
            "PAID" => order.paid = cursor.text()?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn items(cursor: &mut Cursor<'_>, lines: &mut Lines) -> Part<()> {
    while let Some(name) = cursor.child()? {
        if name == "ITEM" {
            let item = item(cursor)?;
            lines.push(&item)?;
        } else {
            cursor.skip()?;
        }
    }
    Ok(())
}

fn item<'a>(cursor: &mut Cursor<'a>) -> Part<RawItem<'a>> {
    let mut item = RawItem::default();
    while let Some(name) = cursor.child()? {
        match name {
            "TYPE" => item.kind = cursor.text()?,
            "NAME" => item.name = cursor.text()?,
            "AMOUNT" => item.amount = cursor.text()?,
            "CODE" => item.code = cursor.text()?,
            "VARIANT_NAME" => item.variant = cursor.text()?,
            "UNIT_PRICE" | "TOTAL_PRICE" => {
                while let Some(part) = cursor.child()? {
                    match (name, part) {
                        ("UNIT_PRICE", "WITH_VAT") => item.unit_price = cursor.text()?,
                        ("TOTAL_PRICE", "WITH_VAT") => item.total = cursor.text()?,
                        ("UNIT_PRICE" | "TOTAL_PRICE", "VAT_RATE") => {
                            let rate = cursor.text()?;
                            if !rate.is_empty() {
                                item.vat_rate = rate;
                            }
                        }
                        _ => cursor.skip()?,
                    }
                }
            }
            _ => cursor.skip()?,
        }
    }
    Ok(item)
}
