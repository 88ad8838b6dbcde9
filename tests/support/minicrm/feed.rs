//! The XML feed: what is uploaded is taken without a word and worked through later. A thing is told by its number.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::asked::Asked;
use super::cards::reference_of;
use super::text;
use super::world::{Order, Record, World};
use super::{ORDERS, WEBSHOP};

/// An element of a document.
#[derive(Debug, Default)]
struct Element {
    name: String,
    id: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    fn text_of(&self, name: &str) -> String {
        self.child(name)
            .map(|child| child.text.clone())
            .unwrap_or_default()
    }

    /// The elements that hold nothing but text, as fields.
    fn fields(&self) -> Record {
        let plain = self.children.iter().filter(|child| child.children.is_empty());
        plain
            .map(|child| (child.name.clone(), json!(child.text)))
            .collect()
    }
}

fn parse(document: &str) -> Option<Element> {
    let mut reader = Reader::from_str(document);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let id = start.try_get_attribute("Id").ok()?;
                open.push(Element {
                    name: start.name().as_ref().to_owned(),
                    id: id.map(|id| id.value.to_string()).unwrap_or_default(),
                    ..Element::default()
                });
            }
            Event::Text(words) => open.last_mut()?.text.push_str(&words),
            Event::GeneralRef(entity) => {
                let name = format!("&{};", &*entity);
                open.last_mut()?.text.push_str(&unescape(&name).ok()?);
            }
            Event::End(_) => {
                let done = open.pop()?;
                open.last_mut()?.children.push(done);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    root.children.into_iter().next()
}

impl World {
    pub(super) fn upload(&mut self, asked: &Asked, feed: &str) -> Answer {
        if asked.method != "POST" {
            return answers::not_allowed();
        }
        if feed != self.feed.to_string() {
            return answers::not_found();
        }
        let what = "SyncFeed (POST)";
        if parse(&asked.text).is_none_or(|root| root.name != "Projects") {
            return answers::refused(what, "Invalid XML");
        }
        if let Some((_, value)) = &self.refused
            && asked.text.contains(value.as_str())
        {
            return answers::refused(what, &format!("a rule forbids '{value}'"));
        }
        match &mut self.waiting {
            Some(waiting) if self.prompt == 0 => waiting.push(asked.text.clone()),
            _ => {
                self.prompt = self.prompt.saturating_sub(1);
                self.work_through(&asked.text);
            }
        }
        (200, String::new())
    }

    /// Works through what was uploaded before.
    pub fn work_through_all(&mut self) {
        for document in self.waiting.take().unwrap_or_default() {
            self.work_through(&document);
        }
    }

    fn work_through(&mut self, document: &str) {
        let root = parse(document).unwrap();
        for project in root.all("Project") {
            let number = self.number_of(&project.id);
            let known = self.cards.iter().find(|(_, card)| reference_of(card) == number);
            let card = match known.map(|(id, _)| *id) {
                Some(card) => self.change_uploaded(card, project),
                None => self.make_uploaded(&number, project),
            };
            let Some(card) = card else { continue };
            let customer = self.cards[&card]["ContactId"].as_u64().unwrap();
            for order in project
                .child("Orders")
                .into_iter()
                .flat_map(|all| all.all("Order"))
            {
                self.upload_order(customer, order);
            }
        }
    }

    /// A number, as long as this system takes them.
    fn number_of(&mut self, written: &str) -> String {
        let number: u64 = written.parse().unwrap_or_else(|_| {
            self.violations.push(format!("{written} is no number"));
            0
        });
        match self.manners.longest_number {
            Some(longest) => number.min(longest).to_string(),
            None => number.to_string(),
        }
    }

    fn make_uploaded(&mut self, number: &str, project: &Element) -> Option<u64> {
        let business = project.child("Business");
        let person = project.child("Contacts").and_then(|all| all.child("Contact"));
        let Some(of) = business.or(person) else {
            self.violations.push(format!("{number} tells no contact"));
            return None;
        };
        let kind = if business.is_some() { "Business" } else { "Person" };
        let contact = self.new_id();
        let now = self.now();
        let card = self.new_id();
        let made = json!({"Type": kind, "CreatedAt": now, "UpdatedAt": now});
        self.contacts.insert(contact, made.as_object().cloned().unwrap());
        let made = json!({
            "CategoryId": WEBSHOP, "ContactId": contact, "ReferenceId": number, "CreatedAt": now, "UpdatedAt": now,
        });
        self.cards.insert(card, made.as_object().cloned().unwrap());
        self.write_uploaded(contact, of);
        self.change_uploaded(card, project)
    }

    /// The fields of a card; a contact is not told again by this program.
    fn change_uploaded(&mut self, card: u64, project: &Element) -> Option<u64> {
        let mut fields = project.fields();
        if let Some(category) = fields.remove("CategoryId")
            && text(&category) != WEBSHOP.to_string()
        {
            self.violations.push(format!("{category} is not this product"));
        }
        for labelled in ["StatusId", "UserId"] {
            let is_number = fields
                .get(labelled)
                .is_some_and(|value| text(value).parse::<u64>().is_ok());
            if is_number {
                self.violations
                    .push(format!("{labelled} is not told by its label"));
            }
        }
        if let Some(fault) = self.faults(&WEBSHOP.to_string(), "SyncFeed", &fields, &[]) {
            self.violations.push(fault.1);
        }
        self.cards.get_mut(&card).unwrap().extend(fields);
        let contact = self.cards[&card]["ContactId"].as_u64().unwrap();
        let of = project
            .child("Business")
            .or_else(|| project.child("Contacts")?.child("Contact"));
        if let Some(of) = of {
            self.write_uploaded(contact, of);
        }
        Some(card)
    }

    fn write_uploaded(&mut self, contact: u64, of: &Element) {
        let mut fields = of.fields();
        for (several, one) in [("Emails", "Email"), ("Phones", "Phone")] {
            if let Some(entry) = of.child(several).and_then(|all| all.child(one)) {
                fields.insert(one.to_owned(), json!(entry.text_of("Value")));
            }
        }
        let kind = text(&self.contacts[&contact]["Type"]);
        fields.remove("Type");
        if let Some(fault) = self.faults(&kind, "SyncFeed", &fields, &[]) {
            self.violations.push(fault.1);
        }
        self.contacts.get_mut(&contact).unwrap().extend(fields);
        for address in of
            .child("Addresses")
            .into_iter()
            .flat_map(|all| all.all("Address"))
        {
            let mut fields = address.fields();
            fields.insert("ContactId".to_owned(), json!(contact));
            let known = self
                .addresses
                .iter()
                .find(|(_, there)| there["ContactId"] == contact && there.get("Name") == fields.get("Name"));
            let known = known.map(|(id, _)| *id);
            let id = known.unwrap_or_else(|| self.new_id());
            self.addresses.entry(id).or_default().extend(fields);
        }
    }

    fn upload_order(&mut self, customer: u64, order: &Element) {
        let number = self.number_of(&order.id);
        let stage = match order.text_of("Status").as_str() {
            "Draft" => "Draft",
            "Issued" => "In progress",
            "Completed" => "Completed",
            "Failed" => "Failed",
            other => {
                self.violations.push(format!("{other} is no status of an order"));
                return;
            }
        };
        let mut lines: Vec<(u64, Record)> = Vec::new();
        for product in order
            .child("Products")
            .into_iter()
            .flat_map(|all| all.all("Product"))
        {
            let id: u64 = self.number_of(&product.id).parse().unwrap();
            let mut line = product.fields();
            let vat = text(&line["VAT"]);
            let Some(vat) = vat.strip_suffix('%') else {
                self.violations.push(format!("{vat} is no rate"));
                return;
            };
            line.insert("VAT".to_owned(), json!(vat));
            match lines.iter_mut().find(|(known, _)| *known == id) {
                // Of two lines of one product the first price counts, for both.
                Some((_, there)) => {
                    let sum = |one: &Value, other: &Value| {
                        let number = |value: &Value| text(value).parse::<f64>().unwrap();
                        format!("{:.4}", number(one) + number(other))
                    };
                    let both = sum(&there["Quantity"], &line["Quantity"]);
                    there.insert("Quantity".to_owned(), json!(both));
                }
                None => lines.push((id, line)),
            }
        }
        let changed = self.new_id();
        let is_it = |order: &Order| order.uploaded_as.as_ref() == Some(&number);
        let known = self.orders.iter().find(|(_, order)| is_it(order));
        let id = match known.map(|(id, _)| *id) {
            Some(id) => id,
            None => {
                let card = self.new_id();
                let now = self.now();
                let made = json!({
                    "CategoryId": ORDERS, "ContactId": customer, "Name": order.text_of("Number"),
                    "CreatedAt": now, "UpdatedAt": now,
                });
                self.cards.insert(card, made.as_object().cloned().unwrap());
                self.next_order += 1;
                self.orders.insert(
                    self.next_order,
                    Order {
                        card,
                        customer,
                        currency: order.text_of("CurrencyCode"),
                        // Nothing says that a feed sets it.
                        subject: String::new(),
                        lines: Vec::new(),
                        stage: String::new(),
                        changed,
                        uploaded_as: Some(number),
                    },
                );
                self.next_order
            }
        };
        let there = self.orders.get_mut(&id).unwrap();
        (there.lines, there.stage, there.changed) = (lines, stage.to_owned(), changed);
        let card = there.card;
        if let Some(fields) = order.child("Project").map(Element::fields) {
            if let Some(fault) = self.faults(&ORDERS.to_string(), "SyncFeed", &fields, &[]) {
                self.violations.push(fault.1);
            }
            self.cards.get_mut(&card).unwrap().extend(fields);
        }
    }
}
