//! The permanent links as CSV: orders in the system's columns (-9), and the customers.
//!
//! Semicolons, CRLF, every field in quotes, decimal comma, and a semicolon too many at the end of
//! each line, as real shops send it.

use jiff::tz::TimeZone;

use super::xml::local_time;
use super::{country_name, decimal, or_empty, windows_1250};
use crate::demo::world::{Customer, Encoding, Item, Money, Order, Shop};

const ORDER_COLUMNS: &str = "code;date;statusName;currency;exchangeRate;email;phone;billFullName;billCompany;billStreet;billHouseNumber;billCity;billZip;billCountryName;companyId;vatId;customerIdentificationNumber;deliveryFullName;deliveryCompany;deliveryVatId;deliveryStreet;deliveryHouseNumber;deliveryCity;deliveryZip;deliveryCountryName;customerIpAddress;remark;shopRemark;packageNumber;varchar1;varchar2;varchar3;text1;text2;text3;weight;totalPriceWithVat;totalPriceWithoutVat;totalPriceVat;rounding;priceToPay;amountPaid;paid;itemName;itemAmount;itemCode;itemVariantName;itemManufacturer;itemUnit;itemWeight;itemStatusName;itemUnitPriceWithVat;itemUnitPriceWithoutVat;itemUnitPriceVat;itemVatRate;itemTotalPriceWithVat;itemTotalPriceWithoutVat;itemTotalPriceVat;itemEan;itemPlu;itemSupplier;itemUnitDiscountPriceWithVat;itemUnitDiscountPriceWithoutVat;sourceName;salesChannelName;billVatIdValidationStatus;";
const CUSTOMER_COLUMNS: &str = "guid;accountGuid;email;phone;fullName;mainAccount;registrationDate;customerGroup;priceList;priceRatio;birthDate;remark;newsletter;billingFullName;billingCompany;billingStreet;billingHouseNumber;billingCity;billingDistrict;billingZip;billingCountryCode;companyId;vatId;taxId;";

/// Writes the records of one shop.
pub struct Writer<'a> {
    shop: &'a Shop,
    zone: TimeZone,
    encoding: Encoding,
}

impl<'a> Writer<'a> {
    /// For this shop, in this encoding.
    pub fn new(shop: &'a Shop, encoding: Encoding) -> Self {
        Self {
            zone: shop.zone(),
            shop,
            encoding,
        }
    }

    /// The line of column names of the orders.
    pub fn order_columns(&self) -> Vec<u8> {
        format!("{ORDER_COLUMNS}\r\n").into_bytes()
    }

    /// The line of column names of the customers.
    pub fn customer_columns(&self) -> Vec<u8> {
        format!("{CUSTOMER_COLUMNS}\r\n").into_bytes()
    }

    /// Appends an order: a line for each item, the order's own columns on every one.
    pub fn order(&self, to: &mut Vec<u8>, order: &Order) {
        let mut head = Line::default();
        self.order_head(&mut head, order);
        let mut text = String::new();
        for item in &order.items {
            let mut line = Line(head.0.clone());
            Self::item(&mut line, item);
            line.end(&mut text);
        }
        if order.items.is_empty() {
            for _ in 0..18 {
                head.text("");
            }
            Self::tail(&mut head);
            head.end(&mut text);
        }
        self.append(to, &text);
    }

    /// Appends a customer: a line for each account.
    pub fn customer(&self, to: &mut Vec<u8>, customer: &Customer) {
        let mut text = String::new();
        for account in &customer.accounts {
            let billing = &customer.billing;
            let mut line = Line::default();
            line.text(&customer.guid);
            line.text(&account.guid);
            line.text(&account.email);
            line.text(or_empty(account.phone.as_ref()));
            line.text(or_empty(account.full_name.as_ref()));
            line.text(if account.main { "1" } else { "0" });
            line.text(&local_time(customer.created, &self.zone));
            line.text(customer.group.as_ref().map_or("", |(_, name)| name));
            line.text(customer.price_list.as_ref().map_or("", |(_, name)| name));
            line.text(&customer.price_ratio.replace('.', ","));
            line.text(or_empty(customer.birth_date.as_ref()));
            line.text(or_empty(customer.remark.as_ref()));
            line.text(if customer.newsletter { "1" } else { "0" });
            for value in [
                &billing.full_name,
                &billing.company,
                &billing.street,
                &billing.house_number,
                &billing.city,
                &billing.district,
                &billing.zip,
                &billing.country,
                &billing.company_id,
                &billing.vat_id,
                &billing.tax_id,
            ] {
                line.text(value);
            }
            line.end(&mut text);
        }
        self.append(to, &text);
    }

    fn order_head(&self, line: &mut Line, order: &Order) {
        let billing = &order.billing;
        let delivery = order.delivery.as_ref().unwrap_or(billing);
        let (total, net) = (order.total(), order.total_without_vat());
        line.text(&order.code);
        line.text(&local_time(order.created, &self.zone));
        line.text(self.shop.status_name(order.status));
        line.text(&order.currency);
        line.text(&order.exchange_rate.replace('.', ","));
        line.text(or_empty(order.email.as_ref()));
        line.text(or_empty(order.phone.as_ref()));
        line.text(&billing.full_name);
        line.text(&billing.company);
        line.text(&billing.street);
        line.text(&billing.house_number);
        line.text(&billing.city);
        line.text(&billing.zip);
        line.text(country_name(&billing.country));
        line.text(&billing.company_id);
        line.text(&billing.vat_id);
        line.text(&billing.tax_id);
        line.text(&delivery.full_name);
        line.text(&delivery.company);
        line.text("");
        line.text(&delivery.street);
        line.text(&delivery.house_number);
        line.text(&delivery.city);
        line.text(&delivery.zip);
        line.text(country_name(&delivery.country));
        line.text("");
        line.text(&order.remark);
        line.text(&order.shop_remark);
        line.text(&order.tracking_number);
        for _ in 0..6 {
            line.text("");
        }
        line.text("0,750");
        line.money(total);
        line.money(net);
        line.money(total.saturating_sub(net));
        line.money(0);
        line.money(total);
        line.text("");
        line.text(order.paid.map_or("", |paid| if paid { "1" } else { "0" }));
    }

    fn item(line: &mut Line, item: &Item) {
        let (unit, unit_net) = (item.unit_price, item.unit_price_without_vat());
        let (total, total_net) = (item.total(), item.total_without_vat());
        line.text(&item.name);
        line.text(&item.amount.to_string());
        line.text(&item.code);
        line.text(&item.variant);
        line.text("");
        line.text("ks");
        line.text("0,250");
        line.text("");
        line.money(unit);
        line.money(unit_net);
        line.money(unit.saturating_sub(unit_net));
        line.text(&item.vat_rate.to_string());
        line.money(total);
        line.money(total_net);
        line.money(total.saturating_sub(total_net));
        line.text(&item.ean);
        line.text("");
        line.text("");
        Self::tail(line);
    }

    fn tail(line: &mut Line) {
        for value in ["", "", "E-shop", "", ""] {
            line.text(value);
        }
    }

    fn append(&self, to: &mut Vec<u8>, text: &str) {
        match self.encoding {
            Encoding::Utf8 => to.extend_from_slice(text.as_bytes()),
            Encoding::Windows1250 => to.extend(windows_1250::encode(text)),
        }
    }
}

#[derive(Default)]
struct Line(String);

impl Line {
    fn text(&mut self, text: &str) {
        self.0.push('"');
        self.0.push_str(&text.replace('"', "\"\""));
        self.0.push_str("\";");
    }

    fn money(&mut self, amount: Money) {
        self.text(&decimal(amount, ','));
    }

    fn end(self, to: &mut String) {
        to.push_str(&self.0);
        to.push_str("\r\n");
    }
}
