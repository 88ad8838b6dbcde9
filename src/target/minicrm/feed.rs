//! The XML feed: one document makes and changes any number of contacts with their cards and orders.
//!
//! Everything in it is told by a number of ours, and what has that number is changed and not made again, so that a
//! document may be sent twice. The numbers are made of our keys: they are the same for ever, in whatever state, and
//! of two keys never the same. MiniCRM's own plug-in sends numbers of up to ten digits; that those of fifteen are
//! taken as well is assumed, and the first upload of a delivery is looked at before anything else is uploaded.
//!
//! The shape is that of the vendor's sample for web shops and of its plug-in for WooCommerce.

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::fields::Contact;
use super::items::Line;
use super::times;
use super::transitions::Stage;
use super::wire::{Record, text, text_in};
use crate::model::OrderFacts;

/// Numbers of ours begin here, so that they are told from those of others …
const FIRST_NUMBER: u64 = 700_000_000_000_000;

/// … and there are so many of them: fifteen digits in all.
const NUMBERS: u64 = 100_000_000_000_000;

/// The folder of MiniCRM's stock that products of the shop are put into; it makes one that is missing.
const FOLDER: &str = "Shoptet";

/// A contact as it is uploaded.
pub struct Project<'a> {
    /// Its number.
    pub number: u64,
    /// What it is.
    pub kind: Contact,
    /// Fields of the contact.
    pub own: &'a Record,
    /// Fields of its address.
    pub address: &'a Record,
    /// Fields of its card, name, product, status and owner among them.
    pub card: &'a Record,
}

/// An order as it is uploaded, under the number of its contact.
pub struct UploadedOrder<'a> {
    /// Number of the contact.
    pub project: u64,
    /// Its own number.
    pub number: u64,
    /// What it is called.
    pub subject: String,
    /// What the shop says of it.
    pub facts: &'a OrderFacts,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its stage.
    pub stage: Stage,
    /// Fields of its card.
    pub custom: Record,
}

/// The number of a contact.
pub fn number_of_contact(key: &str) -> u64 {
    number(&format!("contact {key}"))
}

/// The number of an order.
pub fn number_of_order(key: &str) -> u64 {
    number(&format!("order {key}"))
}

/// Whether a text is a number of ours.
pub fn is_number_of_ours(text: &str) -> bool {
    let number = text.trim().parse::<u64>().ok();
    number.is_some_and(|number| (FIRST_NUMBER..FIRST_NUMBER + NUMBERS).contains(&number))
}

fn number(of: &str) -> u64 {
    let hash = Sha256::digest(of);
    let number = hash
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    FIRST_NUMBER + number % NUMBERS
}

/// A document of these.
pub fn document(projects: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Projects>\n{}</Projects>\n",
        projects.concat()
    )
}

/// A contact with its address and its card.
pub fn project(project: &Project<'_>) -> String {
    let mut xml = format!("<Project Id=\"{}\">", project.number);
    fields(&mut xml, project.card);
    let mut contact = String::new();
    let listed = [("Email", "Emails"), ("Phone", "Phones")];
    let plain: Record = project
        .own
        .iter()
        .filter(|(name, _)| *name != "Type" && listed.iter().all(|(one, _)| name != one))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    fields(&mut contact, &plain);
    for (one, several) in listed {
        let value = text_in(project.own, one);
        if !value.is_empty() {
            let _ = write!(
                contact,
                "<{several}><{one}><Value>{}</Value></{one}></{several}>",
                escaped(&value)
            );
        }
    }
    if !project.address.is_empty() {
        contact.push_str("<Addresses><Address>");
        fields(&mut contact, project.address);
        contact.push_str("</Address></Addresses>");
    }
    let _ = match project.kind {
        Contact::Business => write!(xml, "<Business>{contact}</Business>"),
        Contact::Person => {
            let number = project.number;
            write!(
                xml,
                "<Contacts><Contact Id=\"{number}\"><Type>Person</Type>{contact}</Contact></Contacts>"
            )
        }
    };
    xml.push_str("</Project>\n");
    xml
}

/// Orders of one contact.
pub fn orders(project: u64, orders: &[&UploadedOrder<'_>]) -> String {
    let mut xml = format!("<Project Id=\"{project}\"><Orders>");
    for order in orders {
        self::order(&mut xml, order);
    }
    xml.push_str("</Orders></Project>\n");
    xml
}

fn order(xml: &mut String, order: &UploadedOrder<'_>) {
    let _ = write!(xml, "<Order Id=\"{}\">", order.number);
    element(xml, "Number", &order.subject);
    element(xml, "CurrencyCode", &order.facts.currency);
    if let Some(placed_at) = order.facts.placed_at {
        element(xml, "Performance", &times::local(placed_at));
    }
    element(xml, "Status", status(order.stage));
    xml.push_str("<Products>");
    let mut known: Vec<String> = Vec::new();
    for line in &order.lines {
        let record = line.record(None);
        let product = match text_in(&record, "SKU") {
            code if !code.is_empty() => format!("product {code}"),
            _ => format!("named {}", text_in(&record, "Name")),
        };
        // Of two lines of one product the second would be added to the first, at its price.
        let times = known.iter().filter(|other| **other == product).count();
        let _ = write!(xml, "<Product Id=\"{}\">", number(&format!("{product} {times}")));
        known.push(product);
        let without_vat = record.iter().filter(|(name, _)| *name != "VAT");
        fields(
            xml,
            &without_vat
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        );
        element(xml, "VAT", &format!("{}%", text_in(&record, "VAT")));
        element(xml, "FolderName", FOLDER);
        xml.push_str("</Product>");
    }
    xml.push_str("</Products>");
    if !order.custom.is_empty() {
        xml.push_str("<Project>");
        fields(xml, &order.custom);
        xml.push_str("</Project>");
    }
    xml.push_str("</Order>");
}

/// The word of a feed for a stage: it has none for what is paid.
const fn status(stage: Stage) -> &'static str {
    match stage {
        Stage::Draft => "Draft",
        Stage::InProgress => "Issued",
        Stage::Completed | Stage::Paid => "Completed",
        Stage::Failed => "Failed",
    }
}

/// The stage that an order has after it was uploaded with another.
pub const fn reached(stage: Stage) -> Stage {
    match stage {
        Stage::Paid => Stage::Completed,
        stage => stage,
    }
}

fn fields(xml: &mut String, record: &Record) {
    for (name, value) in record {
        element(xml, name, &value_text(value));
    }
}

fn value_text(value: &Value) -> String {
    text(value)
}

fn element(xml: &mut String, name: &str, text: &str) {
    // What is no name of an element is no field, either: the check has said so.
    let is_name = name.chars().all(|sign| sign.is_alphanumeric() || sign == '_')
        && name.starts_with(|first: char| first.is_alphabetic() || first == '_');
    if is_name {
        let _ = write!(xml, "<{name}>{}</{name}>", escaped(text));
    }
}

/// A text inside an element; signs that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(sign),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_is_made_of_the_key_and_known_for_one_of_ours() {
        let number = number_of_contact("main:c:g1");
        assert_eq!(number, number_of_contact("main:c:g1"));
        assert_ne!(number, number_of_order("main:c:g1"));
        assert_eq!(number.to_string().len(), 15);
        assert!(is_number_of_ours(&number.to_string()) && is_number_of_ours("700000000000000"));
        for other in ["", "12", "9007199254740993", "x"] {
            assert!(!is_number_of_ours(other), "{other}");
        }
    }

    #[test]
    fn a_contact_is_written_as_the_vendors_sample_is() {
        let record = |value: Value| value.as_object().cloned().unwrap();
        let (own, address, card) = (
            record(json!({"LastName": "O'Neill & <Sons>\u{1}", "Email": "a@shop.example", "Type": "Person"})),
            record(json!({"City": "Praha"})),
            record(json!({"Name": "A", "CategoryId": 21})),
        );
        let written = project(&Project {
            number: 7,
            kind: Contact::Person,
            own: &own,
            address: &address,
            card: &card,
        });
        assert_eq!(
            written,
            "<Project Id=\"7\"><CategoryId>21</CategoryId><Name>A</Name><Contacts><Contact Id=\"7\"><Type>Person</Type>\
             <LastName>O'Neill &amp; &lt;Sons&gt;</LastName><Emails><Email><Value>a@shop.example</Value></Email></Emails>\
             <Addresses><Address><City>Praha</City></Address></Addresses></Contact></Contacts></Project>\n"
        );
    }
}
