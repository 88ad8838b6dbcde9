//! The shop's records as the real shop writes them.

pub mod csv;
pub mod json;
pub mod windows_1250;
pub mod xml;

use super::world::Money;

/// `1234.50`
fn decimal(amount: Money, point: char) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let hundredths = amount.unsigned_abs();
    format!("{sign}{}{point}{:02}", hundredths / 100, hundredths % 100)
}

/// The localised name of a country, as exports tell it.
fn country_name(code: &str) -> &str {
    match code {
        "CZ" => "Česká republika",
        "SK" => "Slovensko",
        "HU" => "Magyarország",
        other => other,
    }
}

/// Exports write nothing where the API writes `null`.
fn or_empty(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}
