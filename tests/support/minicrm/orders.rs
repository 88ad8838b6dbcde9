//! Orders: lines are appended unless they tell their id, and an order moves by verbs alone.

use serde_json::{Value, json};

use super::answers::{self, Answer};
use super::asked::Asked;
use super::world::{Order, Record, World};
use super::{ORDERS, text};

/// What a line has; the id of one that it takes the place of besides.
const OF_A_LINE: [&str; 8] = [
    "Id",
    "SKU",
    "Name",
    "Description",
    "PriceNet",
    "Quantity",
    "Unit",
    "VAT",
];

impl World {
    pub(super) fn order(&mut self, asked: &Asked, path: &[&str]) -> Answer {
        let number = path.first().and_then(|id| id.parse::<u64>().ok());
        let there = number.filter(|id| self.orders.contains_key(id));
        match (asked.method.as_str(), path, there) {
            ("POST", [], _) => self.make_order(asked),
            ("GET", ["List"], _) => self.list_orders(asked),
            ("GET" | "POST", [_, ..], None) => answers::not_found(),
            ("GET", [_], Some(id)) => answers::done(self.order_shown(id)),
            ("POST", [_], Some(id)) => self.change_order(asked, id),
            ("POST", [_, "Project"], Some(id)) => self.change_fields(asked, id),
            ("GET", [_, "DeleteItem", line], Some(id)) => self.delete_line(id, line),
            ("POST", [_, verb], Some(id)) => self.move_order(id, verb),
            _ => answers::not_allowed(),
        }
    }

    fn make_order(&mut self, asked: &Asked) -> Answer {
        let what = "Order (POST)";
        let customer = asked.sent("CustomerId").parse::<u64>().ok();
        let Some(customer) = customer.filter(|id| self.contacts.contains_key(id)) else {
            return answers::refused(what, "CustomerId or ReferenceId is mandatory");
        };
        if asked.sent("CurrencyCode").len() != 3 {
            return answers::refused(what, "CurrencyCode is mandatory");
        }
        let known = ["CustomerId", "CurrencyCode", "Subject", "Items"];
        if let Some(name) = asked.object().keys().find(|name| !known.contains(&name.as_str())) {
            return answers::refused(what, &format!("Nem megfelelő paraméter: \"{name}\""));
        }
        let lines = match self.lines(what, asked, &[]) {
            Ok(lines) => lines,
            Err(fault) => return fault,
        };
        let card = self.new_id();
        let now = self.now();
        let record = json!({
            "CategoryId": ORDERS, "ContactId": customer, "Name": format!("Order of {customer}"),
            "CreatedAt": now, "UpdatedAt": now,
        });
        self.cards.insert(card, record.as_object().cloned().unwrap());
        self.next_order += 1;
        let id = self.next_order;
        let order = Order {
            card,
            customer,
            currency: asked.sent("CurrencyCode"),
            subject: asked.sent("Subject"),
            lines,
            stage: "Draft".to_owned(),
            changed: self.new_id(),
            uploaded_as: None,
        };
        self.orders.insert(id, order);
        answers::done(self.order_shown(id))
    }

    /// Lines that were sent; `there` are the numbers of those that can be replaced.
    fn lines(&mut self, what: &str, asked: &Asked, there: &[u64]) -> Result<Vec<(u64, Record)>, Answer> {
        let mut lines = Vec::new();
        for line in asked.body["Items"].as_array().cloned().unwrap_or_default() {
            let line = line.as_object().cloned().unwrap_or_default();
            let fault = |words: &str| Err(answers::refused(what, words));
            if let Some(name) = line.keys().find(|name| !OF_A_LINE.contains(&name.as_str())) {
                return fault(&format!("Nem megfelelő paraméter: \"{name}\""));
            }
            for name in ["PriceNet", "Quantity", "VAT"] {
                if line
                    .get(name)
                    .map(text)
                    .unwrap_or_default()
                    .parse::<f64>()
                    .is_err()
                {
                    return fault(&format!("Invalid value for the {name} field."));
                }
            }
            if line.get("Unit").map(text).unwrap_or_default().is_empty() {
                return fault("Unit is mandatory");
            }
            let id = match line.get("Id").map(text) {
                Some(id) => match id.parse::<u64>().ok().filter(|id| there.contains(id)) {
                    Some(id) => id,
                    None => return fault("Invalid value for the Id field."),
                },
                None => self.new_id(),
            };
            lines.push((id, line));
        }
        Ok(lines)
    }

    fn change_order(&mut self, asked: &Asked, id: u64) -> Answer {
        let what = "Order (POST)";
        if self.orders[&id].stage != "Draft" {
            return answers::not_allowed();
        }
        if asked.sent("CustomerId") != self.orders[&id].customer.to_string() {
            return answers::refused(what, "CustomerId or ReferenceId is mandatory");
        }
        if asked.body.get("CurrencyCode").is_some() {
            return answers::refused(what, "CurrencyCode cannot be changed");
        }
        let there: Vec<u64> = self.orders[&id].lines.iter().map(|(line, _)| *line).collect();
        let lines = match self.lines(what, asked, &there) {
            Ok(lines) => lines,
            Err(fault) => return fault,
        };
        let changed = self.new_id();
        let order = self.orders.get_mut(&id).unwrap();
        for (number, line) in lines {
            match order.lines.iter_mut().find(|(known, _)| *known == number) {
                Some((_, there)) => *there = line,
                // What tells no id is one more, whether or not it is there already.
                None => order.lines.push((number, line)),
            }
        }
        if asked.body.get("Subject").is_some() {
            order.subject = asked.sent("Subject");
        }
        order.changed = changed;
        answers::done(self.order_shown(id))
    }

    fn change_fields(&mut self, asked: &Asked, id: u64) -> Answer {
        if let Some(fault) = self.faults(&ORDERS.to_string(), "Order (POST)", &asked.object(), &[]) {
            return fault;
        }
        let card = self.orders[&id].card;
        self.cards.get_mut(&card).unwrap().extend(asked.object());
        answers::done(self.order_shown(id))
    }

    fn delete_line(&mut self, id: u64, line: &str) -> Answer {
        let changed = self.new_id();
        let order = self.orders.get_mut(&id).unwrap();
        let place = order
            .lines
            .iter()
            .position(|(number, _)| number.to_string() == line);
        match (order.stage.as_str(), place) {
            ("Draft", Some(place)) => {
                order.lines.remove(place);
                order.changed = changed;
                answers::done(self.order_shown(id))
            }
            ("Draft", None) => answers::not_found(),
            _ => answers::not_allowed(),
        }
    }

    fn move_order(&mut self, id: u64, verb: &str) -> Answer {
        let can_be_cancelled = self.manners.paid_can_be_cancelled;
        let changed = self.new_id();
        let order = self.orders.get_mut(&id).unwrap();
        let to = match (order.stage.as_str(), verb) {
            ("Draft", "Finalize") => "In progress",
            ("In progress", "Edit") => "Draft",
            ("In progress", "Complete") => "Completed",
            ("Completed" | "Failed", "Paid") => "Paid",
            ("Completed", "Storno") => "Failed",
            ("Paid", "Storno") if can_be_cancelled => "Failed",
            _ => return answers::not_allowed(),
        };
        order.stage = to.to_owned();
        order.changed = changed;
        answers::done(self.order_shown(id))
    }

    /// Numbers as texts, and the stage nowhere but in the card, mostly.
    pub fn order_shown(&self, id: u64) -> Value {
        let order = &self.orders[&id];
        let number = |line: &Record, name: &str| text(&line[name]).parse::<f64>().unwrap_or_default();
        let mut amounts = [0.0, 0.0];
        let line = |(number_of_it, line): &(u64, Record)| {
            let (price, quantity, vat) = (
                number(line, "PriceNet"),
                number(line, "Quantity"),
                number(line, "VAT"),
            );
            amounts[0] += price * quantity;
            amounts[1] += price * quantity * (1.0 + vat / 100.0);
            json!({
                "Id": number_of_it.to_string(), "SKU": line["SKU"], "EAN": "", "Name": line["Name"],
                "Description": line["Description"], "PriceNet": format!("{price:.6}"),
                "Quantity": format!("{quantity:.4}"), "Unit": line["Unit"],
                "PriceNetTotal": format!("{:.4}", price * quantity), "VAT": format!("{vat}%"), "VATSubtype": "",
                "PriceTotal": format!("{:.2}", price * quantity * (1.0 + vat / 100.0)),
            })
        };
        let lines: Vec<Value> = order.lines.iter().map(line).collect();
        let card = self.order_card_shown(id);
        let mut inside = json!({ "Name": card["Name"] });
        if self.manners.order_shows_fields {
            let schema = &self.schemas[&ORDERS.to_string()];
            for name in schema.keys().filter(|name| card.get(*name).is_some()) {
                inside[name] = card[name].clone();
            }
        }
        let mut shown = json!({
            "Id": id.to_string(), "ProjectId": order.card.to_string(), "CustomerId": order.customer.to_string(),
            "Number": "", "InvoiceMode": "Normal", "Customer": {"Name": "", "CountryId": "1", "City": ""},
            "Subject": order.subject, "PaymentMethod": "Cash", "CurrencyCode": order.currency,
            "AmountNet": format!("{:.2}", amounts[0]), "Amount": format!("{:.2}", amounts[1]),
            "Items": lines, "Project": inside,
        });
        if self.manners.order_tells_status {
            shown["Status"] = json!(order.stage);
        }
        shown
    }

    /// The card of an order, with its stage in the language of the system.
    fn order_card_shown(&self, id: u64) -> Value {
        self.card_shown(self.orders[&id].card)
    }

    /// Issued orders only; those that were changed last come first.
    fn list_orders(&self, asked: &Asked) -> Answer {
        let mut issued: Vec<(u64, u64)> = self
            .orders
            .iter()
            .filter(|(_, order)| order.stage != "Draft")
            .map(|(id, order)| (order.changed, *id))
            .collect();
        issued.sort_unstable_by(|one, other| other.cmp(one));
        let ids = issued.into_iter().map(|(_, id)| id).collect();
        self.paged(asked, ids, |id| {
            let order = &self.orders[&id];
            json!({"Id": id.to_string(), "ProjectId": order.card.to_string(), "Type": "Order", "Status": order.stage})
        })
    }

    /// The card of an order shows the stage that the order is in.
    pub fn stage_label(&self, card: u64) -> Option<&'static str> {
        let order = self.orders.values().find(|order| order.card == card)?;
        self.stages()
            .into_iter()
            .find(|(_, _, word)| *word == order.stage)
            .map(|(_, label, _)| label)
    }
}
