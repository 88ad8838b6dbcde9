//! `[[shop]]`: a shop, apart from the ways into it and what is wanted of it.

use std::collections::BTreeSet;

use super::address::{self, Extent, web};
use super::codes;
use super::known;
use super::origin;
use super::records;
use super::section::Section;
use super::wording::shown;
use crate::source::settings::ShopSettings;

/// A shop as far as it could be read: a target may name it although something else in it is wrong.
pub(super) struct ReadShop {
    pub(super) name: Option<String>,
    /// `None`: a fault was noted.
    pub(super) settings: Option<ShopSettings>,
}

/// All shops, their names unique.
pub(super) fn read_all(top: &Section) -> Vec<ReadShop> {
    let sections = top.tables("shop");
    if !top.has("shop") || top.list_is_empty("shop") {
        top.missing("shop", "a section [[shop]] says which shop is read");
    }
    let mut names = BTreeSet::new();
    let mut shops = Vec::with_capacity(sections.len());
    for section in &sections {
        section.refuse_unknown(&[&known::SHOP]);
        let name = unique_name(section, "shop", &mut names);
        shops.push(ReadShop {
            settings: read(section, name.as_deref()),
            name,
        });
    }
    shops
}

/// The `name` of a section, which no other of its list has.
pub(super) fn unique_name(section: &Section, what: &str, names: &mut BTreeSet<String>) -> Option<String> {
    section.required_text(
        "name",
        &format!("what this {what} is called here, in a-z, 0-9 and -"),
    )?;
    let name = section.parsed("name", plain_name)?;
    if !names.insert(name.clone()) {
        section.fault("name", format!("there is a {what} of this name above"));
    }
    Some(name)
}

/// Names become parts of keys, where `:` and `/` have a meaning of their own.
fn plain_name(text: &str) -> Result<String, String> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !text.is_empty() && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("{} must be of a-z, 0-9 and - only", shown(text)))
    }
}

fn read(section: &Section, name: Option<&str>) -> Option<ShopSettings> {
    let group = section.parsed("group", plain_name);
    section.required_text("url", "the address of the shop");
    let url = section.parsed("url", web(Extent::Host));
    section.required_text("country", "two letters, for phone numbers without a prefix");
    let country = section.parsed("country", codes::country);
    let currency = section.parsed("currency", codes::currency);
    let timezone = section.parsed("timezone", codes::timezone);
    let hosts = section.parsed_list("hosts", address::host);
    let api = origin::read_api(section);
    let exports = origin::read_exports(section);
    if !section.has("api") && !section.has("exports") {
        section.check.warnings_of_reading.borrow_mut().push(format!(
            "shop \"{}\" has neither [shop.api] nor [shop.exports]: it can only be imported from files",
            name.unwrap_or_default()
        ));
    }
    let customers = records::read_customers(section, exports.as_ref());
    let orders = records::read_orders(section, exports.as_ref());
    let name = name?.to_owned();
    Some(ShopSettings {
        group: group.unwrap_or_else(|| name.clone()),
        name,
        url: url?,
        country: country?,
        currency,
        timezone,
        hosts: hosts.unwrap_or_default(),
        api,
        exports,
        customers: customers?,
        orders: orders?,
    })
}
