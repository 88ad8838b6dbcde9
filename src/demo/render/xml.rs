//! The permanent links as XML: the system template for orders (-11), and the customers.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{country_name, decimal, or_empty, windows_1250};
use crate::demo::world::{Address, Customer, Encoding, Item, Money, Order, Shop};

/// What the merchant can choose about a document.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Encoding, declared truly.
    pub encoding: Encoding,
    /// `1 331,00` instead of `1331.00`.
    pub decimal_comma: bool,
}

/// Writes the records of one shop.
pub struct Writer<'a> {
    shop: &'a Shop,
    zone: TimeZone,
    style: Style,
}

impl<'a> Writer<'a> {
    /// For this shop, in this style.
    pub fn new(shop: &'a Shop, style: Style) -> Self {
        Self {
            zone: shop.zone(),
            shop,
            style,
        }
    }

    /// The declaration and the opening of the root element.
    pub fn start(&self, root: &str) -> Vec<u8> {
        let encoding = match self.style.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Windows1250 => "windows-1250",
        };
        format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<{root}>\n").into_bytes()
    }

    /// The closing of the root element.
    pub fn end(&self, root: &str) -> Vec<u8> {
        format!("</{root}>\n").into_bytes()
    }

    /// Appends one `<ORDER>`.
    pub fn order(&self, to: &mut Vec<u8>, order: &Order) {
        let mut xml = self.element_writer();
        let (total, net) = (order.total(), order.total_without_vat());
        xml.open("ORDER");
        xml.text("ORDER_ID", &order.id.to_string());
        xml.text("CODE", &order.code);
        xml.text("DATE", &self.local(order.created));
        xml.text("STATUS", self.shop.status_name(order.status));
        xml.open("CURRENCY");
        xml.text("CODE", &order.currency);
        xml.text("EXCHANGE_RATE", &self.point(order.exchange_rate.clone()));
        xml.close("CURRENCY");
        xml.open("CUSTOMER");
        xml.text("EMAIL", or_empty(order.email.as_ref()));
        xml.text("PHONE", or_empty(order.phone.as_ref()));
        let billing = &order.billing;
        xml.open("BILLING_ADDRESS");
        xml.address(billing);
        xml.text("COMPANY_ID", &billing.company_id);
        xml.text("VAT_ID", &billing.vat_id);
        xml.text("CUSTOMER_IDENTIFICATION_NUMBER", &billing.tax_id);
        xml.close("BILLING_ADDRESS");
        xml.open("SHIPPING_ADDRESS");
        xml.address(order.delivery.as_ref().unwrap_or(billing));
        xml.close("SHIPPING_ADDRESS");
        xml.text("IP_ADDRESS", "");
        xml.close("CUSTOMER");
        xml.text("REMARK", &order.remark);
        xml.text("SHOP_REMARK", &order.shop_remark);
        xml.raw("<REFERER><![CDATA[https://hledac.example/?q=čaj&p=1]]></REFERER>");
        xml.text("PACKAGE_NUMBER", &order.tracking_number);
        for name in ["VARCHAR1", "VARCHAR2", "VARCHAR3", "TEXT1", "TEXT2", "TEXT3"] {
            xml.text(name, "");
        }
        xml.text("WEIGHT", "0.750");
        xml.open("TOTAL_PRICE");
        xml.money("WITH_VAT", total);
        xml.money("WITHOUT_VAT", net);
        xml.money("VAT", total.saturating_sub(net));
        xml.money("ROUNDING", 0);
        xml.money("PRICE_TO_PAY", total);
        xml.text("PAID", order.paid.map_or("", |paid| if paid { "1" } else { "0" }));
        xml.close("TOTAL_PRICE");
        xml.open("ORDER_ITEMS");
        for item in &order.items {
            xml.item(item);
        }
        xml.close("ORDER_ITEMS");
        xml.close("ORDER");
        self.append(to, xml.text);
    }

    /// Appends one `<CUSTOMER>`.
    pub fn customer(&self, to: &mut Vec<u8>, customer: &Customer) {
        let mut xml = self.element_writer();
        xml.open("CUSTOMER");
        xml.text("GUID", &customer.guid);
        xml.text("REGISTRATION_DATE", &self.local(customer.created));
        xml.text(
            "CUSTOMER_GROUP",
            customer.group.as_ref().map_or("", |(_, name)| name),
        );
        xml.text(
            "PRICE_LIST",
            customer.price_list.as_ref().map_or("", |(_, name)| name),
        );
        xml.text("PRICE_RATIO", &self.point(customer.price_ratio.clone()));
        xml.text("BIRTH_DATE", or_empty(customer.birth_date.as_ref()));
        xml.text("REMARK", or_empty(customer.remark.as_ref()));
        xml.text("NEWSLETTER", if customer.newsletter { "1" } else { "0" });
        xml.open("BILLING_ADDRESS");
        xml.full_address(&customer.billing);
        xml.close("BILLING_ADDRESS");
        xml.open("DELIVERY_ADDRESSES");
        for (guid, address) in &customer.delivery {
            xml.open("DELIVERY_ADDRESS");
            xml.text("GUID", guid);
            xml.full_address(address);
            xml.close("DELIVERY_ADDRESS");
        }
        xml.close("DELIVERY_ADDRESSES");
        xml.open("ACCOUNTS");
        for account in &customer.accounts {
            xml.open("ACCOUNT");
            xml.text("GUID", &account.guid);
            xml.text("EMAIL", &account.email);
            xml.text("PHONE", or_empty(account.phone.as_ref()));
            xml.text("FULL_NAME", or_empty(account.full_name.as_ref()));
            xml.text("MAIN_ACCOUNT", if account.main { "1" } else { "0" });
            xml.close("ACCOUNT");
        }
        xml.close("ACCOUNTS");
        xml.close("CUSTOMER");
        self.append(to, xml.text);
    }

    fn element_writer(&self) -> Elements {
        Elements {
            text: String::with_capacity(4096),
            decimal_comma: self.style.decimal_comma,
        }
    }

    fn append(&self, to: &mut Vec<u8>, text: String) {
        match self.style.encoding {
            Encoding::Utf8 => to.extend_from_slice(text.as_bytes()),
            Encoding::Windows1250 => to.extend(windows_1250::encode(&text)),
        }
    }

    fn point(&self, number: String) -> String {
        if self.style.decimal_comma {
            number.replace('.', ",")
        } else {
            number
        }
    }

    /// The shop's exports tell local time without saying so.
    fn local(&self, moment: Timestamp) -> String {
        local_time(moment, &self.zone)
    }
}

pub(super) fn local_time(moment: Timestamp, zone: &TimeZone) -> String {
    let local = zone.to_datetime(moment);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        local.year(),
        local.month(),
        local.day(),
        local.hour(),
        local.minute(),
        local.second()
    )
}

/// Elements one after the other. What is missing is an empty element, as in the real export.
struct Elements {
    text: String,
    decimal_comma: bool,
}

impl Elements {
    fn raw(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn open(&mut self, name: &str) {
        self.text.push('<');
        self.text.push_str(name);
        self.text.push('>');
    }

    fn close(&mut self, name: &str) {
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push_str(">\n");
    }

    fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        if text.contains(['&', '<', '>']) {
            let escaped = text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            self.text.push_str(&escaped);
        } else {
            self.text.push_str(text);
        }
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    fn money(&mut self, name: &str, amount: Money) {
        let text = if self.decimal_comma {
            with_spaces(amount)
        } else {
            decimal(amount, '.')
        };
        self.text(name, &text);
    }

    fn address(&mut self, address: &Address) {
        self.text("NAME", &address.full_name);
        self.text("COMPANY", &address.company);
        self.text("STREET", &address.street);
        self.text("HOUSENUMBER", &address.house_number);
        self.text("CITY", &address.city);
        self.text("ZIP", &address.zip);
        self.text("COUNTRY", country_name(&address.country));
    }

    fn full_address(&mut self, address: &Address) {
        self.text("FULL_NAME", &address.full_name);
        self.text("COMPANY", &address.company);
        self.text("STREET", &address.street);
        self.text("HOUSE_NUMBER", &address.house_number);
        self.text("CITY", &address.city);
        self.text("DISTRICT", &address.district);
        self.text("ZIP", &address.zip);
        self.text("COUNTRY_CODE", &address.country);
        self.text("COMPANY_ID", &address.company_id);
        self.text("VAT_ID", &address.vat_id);
        self.text("TAX_ID", &address.tax_id);
    }

    fn item(&mut self, item: &Item) {
        self.open("ITEM");
        self.text("TYPE", &item.kind);
        self.text("NAME", &item.name);
        self.text("AMOUNT", &item.amount.to_string());
        self.text("CODE", &item.code);
        self.text("VARIANT_NAME", &item.variant);
        self.text("EAN", &item.ean);
        self.text("PLU", "");
        self.text("MANUFACTURER", "");
        self.text("SUPPLIER", "");
        self.text("UNIT", "ks");
        self.text("WEIGHT", "0.250");
        self.text("STATUS", "");
        self.text("DISCOUNT", "0");
        self.price(
            "UNIT_PRICE",
            item.unit_price,
            item.unit_price_without_vat(),
            item.vat_rate,
        );
        self.price(
            "TOTAL_PRICE",
            item.total(),
            item.total_without_vat(),
            item.vat_rate,
        );
        self.close("ITEM");
    }

    fn price(&mut self, name: &str, with_vat: Money, without_vat: Money, rate: u32) {
        self.open(name);
        self.money("WITH_VAT", with_vat);
        self.money("WITHOUT_VAT", without_vat);
        self.money("VAT", with_vat.saturating_sub(without_vat));
        self.text("VAT_RATE", &rate.to_string());
        self.close(name);
    }
}

/// `1 331,00`
fn with_spaces(amount: Money) -> String {
    let text = decimal(amount, ',');
    let (whole, cents) = text.split_once(',').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(position);
        if position > 0 && left % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    format!("{grouped},{cents}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_merchants_write_them() {
        assert_eq!(with_spaces(133_100), "1 331,00");
        assert_eq!(with_spaces(-133_105), "-1 331,05");
        assert_eq!(with_spaces(-13_310), "-133,10");
        assert_eq!(decimal(-5, '.'), "-0.05");
    }
}
