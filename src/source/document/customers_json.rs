//! Customers as the API tells them: the lines of a customer snapshot, and the detail of one customer.

use serde::Deserialize;

use super::bytes::Text;
use super::found::Recipe;
use super::json::{self, Loose, Named, WireAddress};
use super::lines;
use super::{Content, Fault, Locale, Part, Sink, dates, numbers};
use crate::error::{Error, Kind, Result};
use crate::model::{Account, Customer};

static RECIPE: Recipe<Customer> = Recipe {
    read: |line, _, locale| customer(line, locale),
    key: |line| {
        let parsed = json::parse::<Key<'_>>(line).map(|key| key.guid.owned());
        parsed.ok().or_else(|| json::key_in(line, "guid"))
    },
};

/// Finds the records of the whole document.
pub(super) fn find(text: &mut Text, sink: &mut Sink<'_, Customer>) -> Result<()> {
    lines::find(text, Content::Customers, sink, &RECIPE)
}

/// The customer in `object`: the member `customer` of a detail answer or a line of a snapshot.
///
/// # Errors
/// [`Kind::BadRecord`] when it cannot be understood.
pub fn customer_from_api(object: &[u8], locale: &Locale) -> Result<Customer> {
    customer(object, locale)
        .map_err(|fault| Error::new(Kind::BadRecord, "reading a customer of the API", fault.0))
}

fn customer(object: &[u8], locale: &Locale) -> Part<Customer> {
    let wire: WireCustomer<'_> = json::parse(object)?;
    if wire.guid.0.is_empty() {
        return Err(Fault::new("the guid is missing"));
    }
    let mut addresses = wire.delivery_address.unwrap_or_default();
    // Stable: the shop's order stays among the others.
    addresses.sort_by_key(|address| address.is_default.0 != "true");
    let mut accounts = Vec::new();
    for account in wire.accounts.unwrap_or_default() {
        accounts.push(Account {
            guid: account.guid.owned(),
            email: account.email.owned(),
            phone: account.phone.owned(),
            name: account.full_name.owned(),
            main: numbers::yes_or_no(&account.main_account.0, "mainAccount")?.unwrap_or(false),
        });
    }
    Ok(Customer {
        created_at: dates::moment(&wire.creation_time.0, &locale.timezone, "creationTime")?,
        changed_at: dates::moment(&wire.change_time.0, &locale.timezone, "changeTime")?,
        billing: wire.billing_address.unwrap_or_default().raw().party(),
        deliveries: addresses
            .into_iter()
            .map(WireAddress::raw)
            .filter(|address| !address.is_empty())
            .map(|address| address.party())
            .collect(),
        accounts,
        group: wire.customer_group.unwrap_or_default().name.owned(),
        price_list: wire.price_list.unwrap_or_default().name.owned(),
        remark: wire.remark.owned(),
        birth_date: wire.birth_date.owned(),
        admin_url: wire.admin_url.owned(),
        newsletter: None,
        guid: wire.guid.owned(),
    })
}

#[derive(Deserialize)]
struct Key<'a> {
    #[serde(borrow, default)]
    guid: Loose<'a>,
}

/// What is read of the API's customer; all of it may be null, and what is unknown is passed over.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireCustomer<'a> {
    #[serde(borrow)]
    guid: Loose<'a>,
    creation_time: Loose<'a>,
    change_time: Loose<'a>,
    remark: Loose<'a>,
    birth_date: Loose<'a>,
    admin_url: Loose<'a>,
    customer_group: Option<Named<'a>>,
    price_list: Option<Named<'a>>,
    billing_address: Option<WireAddress<'a>>,
    delivery_address: Option<Vec<WireAddress<'a>>>,
    accounts: Option<Vec<WireAccount<'a>>>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WireAccount<'a> {
    #[serde(borrow)]
    guid: Loose<'a>,
    email: Loose<'a>,
    phone: Loose<'a>,
    full_name: Loose<'a>,
    main_account: Loose<'a>,
}
