//! The lines of an order, and what is told only there: coupons, the ways of shipping and payment.

use std::borrow::Cow;

use super::numbers::{amount_text, price_text, rate_text};
use super::{Fault, Part, RECORD_CAP};
use crate::model::{Items, Order};

/// The texts of a line as a document gives them, trimmed.
#[derive(Debug, Default)]
pub(super) struct RawItem<'a> {
    pub(super) kind: Cow<'a, str>,
    pub(super) code: Cow<'a, str>,
    pub(super) name: Cow<'a, str>,
    pub(super) variant: Cow<'a, str>,
    pub(super) amount: Cow<'a, str>,
    pub(super) unit_price: Cow<'a, str>,
    pub(super) total: Cow<'a, str>,
    pub(super) vat_rate: Cow<'a, str>,
}

/// Gathers the lines of one order after the other.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The lines as JSON, without the closing bracket.
    json: String,
    coupons: Vec<String>,
    shipping: Option<String>,
    payment: Option<String>,
}

impl Lines {
    /// For lines that take about so many bytes as JSON.
    pub(super) fn with_room_for(bytes: usize) -> Self {
        Self {
            json: String::with_capacity(bytes),
            ..Self::default()
        }
    }

    /// Adds a line.
    pub(super) fn push(&mut self, item: &RawItem<'_>) -> Part<()> {
        let kind = kind(&item.kind, &item.code);
        let code: &str = &item.code;
        // What `crate::model::Items::push` writes, without the detour over owned texts: a shop has
        // millions of lines.
        self.json.push(if self.json.is_empty() { '[' } else { ',' });
        self.member("{\"type\":", kind);
        self.member(",\"code\":", code);
        self.json.push_str(",\"name\":\"");
        self.full_name(&item.name, &item.variant);
        self.json.push('"');
        self.member(
            ",\"amount\":",
            &amount_text(&item.amount, "the amount of an item")?,
        );
        self.member(
            ",\"unit_price\":",
            &price_text(&item.unit_price, "the unit price of an item")?,
        );
        self.member(",\"total\":", &price_text(&item.total, "the total of an item")?);
        let vat_rate = rate_text(&item.vat_rate);
        if !vat_rate.is_empty() {
            self.member(",\"vat_rate\":", &vat_rate);
        }
        self.json.push('}');
        if self.json.len() > RECORD_CAP {
            return Err(Fault::new("the items are larger than 4 MiB"));
        }
        match kind {
            "shipping" => _ = self.shipping.get_or_insert_with(|| item.name.to_string()),
            "billing" => _ = self.payment.get_or_insert_with(|| item.name.to_string()),
            "discount-coupon" => {
                let coupon = if code.is_empty() { &item.name } else { code };
                if !coupon.is_empty() && !self.coupons.iter().any(|known| known == coupon) {
                    self.coupons.push(coupon.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn member(&mut self, name: &str, text: &str) {
        self.json.push_str(name);
        self.json.push('"');
        self.text(text);
        self.json.push('"');
    }

    fn full_name(&mut self, name: &str, variant: &str) {
        self.text(name);
        if !variant.is_empty() && !name.contains(variant) {
            if !name.is_empty() {
                self.json.push_str(", ");
            }
            self.text(variant);
        }
    }

    /// A text as it stands between the quotes of JSON.
    fn text(&mut self, text: &str) {
        let is_special = |byte| byte < b' ' || matches!(byte, b'"' | b'\\');
        if text.bytes().any(is_special) {
            let quoted = serde_json::Value::from(text).to_string();
            self.json
                .push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        } else {
            self.json.push_str(text);
        }
    }

    /// Hands the gathered lines to the order and starts anew. Names that the order already has stay.
    pub(super) fn finish(&mut self, order: &mut Order) {
        if !self.json.is_empty() {
            let mut json = std::mem::take(&mut self.json);
            json.push(']');
            json.shrink_to_fit();
            order.items = Items::from_json(json);
        }
        order.coupons = std::mem::take(&mut self.coupons);
        let (shipping, payment) = (self.shipping.take(), self.payment.take());
        if order.shipping.is_empty() {
            order.shipping = shipping.unwrap_or_default();
        }
        if order.payment.is_empty() {
            order.payment = payment.unwrap_or_default();
        }
        self.clear();
    }

    /// Forgets what was gathered.
    pub(super) fn clear(&mut self) {
        self.json.clear();
        self.coupons.clear();
        self.shipping = None;
        self.payment = None;
    }
}

/// What kind of line it is, in the API's words where that is certain, else in the shop's own.
///
/// The system's CSV does not tell the kind; there the shop's own codes give two of them away.
fn kind<'a>(kind: &'a str, code: &str) -> &'a str {
    match kind {
        "set" => "product-set",
        "coupon" => "discount-coupon",
        "payment" => "billing",
        "" if is_numbered(code, "SHIPPING") => "shipping",
        "" if is_numbered(code, "BILLING") => "billing",
        "" => "other",
        kind => kind,
    }
}

/// `SHIPPING11`, but not a product that is called `SHIPPING-BOX`.
fn is_numbered(code: &str, prefix: &str) -> bool {
    code.strip_prefix(prefix)
        .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Item;

    #[test]
    fn writes_what_the_model_writes() {
        let mut lines = Lines::default();
        let mut expected = Items::default();
        for (name, vat_rate) in [
            ("Hrnek \"U lva\" \\ 0,5 l", "21"),
            ("tab\there\nand\u{1}", ""),
            ("žluťoučký", "5.5"),
        ] {
            let item = Item {
                kind: "product".to_owned(),
                code: "A/1".to_owned(),
                name: name.to_owned(),
                amount: "2".to_owned(),
                unit_price: "10.00".to_owned(),
                total: "20.00".to_owned(),
                vat_rate: vat_rate.to_owned(),
            };
            expected.push(&item);
            let raw = RawItem {
                kind: Cow::Borrowed(&item.kind),
                code: Cow::Borrowed(&item.code),
                name: Cow::Borrowed(&item.name),
                amount: Cow::Borrowed(&item.amount),
                unit_price: Cow::Borrowed(&item.unit_price),
                total: Cow::Borrowed(&item.total),
                vat_rate: Cow::Borrowed(&item.vat_rate),
                ..RawItem::default()
            };
            lines.push(&raw).unwrap();
        }
        let mut order = Order::default();
        lines.finish(&mut order);
        assert_eq!(order.items, expected);
    }
}
