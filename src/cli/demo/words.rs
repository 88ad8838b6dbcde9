//! The demonstration in plain words.

use std::io::Write;

use super::place::Place;
use super::story::Event;
use super::{Counted, Demonstration, Size, Told, printed};
use crate::error::Result;

/// Tells the demonstration as it goes on, or all of it at the end as JSON.
pub(super) struct Teller<'a> {
    out: &'a mut (dyn Write + Send),
    json: bool,
}

impl<'a> Teller<'a> {
    pub(super) fn new(out: &'a mut (dyn Write + Send), json: bool) -> Self {
        Self { out, json }
    }

    pub(super) fn the_shop(&mut self, size: Size) -> Result<()> {
        self.say(&format!(
            "A simulated shop with {} and {} runs on this machine (seed {}).\n\n",
            counted(size.customers as u64, "customer"),
            counted(size.orders as u64, "order"),
            size.seed
        ))
    }

    pub(super) fn first_import(&mut self, told: &Told, result: &Counted) -> Result<()> {
        let report = &told.report;
        let verdict = verdict(
            &result.wrong,
            "Each order is on the contact of whoever placed it, and all sums agree.",
        );
        self.say(&format!(
            "First import, {}\n  {} and {} became {}: {} and {}.\n{verdict}\n",
            seconds(told),
            counted(report.customers_read, "customer"),
            counted(report.orders_read, "order"),
            counted(result.contacts as u64, "contact"),
            counted(result.customers as u64, "customer"),
            counted(result.guests as u64, "guest"),
        ))
    }

    pub(super) fn what_happened(&mut self, events: &[Event], told: &Told, wrong: &[String]) -> Result<()> {
        self.say("Then this happened in the shop, and this is what the contacts show of it\n")?;
        for (number, event) in (1..).zip(events) {
            self.say(&format!(
                "{number:>3}. {}\n     → {}.\n",
                event.happened(),
                event.shows()
            ))?;
        }
        let done = told.report.targets.values().next().cloned().unwrap_or_default();
        let verdict = verdict(
            wrong,
            "Each order is there once, each customer is one contact, all sums agree.",
        );
        self.say(&format!(
            "\nSecond import, {}\n  {} and {} new, {} and {} updated, nothing else touched.\n{verdict}\n",
            seconds(told),
            counted(done.created, "contact"),
            counted(done.orders_created, "order"),
            counted(done.updated, "contact"),
            counted(done.orders_updated, "order"),
        ))
    }

    pub(super) fn nothing_new(&mut self, told: &Told, untouched: bool) -> Result<()> {
        let result = if untouched {
            "Nothing was new in the shop, so not a byte of the contact database has changed."
        } else {
            "NOT RIGHT: nothing was new in the shop, and yet the contact database has changed."
        };
        self.say(&format!("Third import, {}\n  {result}\n\n", seconds(told)))
    }

    pub(super) fn where_it_is(&mut self, place: &Place) -> Result<()> {
        self.say(&format!(
            "The contacts are in {}\nTry\n",
            place.database.display()
        ))?;
        for command in &place.commands {
            self.say(&format!("  {command}\n"))?;
        }
        Ok(())
    }

    pub(super) fn as_json(&mut self, demonstration: &Demonstration) -> Result<()> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(demonstration).map_err(std::io::Error::other);
        printed(text.and_then(|text| writeln!(self.out, "{text}")))
    }

    fn say(&mut self, words: &str) -> Result<()> {
        if self.json {
            return Ok(());
        }
        printed(
            self.out
                .write_all(words.as_bytes())
                .and_then(|()| self.out.flush()),
        )
    }
}

fn verdict(wrong: &[String], all_is_well: &str) -> String {
    if wrong.is_empty() {
        return format!("  {all_is_well}\n");
    }
    let shown = wrong
        .iter()
        .take(10)
        .map(|difference| format!("  NOT RIGHT: {difference}\n"));
    let more = wrong.len().saturating_sub(10);
    let more = (more > 0).then(|| format!("  … and {more} more\n"));
    shown.chain(more).collect()
}

fn seconds(told: &Told) -> String {
    format!("{:.1} s", told.seconds)
}

/// `1 order`, `12 500 orders`
fn counted(number: u64, of: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {of}{plural}", grouped(&number.to_string()))
}

/// `12345.60` → `12 345.60`; nothing is `0`.
pub(super) fn money(amount: &str) -> String {
    match amount.split_once('.') {
        _ if amount.is_empty() => "0".to_owned(),
        Some((whole, rest)) => format!("{}.{rest}", grouped(whole)),
        None => grouped(amount),
    }
}

/// Thousands apart, with a space that no line breaks at.
fn grouped(digits: &str) -> String {
    let length = digits.chars().count();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        let left = length.saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{counted, money};

    #[test]
    fn numbers_can_be_read() {
        let shown = ["1234567.50", "-123.00", "", "999"].map(money);
        assert_eq!(shown, ["1\u{a0}234\u{a0}567.50", "-123.00", "0", "999"]);
        assert_eq!(counted(1, "order"), "1 order");
        assert_eq!(counted(12_500, "order"), "12\u{a0}500 orders");
    }
}
