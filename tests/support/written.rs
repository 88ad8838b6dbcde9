//! Customers and orders as a shop writes them, put together a word at a time.

use serde_json::{Value, json};

/// A registered customer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub guid: String,
    pub created: String,
    pub changed: Option<String>,
    pub accounts: Vec<Account>,
    pub billing: Party,
    pub group: String,
}

/// One log-in of a customer.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub email: String,
    pub phone: String,
    pub name: String,
    pub main: bool,
}

/// Name, company and address.
#[derive(Debug, Clone, Default)]
pub struct Party {
    pub name: String,
    pub company: String,
    pub company_id: String,
    pub vat_id: String,
    pub street: String,
    pub city: String,
    pub zip: String,
    pub country: String,
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    pub code: String,
    pub placed: String,
    pub changed: Option<String>,
    pub guid: String,
    pub email: String,
    pub phone: String,
    pub status: String,
    pub total: String,
    pub currency: String,
    pub rate: String,
    pub billing: Party,
    pub delivery: Party,
    pub coupon: String,
    pub remark: String,
}

/// A customer who registered at the beginning of 2024.
pub fn customer(guid: &str) -> Customer {
    Customer {
        guid: guid.to_owned(),
        created: "2024-01-01 08:00:00".to_owned(),
        changed: None,
        accounts: Vec::new(),
        billing: Party::default(),
        group: String::new(),
    }
}

/// An order over 100.00 CZK, placed in May 2024.
pub fn order(code: &str) -> Order {
    Order {
        code: code.to_owned(),
        placed: "2024-05-01 12:00:00".to_owned(),
        changed: None,
        guid: String::new(),
        email: String::new(),
        phone: String::new(),
        status: "Vyřízena".to_owned(),
        total: "100.00".to_owned(),
        currency: "CZK".to_owned(),
        rate: "1".to_owned(),
        billing: Party::default(),
        delivery: Party::default(),
        coupon: String::new(),
        remark: String::new(),
    }
}

/// A party in one word: `name, street, city`.
pub fn party(name: &str, street: &str, city: &str) -> Party {
    Party {
        name: name.to_owned(),
        street: street.to_owned(),
        city: city.to_owned(),
        ..Party::default()
    }
}

impl Customer {
    /// One more log-in; the first one is the main one.
    pub fn login(mut self, email: &str) -> Self {
        let main = self.accounts.is_empty();
        self.accounts.push(Account {
            email: email.to_owned(),
            main,
            ..Account::default()
        });
        self
    }

    /// A phone of the last log-in.
    pub fn phone(mut self, phone: &str) -> Self {
        if self.accounts.is_empty() {
            self.accounts.push(Account::default());
        }
        if let Some(account) = self.accounts.last_mut() {
            account.phone = phone.to_owned();
        }
        self
    }

    pub fn created(mut self, at: &str) -> Self {
        self.created = full(at);
        self
    }

    pub fn billing(mut self, billing: Party) -> Self {
        self.billing = billing;
        self
    }

    /// As a line of a snapshot.
    pub fn json(&self) -> String {
        let account = |account: &Account| {
            json!({
                "email": text(&account.email), "phone": text(&account.phone), "fullName": text(&account.name),
                "mainAccount": account.main,
            })
        };
        json!({
            "guid": self.guid,
            "creationTime": (!self.created.is_empty()).then(|| moment(&self.created)),
            "changeTime": self.changed.as_deref().map(moment),
            "billingAddress": self.billing.json(),
            "customerGroup": {"name": text(&self.group)},
            "accounts": self.accounts.iter().map(account).collect::<Vec<_>>(),
        })
        .to_string()
    }
}

impl Party {
    fn json(&self) -> Value {
        json!({
            "fullName": text(&self.name), "company": text(&self.company), "companyId": text(&self.company_id),
            "vatId": text(&self.vat_id), "street": text(&self.street), "city": text(&self.city),
            "zip": text(&self.zip), "countryCode": text(&self.country),
        })
    }

    fn xml(&self, tag: &str) -> String {
        format!(
            "<{tag}><NAME>{}</NAME><COMPANY>{}</COMPANY><STREET>{}</STREET><CITY>{}</CITY><ZIP>{}</ZIP>\
             <COUNTRY_CODE>{}</COUNTRY_CODE><COMPANY_ID>{}</COMPANY_ID><VAT_ID>{}</VAT_ID></{tag}>",
            self.name,
            self.company,
            self.street,
            self.city,
            self.zip,
            self.country,
            self.company_id,
            self.vat_id
        )
    }
}

impl Order {
    pub fn email(mut self, email: &str) -> Self {
        self.email = email.to_owned();
        self
    }

    pub fn phone(mut self, phone: &str) -> Self {
        self.phone = phone.to_owned();
        self
    }

    /// The customer it names.
    pub fn of(mut self, guid: &str) -> Self {
        self.guid = guid.to_owned();
        self
    }

    pub fn placed(mut self, at: &str) -> Self {
        self.placed = full(at);
        self
    }

    pub fn total(mut self, total: &str) -> Self {
        self.total = total.to_owned();
        self
    }

    pub fn in_currency(mut self, currency: &str, rate: &str) -> Self {
        self.currency = currency.to_owned();
        self.rate = rate.to_owned();
        self
    }

    pub fn status(mut self, status: &str) -> Self {
        self.status = status.to_owned();
        self
    }

    pub fn billing(mut self, billing: Party) -> Self {
        self.billing = billing;
        self
    }

    /// As a line of a snapshot.
    pub fn json(&self) -> String {
        let coupon =
            json!({"itemType": "discount-coupon", "code": self.coupon, "name": "Sleva", "amount": "1.000"});
        json!({
            "code": self.code,
            "creationTime": moment(&self.placed),
            "changeTime": self.changed.as_deref().map(moment),
            "customerGuid": text(&self.guid),
            "email": text(&self.email), "phone": text(&self.phone),
            "status": {"id": null, "name": self.status},
            "price": {"withVat": self.total, "currencyCode": self.currency, "exchangeRate": self.rate},
            "billingAddress": self.billing.json(), "deliveryAddress": self.delivery.json(),
            "items": if self.coupon.is_empty() { json!([]) } else { json!([coupon]) },
            "notes": {"customerRemark": text(&self.remark)},
        })
        .to_string()
    }

    /// As an element of an export, which never names the customer.
    pub fn xml(&self) -> String {
        let coupon = if self.coupon.is_empty() {
            String::new()
        } else {
            format!(
                "<ITEM><TYPE>discount-coupon</TYPE><NAME>Sleva</NAME><AMOUNT>1</AMOUNT><CODE>{}</CODE></ITEM>",
                self.coupon
            )
        };
        format!(
            "<ORDER><CODE>{}</CODE><DATE>{}</DATE><STATUS>{}</STATUS>\
             <CURRENCY><CODE>{}</CODE><EXCHANGE_RATE>{}</EXCHANGE_RATE></CURRENCY>\
             <CUSTOMER><EMAIL>{}</EMAIL><PHONE>{}</PHONE>{}{}</CUSTOMER><REMARK>{}</REMARK>\
             <TOTAL_PRICE><WITH_VAT>{}</WITH_VAT></TOTAL_PRICE><ORDER_ITEMS>{coupon}</ORDER_ITEMS></ORDER>",
            self.code,
            self.placed,
            self.status,
            self.currency,
            self.rate,
            self.email,
            self.phone,
            self.billing.xml("BILLING_ADDRESS"),
            self.delivery.xml("SHIPPING_ADDRESS"),
            self.remark,
            self.total,
        )
    }
}

/// A day alone is its noon.
fn full(at: &str) -> String {
    if at.len() == 10 {
        format!("{at} 12:00:00")
    } else {
        at.to_owned()
    }
}

/// The shop's API writes an offset; the exports leave it out. Both mean UTC here.
fn moment(at: &str) -> String {
    format!("{}+0000", at.replace(' ', "T"))
}

/// What is empty is null in the API.
fn text(text: &str) -> Value {
    if text.is_empty() {
        Value::Null
    } else {
        Value::from(text)
    }
}

/// A document of JSON lines.
pub fn customers(customers: &[Customer]) -> String {
    customers.iter().map(|customer| customer.json() + "\n").collect()
}

/// A document of JSON lines.
pub fn orders(orders: &[Order]) -> String {
    orders.iter().map(|order| order.json() + "\n").collect()
}

/// The same as XML.
pub fn orders_as_xml(orders: &[Order]) -> String {
    let orders: String = orders.iter().map(Order::xml).collect();
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<ORDERS>{orders}</ORDERS>\n")
}
