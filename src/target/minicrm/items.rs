//! The lines of an order: what the shop says of them, and what has to change of those that are there. Pure.
//!
//! A line that is posted without its id is appended, even to an order that has it already (the manual, "Adding an
//! order item"): so each line that is there is told by its id, and what is left over is deleted.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::wire::{Record, id_in, text_in};
use crate::model::{Item, Items, OrderFacts};

/// MiniCRM shows net prices with so many decimals.
const DECIMALS_OF_A_PRICE: u32 = 6;

/// And quantities with so many.
const DECIMALS_OF_A_QUANTITY: u32 = 4;

/// A unit is mandatory, and the shop's is not known here: "piece", as in Hungarian.
const UNIT: &str = "db";

/// One line as it shall stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    sku: String,
    name: String,
    price_net: Decimal,
    quantity: Decimal,
    vat: Decimal,
}

/// What has to be done for an order to have the lines that it shall have.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Lines to post, with the id of the one that each takes the place of.
    pub post: Vec<Record>,
    /// Lines to delete.
    pub delete: Vec<u64>,
}

impl Changes {
    /// Whether nothing has to be done.
    pub fn is_empty(&self) -> bool {
        self.post.is_empty() && self.delete.is_empty()
    }
}

/// The lines of an order, as the shop says them. Where no line has a price, one over the whole total stands beside
/// them: an order without its sum is of no use to anybody.
pub fn lines(facts: &OrderFacts) -> Vec<Line> {
    let items = Items::from_json(facts.items.clone()).decode().unwrap_or_default();
    let mut lines: Vec<Line> = items.iter().map(line).collect();
    if lines.iter().all(|line| line.price_net.is_zero())
        && let Some(total) = facts.total.filter(|total| !total.is_zero())
    {
        lines.push(Line {
            sku: String::new(),
            name: facts.code.clone(),
            price_net: total,
            quantity: Decimal::ONE,
            vat: Decimal::ZERO,
        });
    }
    lines
}

fn line(item: &Item) -> Line {
    let number = |text: &str| text.parse::<Decimal>().ok();
    let amount = number(&item.amount).filter(|amount| !amount.is_zero());
    let quantity = amount.unwrap_or(Decimal::ONE);
    // The total of a line is after its discount, the price of one before it.
    let by_total = number(&item.total).and_then(|total| total.checked_div(quantity));
    let price = by_total.or_else(|| number(&item.unit_price)).unwrap_or_default();
    let vat = number(&item.vat_rate)
        .filter(|rate| *rate > Decimal::ZERO)
        .unwrap_or_default();
    let net = Decimal::ONE_HUNDRED
        .checked_add(vat)
        .and_then(|whole| price.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(whole));
    let name = [&item.name, &item.code, &item.kind]
        .into_iter()
        .find(|name| !name.is_empty());
    Line {
        sku: item.code.clone(),
        name: name.cloned().unwrap_or_default(),
        price_net: round(net.unwrap_or(price), DECIMALS_OF_A_PRICE),
        quantity: round(quantity, DECIMALS_OF_A_QUANTITY),
        vat,
    }
}

fn round(number: Decimal, decimals: u32) -> Decimal {
    number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero)
}

impl Line {
    /// As it is posted; with the id of the line that it takes the place of.
    pub fn record(&self, id: Option<u64>) -> Record {
        let fixed = |number: Decimal, decimals: u32| {
            let mut number = number;
            number.rescale(decimals);
            Value::from(number.to_string())
        };
        let mut record = Record::new();
        if let Some(id) = id {
            record.insert("Id".to_owned(), id.into());
        }
        for (name, value) in [
            ("SKU", Value::from(self.sku.as_str())),
            ("Name", self.name.as_str().into()),
            ("Description", "".into()),
            ("PriceNet", fixed(self.price_net, DECIMALS_OF_A_PRICE)),
            ("Quantity", fixed(self.quantity, DECIMALS_OF_A_QUANTITY)),
            ("Unit", UNIT.into()),
            ("VAT", self.vat.normalize().to_string().into()),
        ] {
            record.insert(name.to_owned(), value);
        }
        record
    }

    /// Whether a line that is there is this one.
    fn stands_as(&self, there: &Record) -> bool {
        let number = |field: &str| {
            let text = text_in(there, field)
                .replace([' ', '%', '\u{a0}'], "")
                .replace(',', ".");
            text.parse::<Decimal>().ok()
        };
        let is = |field: &str, wanted: Decimal, decimals: u32| {
            number(field).is_some_and(|there| round(there, decimals) == wanted)
        };
        text_in(there, "Name").trim() == self.name.trim()
            && text_in(there, "SKU").trim() == self.sku.trim()
            && is("PriceNet", self.price_net, DECIMALS_OF_A_PRICE)
            && is("Quantity", self.quantity, DECIMALS_OF_A_QUANTITY)
            && number("VAT").unwrap_or_default() == self.vat
    }

    fn is_of(&self, there: &Record, field: &str) -> bool {
        let ours = if field == "SKU" { &self.sku } else { &self.name };
        !ours.trim().is_empty() && text_in(there, field).trim() == ours.trim()
    }
}

/// What has to be done about the lines that are there. Each wanted one takes the place of the first that is just
/// like it, else that has its code, else its name; what is left of either side is added and deleted.
pub fn changes(wanted: &[Line], there: &[Record]) -> Changes {
    let mut left: Vec<&Record> = there.iter().collect();
    let mut open: Vec<Option<&Line>> = wanted.iter().map(Some).collect();
    let mut changes = Changes::default();
    for line in &mut open {
        if let Some(wanted) = line
            && let Some(place) = left.iter().position(|there| wanted.stands_as(there))
        {
            left.remove(place);
            *line = None;
        }
    }
    let mut posted: Vec<(usize, Record)> = Vec::new();
    for field in ["SKU", "Name"] {
        for (place, line) in open.iter_mut().enumerate() {
            let Some(wanted) = line else { continue };
            if let Some(found) = left.iter().position(|there| wanted.is_of(there, field)) {
                posted.push((place, wanted.record(id_in(left.remove(found), "Id"))));
                *line = None;
            }
        }
    }
    let new = open.iter().enumerate();
    posted.extend(new.filter_map(|(place, line)| Some((place, (*line)?.record(None)))));
    posted.sort_by_key(|(place, _)| *place);
    changes.post = posted.into_iter().map(|(_, record)| record).collect();
    changes.delete = left.iter().filter_map(|there| id_in(there, "Id")).collect();
    changes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts(items: &[Item], total: &str) -> OrderFacts {
        let mut all = Items::default();
        items.iter().for_each(|item| all.push(item));
        OrderFacts {
            code: "2024000001".to_owned(),
            items: all.into_json(),
            total: total.parse().ok(),
            ..OrderFacts::default()
        }
    }

    fn item(code: &str, name: &str, amount: &str, unit_price: &str, vat_rate: &str) -> Item {
        Item {
            code: code.to_owned(),
            name: name.to_owned(),
            amount: amount.to_owned(),
            unit_price: unit_price.to_owned(),
            vat_rate: vat_rate.to_owned(),
            ..Item::default()
        }
    }

    fn there(line: &Line, id: u64) -> Record {
        line.record(Some(id))
    }

    #[test]
    fn a_net_price_is_exact_to_six_decimals() {
        let discounted = Item {
            total: "900.00".to_owned(),
            ..item("T/XL", "Shirt", "2", "500.00", "21")
        };
        let lines = lines(&facts(&[discounted, item("", "", "1", "-300.00", "")], "600.00"));
        let told: Vec<Value> = lines.iter().map(|line| line.record(None).into()).collect();
        assert_eq!(
            Value::from(told),
            json!([
                {"SKU": "T/XL", "Name": "Shirt", "Description": "", "PriceNet": "371.900826", "Quantity": "2.0000",
                 "Unit": "db", "VAT": "21"},
                {"SKU": "", "Name": "", "Description": "", "PriceNet": "-300.000000", "Quantity": "1.0000",
                 "Unit": "db", "VAT": "0"},
            ])
        );
    }

    #[test]
    fn an_order_of_which_the_shop_tells_no_price_shows_its_total() {
        let coupon = item("SALE10", "Coupon", "1", "", "");
        let sums = |facts: &OrderFacts| {
            lines(facts)
                .iter()
                .map(|line| line.price_net.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(sums(&facts(&[coupon], "100.00")), ["0", "100.00"]);
        assert_eq!(sums(&facts(&[], "100.00")), ["100.00"]);
        assert_eq!(sums(&facts(&[], "0.00")), [""; 0]);
        assert_eq!(sums(&facts(&[item("A", "A", "1", "5", "")], "100.00")), ["5"]);
        assert_eq!(
            sums(&facts(&[item("A", "A", "0", "5", "99999999999999999999")], "")).len(),
            1
        );
    }

    #[test]
    fn what_is_there_is_told_by_its_id_and_nothing_is_doubled() {
        let all = lines(&facts(
            &[
                item("A", "Apple", "1", "10", "21"),
                item("B", "Pear", "1", "20", "21"),
                item("", "Parcel", "1", "5", "21"),
            ],
            "35",
        ));
        let as_they_are: Vec<Record> = all.iter().zip(1..).map(|(line, id)| there(line, id)).collect();
        assert!(changes(&all, &as_they_are).is_empty());
        let mut shown = as_they_are.clone();
        for record in &mut shown {
            record.insert("VAT".to_owned(), json!("21%"));
        }
        assert!(changes(&all, &shown).is_empty(), "as MiniCRM shows it");

        let dearer = lines(&facts(
            &[
                item("B", "Pear", "2", "20", "21"),
                item("C", "Plum", "1", "7", "21"),
            ],
            "47",
        ));
        let told = changes(&dearer, &as_they_are);
        let ids: Vec<Option<u64>> = told.post.iter().map(|line| id_in(line, "Id")).collect();
        assert_eq!(ids, [Some(2), None]);
        assert_eq!(told.delete, [1, 3]);
        assert_eq!(changes(&all, &[]).post.len(), 3);
        assert_eq!(changes(&[], &as_they_are).delete, [1, 2, 3]);
    }

    #[test]
    fn two_lines_of_one_product_stay_two() {
        let twice = lines(&facts(
            &[
                item("A", "Apple", "1", "10", "21"),
                item("A", "Apple", "1", "9", "21"),
            ],
            "19",
        ));
        let there: Vec<Record> = twice.iter().zip(1..).map(|(line, id)| there(line, id)).collect();
        assert!(changes(&twice, &there).is_empty());
        let once = &twice[..1];
        assert_eq!(changes(once, &there).delete, [2]);
    }
}
