//! Customers out of the XML export. Few of its names are documented, so they are read tolerantly:
//! without case and without the underscores.

use super::bytes::Text;
use super::cursor::Cursor;
use super::found::Recipe;
use super::parties::RawParty;
use super::{Content, Fault, Locale, Part, Sink, dates, numbers, xml};
use crate::error::Result;
use crate::model::{Account, Customer};

const TAG: &str = "CUSTOMER";
const KEY: &str = "GUID";

static RECIPE: Recipe<Customer> = Recipe {
    read: |record, _, locale| xml::read(record, TAG, |cursor| customer(cursor, locale)),
    key: |record| xml::key_in(record, KEY),
};

/// Finds the records of the whole document.
pub(super) fn find(text: &mut Text, sink: &mut Sink<'_, Customer>) -> Result<()> {
    xml::find(text, Content::Customers, TAG, KEY, sink, &RECIPE)
}

fn customer(cursor: &mut Cursor<'_>, locale: &Locale) -> Part<Customer> {
    let mut customer = Customer::default();
    // Where there are no accounts, the customer's own e-mail and phone are the log-in.
    let mut own = Account::default();
    while let Some(name) = cursor.child()? {
        match folded(name).as_str() {
            "GUID" | "CUSTOMERGUID" => customer.guid = cursor.text()?.into_owned(),
            "REGISTRATIONDATE" | "CREATIONTIME" | "CREATED" | "REGISTERED" => {
                let date = cursor.text()?;
                customer.created_at = dates::moment(&date, &locale.timezone, "the registration date")?;
            }
            "CHANGETIME" | "UPDATED" => {
                let date = cursor.text()?;
                customer.changed_at = dates::moment(&date, &locale.timezone, "the change time")?;
            }
            "BILLINGADDRESS" => customer.billing = party(cursor)?.party(),
            "SHIPPINGADDRESS" | "DELIVERYADDRESS" => delivery(cursor, &mut customer)?,
            "SHIPPINGADDRESSES" | "DELIVERYADDRESSES" => {
                while cursor.child()?.is_some() {
                    delivery(cursor, &mut customer)?;
                }
            }
            "ACCOUNTS" => {
                while cursor.child()?.is_some() {
                    customer.accounts.push(account(cursor)?);
                }
            }
            "EMAIL" => own.email = cursor.text()?.into_owned(),
            "PHONE" => own.phone = cursor.text()?.into_owned(),
            "CUSTOMERGROUP" | "CUSTOMERGROUPNAME" | "GROUP" => {
                customer.group = cursor.text_or_child("NAME")?.into_owned();
            }
            "PRICELIST" | "PRICELISTNAME" => {
                customer.price_list = cursor.text_or_child("NAME")?.into_owned();
            }
            "REMARK" | "NOTE" => customer.remark = cursor.text()?.into_owned(),
            "BIRTHDATE" | "BIRTHDAY" => customer.birth_date = cursor.text()?.into_owned(),
            "ADMINURL" => customer.admin_url = cursor.text()?.into_owned(),
            "NEWSLETTER" | "NEWSLETTERCONSENT" => {
                customer.newsletter = numbers::yes_or_no(&cursor.text()?, "the newsletter consent")?;
            }
            _ => cursor.skip()?,
        }
    }
    if customer.guid.is_empty() {
        return Err(Fault::new("the guid is missing"));
    }
    if customer.accounts.is_empty() && own != Account::default() {
        customer.accounts.push(own);
    }
    Ok(customer)
}

fn delivery(cursor: &mut Cursor<'_>, customer: &mut Customer) -> Part<()> {
    let party = party(cursor)?;
    if !party.is_empty() {
        customer.deliveries.push(party.party());
    }
    Ok(())
}

fn party<'a>(cursor: &mut Cursor<'a>) -> Part<RawParty<'a>> {
    let mut party = RawParty::default();
    while let Some(name) = cursor.child()? {
        match folded(name).as_str() {
            "FULLNAME" | "NAME" => party.name = cursor.text()?,
            "COMPANY" | "COMPANYNAME" => party.company = cursor.text()?,
            "COMPANYID" => party.company_id = cursor.text()?,
            "VATID" => party.vat_id = cursor.text()?,
            "TAXID" => party.tax_id = cursor.text()?,
            "STREET" => party.street = cursor.text()?,
            "HOUSENUMBER" => party.house_number = cursor.text()?,
            "CITY" => party.city = cursor.text()?,
            "DISTRICT" => party.district = cursor.text()?,
            "ZIP" => party.zip = cursor.text()?,
            "COUNTRY" | "COUNTRYNAME" => party.country = cursor.text()?,
            "COUNTRYCODE" => party.country_code = cursor.text()?,
            _ => cursor.skip()?,
        }
    }
    Ok(party)
}

fn account(cursor: &mut Cursor<'_>) -> Part<Account> {
    let mut account = Account::default();
    while let Some(name) = cursor.child()? {
        match folded(name).as_str() {
            "GUID" | "ACCOUNTGUID" => account.guid = cursor.text()?.into_owned(),
            "EMAIL" => account.email = cursor.text()?.into_owned(),
            "PHONE" => account.phone = cursor.text()?.into_owned(),
            "FULLNAME" | "NAME" => account.name = cursor.text()?.into_owned(),
            "MAINACCOUNT" | "MAIN" | "ISMAIN" => {
                account.main = numbers::yes_or_no(&cursor.text()?, "the main account")?.unwrap_or(false);
            }
            _ => cursor.skip()?,
        }
    }
    Ok(account)
}

/// `FULL_NAME`, `fullName` and `FullName` are one name.
fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-'))
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}
