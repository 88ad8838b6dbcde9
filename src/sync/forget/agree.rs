//! Making a state agree with `suppressed.db`: nobody who is suppressed is in it afterwards.
//!
//! A contact of which nothing is left becomes a shell until the targets are done with it; another one
//! loses the person, keeps their orders as figures, and is due.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::error::{Doing, Error, Kind, Result};
use crate::source::settings::{
    CustomersSettings, CustomersSource, Deleted, Guests, Mode, OrdersSettings, OrdersSource, ShopSettings,
};
use crate::state::State;
use crate::state::customers::CustomerOf;
use crate::state::shops::ShopRow;
use crate::state::signs::OrderSigns;
use crate::state::suppressed::Sign;
use crate::state::unsettled::UNDECIDED;
use crate::sync::intake::{self, CustomerIntake};
use crate::sync::shop::ShopInRun;
use crate::sync::suppress;

/// Takes everybody who is suppressed out of the state; answers with how many contacts that concerned.
///
/// # Errors
/// When the state cannot be read or written; nothing of it stays then.
pub fn agree(state: &State, settings: &[ShopSettings], targets: &[i64], now: Timestamp) -> Result<usize> {
    let has = |group: &str, sign: &Sign| state.suppressed().has(group, sign);
    let contacts = state.contacts_with_suppressed(&has)?;
    let agreeing = Agreeing {
        state,
        shops: every_shop(state, settings)?,
        targets,
        now,
    };
    state.transaction(|state| {
        if !contacts.is_empty() {
            state.note_traces()?;
        }
        contacts
            .iter()
            .try_for_each(|contact| agreeing.contact(*contact))?;
        agreeing.clues()?;
        if state.remove_suppressed_consents()? {
            state.note_traces()?;
        }
        state.agree_with_suppressed()
    })?;
    Ok(contacts.len())
}

struct Agreeing<'a> {
    state: &'a State,
    shops: Vec<ShopInRun>,
    /// Numbers of all targets.
    targets: &'a [i64],
    now: Timestamp,
}

impl Agreeing<'_> {
    fn shop(&self, number: i64) -> Result<&ShopInRun> {
        let lost = || {
            Error::new(
                Kind::Database,
                "forgetting a person",
                "a record is of a shop that is not there",
            )
        };
        self.shops.iter().find(|shop| shop.id == number).ok_or_else(lost)
    }

    fn contact(&self, contact: i64) -> Result<()> {
        let state = self.state;
        let customers = state.customers_of(contact)?;
        let orders = state.order_signs_of(contact)?;
        let mut stays = Vec::new();
        for found in &customers {
            let intake = self.intake(found)?;
            let left = suppress::customer(state, self.shop(found.shop)?, &intake)?;
            stays.push((found.id, left.map(Cow::into_owned)));
        }
        let mut theirs = Vec::new();
        for order in &orders {
            if self.is_suppressed(order)? {
                theirs.push(order);
            }
        }
        // What is on a forgotten customer is theirs, whatever else tells of it.
        let nobody_stays = match stays.as_slice() {
            [] => theirs.len() == orders.len(),
            customers => customers.iter().all(|(_, left)| left.is_none()),
        };
        if nobody_stays && contact != UNDECIDED {
            state.empty_contact(&state.with_merged(contact)?, self.now)?;
            return state.leave_to_forget(self.targets, contact, true);
        }
        for (customer, left) in &stays {
            match left {
                Some(left) => state.replace_body(*customer, &left.stored)?,
                None => state.remove_customer(*customer)?,
            }
        }
        for order in theirs {
            let group = &self.shop(order.shop)?.settings.group;
            let pseudonym = order
                .email
                .and_then(|email| state.suppressed().pseudonym(group, email));
            match contact {
                UNDECIDED => state.drop_order(order.id)?,
                _ => state.empty_order(order.id, pseudonym)?,
            }
            if contact != UNDECIDED {
                state.make_due(self.targets, contact, Some(order.id))?;
            }
        }
        if contact == UNDECIDED {
            return Ok(());
        }
        state.unpark_all_of(contact)?;
        state.make_due(self.targets, contact, None)?;
        state.leave_to_forget(self.targets, contact, false)
    }

    fn intake(&self, found: &CustomerOf) -> Result<CustomerIntake> {
        intake::customer(self.shop(found.shop)?, &found.customer, self.now)
    }

    fn is_suppressed(&self, order: &OrderSigns) -> Result<bool> {
        let settings = &self.shop(order.shop)?.settings;
        let suppressed = self.state.suppressed();
        Ok(order.is_suppressed(&settings.name, &|sign| suppressed.has(&settings.group, sign)))
    }

    /// What is still noted of e-mails and phones is of contacts that stay: no person is told from it.
    fn clues(&self) -> Result<()> {
        let state = self.state;
        let has = |group: &str, sign: &Sign| state.suppressed().has(group, sign);
        for (group, email) in state.suppressed_emails(&has)? {
            let pseudonym = state.suppressed().pseudonym(&group, email);
            if let Some(pseudonym) = pseudonym {
                state.rename_email(&group, email, pseudonym)?;
            }
        }
        state
            .suppressed_phones(&has)?
            .iter()
            .try_for_each(|(group, phone)| state.remove_phone_of_all(group, *phone))
    }
}

/// Every shop of which something is stored, those included that the configuration has no more.
fn every_shop(state: &State, settings: &[ShopSettings]) -> Result<Vec<ShopInRun>> {
    let mut shops = ShopInRun::all_from_state(state, settings)?;
    for row in state.shops()? {
        if !shops.iter().any(|shop| shop.id == row.id) {
            shops.push(ShopInRun::from_state(&former(&row)?, &row)?);
        }
    }
    Ok(shops)
}

/// As much of a former shop's settings as its stored records need.
fn former(row: &ShopRow) -> Result<ShopSettings> {
    Ok(ShopSettings {
        name: row.name.clone(),
        group: row.group.clone(),
        url: row.url.parse().doing(Kind::Database, || {
            "reading the address of a stored shop".to_owned()
        })?,
        country: String::new(),
        currency: None,
        timezone: None,
        hosts: Vec::new(),
        api: None,
        exports: None,
        customers: CustomersSettings {
            source: CustomersSource::Export,
            mode: Mode::Off,
            deleted: Deleted::Keep,
        },
        orders: OrdersSettings {
            source: OrdersSource::Feed,
            mode: Mode::Off,
            since: None,
            until: None,
            guests: Guests::Contact,
            not_people: Vec::new(),
            cancelled: Vec::new(),
        },
    })
}
