//! What waits for the end of the documents: whose new customers and orders are, and who is one person.
//!
//! Decided record by record, it would depend on the order of the records. So new customers are placed
//! by age, then the orders that a guid or a log-in does not place, by date, and what has to be looked
//! at again comes after each of them.

use jiff::Timestamp;

use super::Apply;
use super::people::{People, pieces};
use super::sharing::{Sharer, Union};
use crate::error::Result;
use crate::merge::identity::{ContactId, EmailOwner, Role, owner_of};
use crate::state::State;
use crate::state::evidence::EmailRow;
use crate::state::unsettled::Clue;
use crate::sync::report::Report;
use crate::sync::shop::ShopInRun;

/// Records that are settled in one transaction.
const TOGETHER: u32 = 200;

/// Settles what the readings of a run left open.
pub struct Settle<'a> {
    /// The state.
    pub state: &'a State,
    /// All shops of the run.
    pub shops: &'a [ShopInRun],
    /// Numbers of the targets that have to hear of changes.
    pub targets: &'a [i64],
    /// The moment of the run.
    pub now: Timestamp,
}

impl Settle<'_> {
    /// After the customers of all shops: places the new ones, the oldest registration first.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn customers(&self, report: &mut Report) -> Result<()> {
        for together in self.state.undecided_customers()?.chunks(TOGETHER as usize) {
            self.state.transaction(|state| {
                for id in together {
                    let waiting = state.undecided_customer(*id)?;
                    if let Some(shop) = self.shops.iter().find(|shop| shop.id == waiting.shop) {
                        self.apply(shop, report).place_customer(*id, &waiting)?;
                    }
                }
                Ok(())
            })?;
        }
        self.each(Clue::Email, &|people, email| people.settle_email(email))
    }

    /// After the orders of all shops: places those that neither a guid nor a log-in did.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn orders(&self, report: &mut Report) -> Result<()> {
        self.undecided_orders(true, report)?;
        self.each(Clue::Email, &|people, email| people.settle_email(email))?;
        // Only now it is known who has which phone.
        self.undecided_orders(false, report)?;
        self.each(Clue::Phone, &|people, phone| people.settle_phone(phone))
    }

    fn undecided_orders(&self, with_email: bool, report: &mut Report) -> Result<()> {
        for shop in self.shops {
            loop {
                let waiting = self.state.undecided_orders(shop.id, with_email, TOGETHER)?;
                if waiting.is_empty() {
                    break;
                }
                self.state.transaction(|_| {
                    let mut apply = self.apply(shop, report);
                    waiting
                        .iter()
                        .try_for_each(|(id, order)| apply.place_order(*id, order))
                })?;
            }
        }
        Ok(())
    }

    fn each(&self, clue: Clue, settle: &dyn Fn(&People<'_>, u64) -> Result<()>) -> Result<()> {
        loop {
            let open = self.state.unsettled(clue, TOGETHER)?;
            if open.is_empty() {
                return Ok(());
            }
            self.state.transaction(|state| {
                for (group, value) in open {
                    state.settled(&group, clue, value)?;
                    let people = People {
                        state,
                        shops: self.shops,
                        group: &group,
                        targets: self.targets,
                        now: self.now,
                    };
                    settle(&people, value)?;
                }
                Ok(())
            })?;
        }
    }

    fn apply<'b>(&'b self, shop: &'b ShopInRun, report: &'b mut Report) -> Apply<'b> {
        Apply {
            state: self.state,
            shop,
            shops: self.shops,
            targets: self.targets,
            report,
            now: self.now,
        }
    }
}

impl People<'_> {
    /// Who has an e-mail is one contact: customers of different shops who log in with it, and the
    /// guests who have it. What several customers of one shop log in with joins nobody.
    fn settle_email(&self, email: u64) -> Result<()> {
        let rows = self.evidence(email)?;
        let Some(mut owner) = self.owner_to_join(&rows)? else {
            return Ok(());
        };
        for row in rows {
            let other = self.state.survivor(row.contact)?;
            if other != owner && self.is_guest(other)? {
                owner = self.merge_older_stays(other, owner)?;
            }
        }
        Ok(())
    }

    fn owner_to_join(&self, rows: &[EmailRow]) -> Result<Option<ContactId>> {
        let mut unions = self.unions(self.sharers(rows)?)?;
        for union in &unions {
            self.unite(union)?;
        }
        match unions.pop() {
            Some(union) if unions.is_empty() => {
                let holder = union.first().and_then(Sharer::contact);
                return holder.map(|holder| self.state.survivor(holder)).transpose();
            }
            // What several contacts log in with joins nobody.
            Some(_) => return Ok(None),
            None => {}
        }
        if !rows.iter().any(|row| row.role == Role::OnceLogIn as u8) {
            // A customer whose orders it stands on comes before any guest.
            let mut registered = Vec::new();
            for row in rows {
                if self.is_registered(row.contact)? {
                    registered.push(*row);
                }
            }
            if let EmailOwner::Seen(customer) = owner_of(&pieces(&registered), None) {
                return Ok(Some(customer));
            }
        }
        Ok(match owner_of(&pieces(rows), None) {
            EmailOwner::Seen(contact) | EmailOwner::LogIn(contact) => Some(contact),
            EmailOwner::Nobody | EmailOwner::Several => None,
        })
    }

    /// Customers of different shops who log in with the same e-mail.
    fn unite(&self, union: &Union) -> Result<()> {
        let mut contacts = union.iter().filter_map(Sharer::contact);
        if let Some(mut one) = contacts.next() {
            for other in contacts {
                one = self.merge_older_stays(one, other)?;
            }
        }
        Ok(())
    }

    /// A guest known by nothing but a phone is the one contact that has it, if there is exactly one.
    fn settle_phone(&self, phone: u64) -> Result<()> {
        let Some(guest) = self.state.contact_by_key(&self.key_by_phone(phone))? else {
            return Ok(());
        };
        if guest.merged_into.is_some() || !self.state.is_without_email(guest.id)? {
            return Ok(());
        }
        if let [one] = self.state.contacts_with_phone(self.group, phone)?.as_slice()
            && *one != guest.id
        {
            self.merge_older_stays(guest.id, *one)?;
        }
        Ok(())
    }
}
