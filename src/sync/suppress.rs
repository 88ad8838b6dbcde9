//! Readings of people who were forgotten: what is left of them, before anything is stored.
//!
//! A customer with nobody else in it is dropped, one with other log-ins loses the person's. An order says
//! by its e-mail, or where it has none by its phone, that it is a forgotten person's, as the rules decide
//! whose it is. Where it is another contact's all the same (an employee's, on their company's account), it
//! stays there as a figure, so that nobody else's sums change; elsewhere it is dropped.

use std::borrow::Cow;

use jiff::Timestamp;

use super::intake::{self, CustomerIntake, OrderIntake, email_clue, phone_clue};
use super::shop::ShopInRun;
use crate::error::{Doing, Kind, Result};
use crate::merge::assemble::country_for_phones;
use crate::merge::identity::{Rule, Verdict};
use crate::model::{Account, Customer};
use crate::state::State;
use crate::state::customers::StoredCustomer;
use crate::state::signs::OrderSigns;
use crate::state::suppressed::{Sign, Suppressed};

/// What is left of an order.
pub enum OrderLeft {
    /// All of it: nobody was forgotten.
    All,
    /// Figures, and what stands for the e-mail, should it be a log-in of somebody else's too.
    Figures(Box<OrderIntake>, Option<u64>),
    /// Nothing: its customer was forgotten.
    Nothing,
}

/// What is left of a customer: all of it, the same without some of its people, or nothing.
///
/// # Errors
/// When it cannot be stored.
pub fn customer<'a>(
    state: &State,
    shop: &ShopInRun,
    customer: &'a CustomerIntake,
) -> Result<Option<Cow<'a, CustomerIntake>>> {
    let suppressed = state.suppressed();
    let group = &shop.settings.group;
    let all_of_it = Some(Cow::Borrowed(customer));
    if suppressed.is_empty() {
        return Ok(all_of_it);
    }
    if suppressed.has(group, &Sign::Guid(customer.stored.guid.clone())) {
        return Ok(None);
    }
    let emails = customer.log_ins.iter().map(|email| Sign::Email(*email));
    let mut signs = emails.chain(customer.phones.iter().map(|phone| Sign::Phone(*phone)));
    if !signs.any(|sign| suppressed.has(group, &sign)) {
        return Ok(all_of_it);
    }
    let read: Customer = serde_json::from_str(&customer.stored.body)
        .doing(Kind::Database, || "reading a prepared customer".to_owned())?;
    let country = country_for_phones(&read.billing.address.country_code, &shop.home).to_owned();
    let is_forgotten = |account: &Account| is_forgotten(&suppressed, shop, account, &country);
    let (forgotten, others): (Vec<Account>, Vec<Account>) =
        read.accounts.iter().cloned().partition(is_forgotten);
    if forgotten.is_empty() {
        return Ok(all_of_it);
    }
    if !others.iter().any(is_somebody) {
        return Ok(None);
    }
    let left = without(read, &forgotten, others);
    let read_at = Timestamp::from_second(customer.stored.read_at).unwrap_or_default();
    let mut fewer = intake::customer(shop, &left, read_at)?;
    fewer.log_ins.extend(
        forgotten
            .iter()
            .filter_map(|account| suppressed.pseudonym(group, email_clue(shop, &account.email)?)),
    );
    fewer.stored = StoredCustomer {
        body: fewer.stored.body,
        content: fewer.stored.content,
        ..customer.stored.clone()
    };
    Ok(Some(Cow::Owned(fewer)))
}

/// Whether the person behind a log-in was forgotten: by its e-mail, or by its phone where it has none.
fn is_forgotten(suppressed: &Suppressed, shop: &ShopInRun, account: &Account, country: &str) -> bool {
    let sign = match email_clue(shop, &account.email) {
        Some(email) => Some(Sign::Email(email)),
        None => phone_clue(&account.phone, country).map(Sign::Phone),
    };
    sign.is_some_and(|sign| suppressed.has(&shop.settings.group, &sign))
}

/// Whether there is anybody behind a log-in at all.
pub fn is_somebody(account: &Account) -> bool {
    [&account.email, &account.phone, &account.name]
        .into_iter()
        .any(|text| !text.trim().is_empty())
}

/// A customer without some of its people. Company and address are the customer's and stay; a name goes
/// where it is theirs.
fn without(mut customer: Customer, forgotten: &[Account], others: Vec<Account>) -> Customer {
    let same =
        |one: &str, other: &str| !one.is_empty() && one.trim().to_lowercase() == other.trim().to_lowercase();
    let is_theirs = |name: &str| forgotten.iter().any(|account| same(&account.name, name));
    // What the customer's own values say of a person, they say of the main log-in's.
    let main = customer.accounts.iter().find(|account| account.main);
    let main = main
        .or(customer.accounts.first())
        .filter(|main| forgotten.contains(main));
    let is_nameless = main.is_some_and(|main| main.name.trim().is_empty());
    let is_of_others = others
        .iter()
        .any(|account| same(&account.name, &customer.billing.name));
    if is_theirs(&customer.billing.name) || is_nameless && !is_of_others {
        customer.billing.name.clear();
    }
    if main.is_some() {
        customer.newsletter = None;
        customer.birth_date.clear();
        customer.remark.clear();
    }
    for delivery in &mut customer.deliveries {
        if is_theirs(&delivery.name) {
            delivery.name.clear();
        }
    }
    customer.accounts = others;
    customer
}

/// What is left of an order.
///
/// # Errors
/// When it cannot be stored.
pub fn order(state: &State, shop: &ShopInRun, order: &OrderIntake) -> Result<OrderLeft> {
    let suppressed = state.suppressed();
    let (group, name) = (&shop.settings.group, &shop.settings.name);
    if suppressed.is_empty() {
        return Ok(OrderLeft::All);
    }
    let stored = &order.stored;
    if !stored.guid.is_empty() && suppressed.has(group, &Sign::Guid(stored.guid.clone())) {
        return Ok(OrderLeft::Nothing);
    }
    let signs = OrderSigns {
        id: 0,
        shop: shop.id,
        code: stored.code.clone(),
        email: stored.email,
        phone: stored.phone,
    };
    if !signs.is_suppressed(name, &|sign| suppressed.has(group, sign)) {
        return Ok(OrderLeft::All);
    }
    let pseudonym = stored.email.and_then(|email| suppressed.pseudonym(group, email));
    let figures = OrderIntake {
        stored: stored.clone().without_people(&order.status)?,
        ..order.clone()
    };
    Ok(OrderLeft::Figures(Box::new(figures), pseudonym))
}

/// Whether an order of a forgotten person is another contact's, by who names it or logs in with its e-mail.
/// Everything else the rules go by is the person's alone.
pub const fn is_of_another(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Existing(_, Rule::Guid | Rule::LogIn))
}
