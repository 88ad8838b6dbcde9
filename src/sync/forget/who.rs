//! Whom a person wants forgotten: what is known of them, and by what they would be recognised again.

use std::collections::BTreeSet;

use super::unknown::{is_nobodys, signs_of_unknown, spellings};
use crate::error::{Error, Kind, Result};
use crate::merge::assemble::country_for_phones;
use crate::merge::email;
use crate::merge::identity::Role;
use crate::merge::key;
use crate::model::{Account, Customer};
use crate::source::settings::ShopSettings;
use crate::state::State;
use crate::state::evidence::EmailRow;
use crate::state::suppressed::{Sign, SignIn};
use crate::sync::intake::{email_clue, phone_clue};
use crate::sync::shop::ShopInRun;
use crate::sync::suppress::is_somebody;

pub(super) const DOING: &str = "forgetting a person";

/// Whom somebody wants forgotten.
#[derive(Debug, Clone, Default)]
pub struct Whom {
    /// The contacts they are, or are of: one in each group of shops.
    pub contacts: Vec<Person>,
    /// By what they are recognised.
    pub signs: BTreeSet<SignIn>,
    /// The e-mail that was named, in normal form.
    pub email: Option<String>,
}

/// A person as a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Number of the contact.
    pub contact: i64,
    /// Its key.
    pub key: String,
    /// Its group.
    pub group: String,
    /// Orders that lose what is personal.
    pub orders: u64,
    /// Whether the contact is this person; else it is a customer with log-ins of others, who stay.
    pub whole: bool,
}

/// Looks for whom `who` names: by contact key, order code, guid or e-mail, in this order. Nobody need be
/// known by it.
///
/// # Errors
/// When it names several people, or one of a customer with several log-ins without saying which, or when
/// it cannot be told what it is.
pub fn look_for(state: Option<&State>, shops: &[ShopSettings], who: &str, whole: bool) -> Result<Whom> {
    let who = who.trim();
    let mut whom = Whom {
        email: email::normalise(who).map(String::from),
        ..Whom::default()
    };
    if let Some(state) = state {
        let known = Known {
            state,
            shops: ShopInRun::all_from_state(state, shops)?,
        };
        for named in known.named(who, whom.email.as_deref())? {
            known.add(&mut whom, &named, whole)?;
        }
    }
    let is_known = !whom.contacts.is_empty();
    match (&whom.email, is_known) {
        (Some(email), false) if is_nobodys(shops, email) => {
            let cause = "this e-mail identifies nobody: it is on the list `not_people`";
            return Err(Error::new(Kind::Unknown, DOING, cause)
                .with_hint("name the customer's guid, an order code or the contact key"));
        }
        (Some(email), _) => {
            whom.signs
                .insert((String::new(), Sign::Email(key::hash64(email))));
        }
        (None, true) => {}
        (None, false) => whom.signs.extend(signs_of_unknown(shops, who)?),
    }
    Ok(whom)
}

/// A contact that was named, and the e-mail of the person in it, where that is known.
struct Named {
    contact: i64,
    email: Option<u64>,
}

struct Known<'a> {
    state: &'a State,
    shops: Vec<ShopInRun>,
}

impl Known<'_> {
    fn named(&self, who: &str, email: Option<&str>) -> Result<Vec<Named>> {
        let state = self.state;
        let spellings = spellings(who);
        for key in &spellings {
            if let Some(row) = state.contact_by_key(key)? {
                let contact = state.survivor(row.id)?;
                return Ok(vec![Named { contact, email: None }]);
            }
        }
        let mut found: Vec<Named> = Vec::new();
        let mut add = |contact: i64, email: Option<u64>| {
            if contact != 0 && !found.iter().any(|named| named.contact == contact) {
                found.push(Named { contact, email });
            }
        };
        let shops = state.shops()?;
        for shop in &shops {
            let code = who.strip_prefix(&format!("{}:", shop.name)).unwrap_or(who);
            if let Some(order) = state.order(shop.id, code)? {
                add(state.survivor(order.contact)?, order.email);
            }
            for guid in &spellings {
                if let Some(customer) = state.customer(shop.id, guid)? {
                    add(state.survivor(customer.contact)?, None);
                }
            }
        }
        if found.len() > 1 {
            return Err(self.several(&found)?);
        }
        if let (true, Some(email)) = (found.is_empty(), email) {
            let hash = key::hash64(email);
            let mut groups: Vec<&str> = shops.iter().map(|shop| shop.group.as_str()).collect();
            groups.sort_unstable();
            groups.dedup();
            for group in groups {
                found.extend(self.holder(group, hash)?);
            }
        }
        Ok(found)
    }

    /// Whose an e-mail is in a group: of whoever is tied to it most closely.
    fn holder(&self, group: &str, email: u64) -> Result<Option<Named>> {
        let rows = self.state.email_evidence(group, email)?;
        let closest = rows.iter().map(|row| row.role).min();
        let mut holders: Vec<Named> = Vec::new();
        for row in rows.iter().filter(|row| Some(row.role) == closest) {
            if !holders.iter().any(|named| named.contact == row.contact) {
                let email = Some(email);
                let contact = row.contact;
                holders.push(Named { contact, email });
            }
        }
        if holders.len() > 1 {
            return Err(self.several(&holders)?);
        }
        if let (true, Some(row)) = (
            holders.is_empty(),
            self.state.contact_by_key(&key::by_email_hash(group, email))?,
        ) {
            let (contact, email) = (self.state.survivor(row.id)?, Some(email));
            return Ok(Some(Named { contact, email }));
        }
        Ok(holders.pop())
    }

    fn several(&self, named: &[Named]) -> Result<Error> {
        let mut keys = Vec::with_capacity(named.len());
        for named in named {
            keys.extend(self.state.contact(named.contact)?.map(|row| row.key));
        }
        let cause = format!("{} contacts are meant by this: {}", keys.len(), keys.join(", "));
        Ok(Error::new(Kind::Unknown, DOING, cause).with_hint("name one of them by its key"))
    }

    fn add(&self, whom: &mut Whom, named: &Named, whole: bool) -> Result<()> {
        let Some(row) = self.state.contact(named.contact)? else {
            return Ok(());
        };
        let accounts = self.accounts(row.id)?;
        let is_of_several = accounts.len() > 1;
        let orders = self.state.order_signs_of(row.id)?;
        let mut person = Person {
            contact: row.id,
            key: row.key,
            group: row.group,
            orders: orders.len() as u64,
            whole: true,
        };
        match named.email {
            _ if whole || !is_of_several => self.add_all(whom, &person)?,
            Some(email) => {
                person.whole = false;
                person.orders = orders.iter().filter(|order| order.email == Some(email)).count() as u64;
                self.add_one(whom, &person, email, &accounts)?;
            }
            None => {
                let cause = format!("{} is a customer with {} log-ins", person.key, accounts.len());
                return Err(Error::new(Kind::Unknown, DOING, cause)
                    .with_hint("name the person by e-mail, or say --whole for all of them"));
            }
        }
        whom.contacts.push(person);
        Ok(())
    }

    /// The log-ins of a contact's customers: e-mail and phone, each person once.
    fn accounts(&self, contact: i64) -> Result<Vec<LogIn>> {
        let mut all: Vec<LogIn> = Vec::new();
        for found in self
            .state
            .customers_of(contact)?
            .into_iter()
            .filter(|found| !found.gone)
        {
            let Some(shop) = self.shops.iter().find(|shop| shop.id == found.shop) else {
                continue;
            };
            for account in found
                .customer
                .accounts
                .iter()
                .filter(|account| is_somebody(account))
            {
                let log_in = LogIn::of(shop, &found.customer, account);
                match all.iter_mut().find(|known| known.is_same(&log_in)) {
                    Some(known) => known.phone = known.phone.or(log_in.phone),
                    None => all.push(log_in),
                }
            }
        }
        Ok(all)
    }

    /// Everything by which a contact is recognised, as far as nobody else is recognised by it. Orders that
    /// nothing else tells from somebody else's are taken down by their code.
    fn add_all(&self, whom: &mut Whom, person: &Person) -> Result<()> {
        let (state, group) = (self.state, &person.group);
        let contacts = state.with_merged(person.contact)?;
        for email in state.emails_of(&contacts)? {
            if !self.is_of_others(group, email, &contacts)? {
                whom.signs.insert((group.clone(), Sign::Email(email)));
            }
        }
        for phone in state.phones_of(&contacts)? {
            if !state.phone_is_of_others(group, phone, &contacts)? {
                whom.signs.insert((group.clone(), Sign::Phone(phone)));
            }
        }
        let shops = state.shops()?;
        for contact in contacts {
            for guid in state.guids_of(contact)? {
                whom.signs.insert((group.clone(), Sign::Guid(guid)));
            }
            for order in state.order_signs_of(contact)? {
                let Some(shop) = shops.iter().find(|shop| shop.id == order.shop) else {
                    continue;
                };
                let is_known = |sign: &Sign| whom.signs.contains(&(group.clone(), sign.clone()));
                if !order.is_suppressed(&shop.name, &is_known) {
                    whom.signs
                        .insert((String::new(), Sign::Order(shop.name.clone(), order.code)));
                }
            }
        }
        Ok(())
    }

    /// By what one person of a customer with several is recognised.
    fn add_one(&self, whom: &mut Whom, person: &Person, email: u64, accounts: &[LogIn]) -> Result<()> {
        let group = &person.group;
        whom.signs.insert((group.clone(), Sign::Email(email)));
        let theirs = accounts.iter().find(|account| account.email == Some(email));
        let Some(phone) = theirs.and_then(|account| account.phone) else {
            return Ok(());
        };
        let is_of_colleagues = accounts
            .iter()
            .any(|account| account.email != Some(email) && account.phone == Some(phone));
        let contacts = self.state.with_merged(person.contact)?;
        if !is_of_colleagues && !self.state.phone_is_of_others(group, phone, &contacts)? {
            whom.signs.insert((group.clone(), Sign::Phone(phone)));
        }
        Ok(())
    }

    /// Whether an e-mail is tied to somebody else more closely than to these contacts.
    fn is_of_others(&self, group: &str, email: u64, contacts: &[i64]) -> Result<bool> {
        let (theirs, others): (Vec<_>, Vec<_>) = self
            .state
            .email_evidence(group, email)?
            .into_iter()
            .partition(|row| contacts.contains(&row.contact));
        let closest = |rows: &[EmailRow]| rows.iter().map(|row| row.role).min();
        Ok(closest(&others).is_some_and(|other| {
            other == Role::LogIn as u8 || closest(&theirs).is_none_or(|own| other < own)
        }))
    }
}

/// By what the person behind a log-in is recognised.
struct LogIn {
    email: Option<u64>,
    phone: Option<u64>,
    name: String,
}

impl LogIn {
    fn of(shop: &ShopInRun, customer: &Customer, account: &Account) -> Self {
        let country = country_for_phones(&customer.billing.address.country_code, &shop.home);
        Self {
            email: email_clue(shop, &account.email),
            phone: phone_clue(&account.phone, country),
            name: account.name.trim().to_lowercase(),
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        match (self.email, other.email) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.phone == other.phone && self.name == other.name,
            _ => false,
        }
    }
}
