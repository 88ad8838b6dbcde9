//! What waits for the end of the documents: whose new customers and orders are, and who is one person.
//!
//! Decided record by record, it would depend on the order of the records. So new customers are placed
//! by age, then the orders that a guid or a log-in does not place, by date, and what has to be looked
//! at again comes after each of them.

use std::collections::HashSet;

use jiff::Timestamp;
use tokio::task::yield_now;

use super::Apply;
use super::joining::Owner;
use super::people::{People, pieces};
use super::sharing::{Sharer, Union};
use crate::error::Result;
use crate::merge::identity::{ContactId, EmailOwner, Role, owner_of};
use crate::state::State;
use crate::state::evidence::EmailRow;
use crate::state::unsettled::Clue;
use crate::sync::report::Report;
use crate::sync::shop::ShopInRun;
use crate::sync::stop::Stop;

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
    /// Asked between two batches.
    pub stop: &'a Stop,
}

impl Settle<'_> {
    /// After the customers of all shops: places the new ones, the oldest registration first.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub async fn customers(&self, report: &mut Report) -> Result<()> {
        for together in self.state.undecided_customers()?.chunks(TOGETHER as usize) {
            self.stop.check()?;
            self.state.transaction(|state| {
                for id in together {
                    let waiting = state.undecided_customer(*id)?;
                    if let Some(shop) = self.shops.iter().find(|shop| shop.id == waiting.shop) {
                        self.apply(shop, report).place_customer(*id, &waiting)?;
                    }
                }
                Ok(())
            })?;
            yield_now().await;
        }
        self.each(Clue::Email, &|people, email| people.settle_email(email))
            .await
    }

    /// After the orders of all shops: places those that neither a guid nor a log-in did.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub async fn orders(&self, report: &mut Report) -> Result<()> {
        // First those that a guid or a log-in decides, which tell of more e-mails.
        self.orders_again(true, report).await?;
        self.orders_again(false, report).await?;
        self.undecided_orders(true, report).await?;
        self.each(Clue::Email, &|people, email| people.settle_email(email))
            .await?;
        // Only now it is known who has which phone.
        self.undecided_orders(false, report).await?;
        self.left_behind().await?;
        self.each(Clue::Phone, &|people, phone| people.settle_phone(phone))
            .await
    }

    async fn orders_again(&self, at_once: bool, report: &mut Report) -> Result<()> {
        for together in self.state.orders_to_decide_again()?.chunks(TOGETHER as usize) {
            self.state.transaction(|state| {
                for id in together {
                    let again = state.order_again(*id)?;
                    if let Some(shop) = self.shops.iter().find(|shop| shop.id == again.shop) {
                        self.apply(shop, report).decide_again(*id, &again, at_once)?;
                    }
                }
                Ok(())
            })?;
            yield_now().await;
        }
        Ok(())
    }

    /// Whoever is left without orders now that all have their place.
    async fn left_behind(&self) -> Result<()> {
        loop {
            let left = self.state.left_behind(TOGETHER)?;
            if left.is_empty() {
                return Ok(());
            }
            self.state.transaction(|state| {
                for (contact, taken_by) in left {
                    state.looked_after(contact)?;
                    if let Some(row) = state.contact(contact)? {
                        self.people(&row.group).left_behind(contact, taken_by)?;
                    }
                }
                Ok(())
            })?;
            yield_now().await;
        }
    }

    async fn undecided_orders(&self, with_email: bool, report: &mut Report) -> Result<()> {
        for shop in self.shops {
            loop {
                let waiting = self.state.undecided_orders(shop.id, with_email, TOGETHER)?;
                if waiting.is_empty() {
                    break;
                }
                self.stop.check()?;
                self.state.transaction(|_| {
                    let mut apply = self.apply(shop, report);
                    waiting
                        .iter()
                        .try_for_each(|(id, order)| apply.place_order(*id, order))
                })?;
                yield_now().await;
            }
        }
        Ok(())
    }

    async fn each(&self, clue: Clue, settle: &dyn Fn(&People<'_>, u64) -> Result<()>) -> Result<()> {
        loop {
            let open = self.state.unsettled(clue, TOGETHER)?;
            if open.is_empty() {
                return Ok(());
            }
            self.stop.check()?;
            self.state.transaction(|state| {
                for (group, value) in open {
                    state.settled(&group, clue, value)?;
                    settle(&self.people(&group), value)?;
                }
                Ok(())
            })?;
            yield_now().await;
        }
    }

    fn people<'b>(&'b self, group: &'b str) -> People<'b> {
        People {
            state: self.state,
            shops: self.shops,
            group,
            targets: self.targets,
            now: self.now,
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
            stop: self.stop,
            parked_before: HashSet::new(),
        }
    }
}

impl People<'_> {
    /// Who has an e-mail is one contact: customers of different shops who log in with it, and the
    /// guests who have it. What several customers of one shop log in with joins nobody.
    fn settle_email(&self, email: u64) -> Result<()> {
        let unions = self.unions(self.sharers(email)?)?;
        for union in &unions {
            self.unite(union)?;
        }
        let rows = self.evidence(email)?;
        let Some(mut owner) = self.owner_to_join(&unions, &rows)? else {
            return Ok(());
        };
        for guest in self.guests_who_are(Owner::Contact(owner), email, &rows)? {
            owner = self.merge_older_stays(guest, owner)?;
        }
        Ok(())
    }

    fn owner_to_join(&self, unions: &[Union], rows: &[EmailRow]) -> Result<Option<ContactId>> {
        match unions {
            [] => {}
            [union] => {
                let holder = union.iter().find_map(Sharer::contact);
                return holder.map(|holder| self.state.survivor(holder)).transpose();
            }
            // What several contacts log in with joins nobody.
            _ => return Ok(None),
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
        let [mut one] = self.state.contacts_with_phone(self.group, phone)?[..] else {
            return Ok(());
        };
        for guest in self.guests_by_phone(phone)? {
            if !self.state.has_order_without_phone(guest, phone)? {
                one = self.merge_older_stays(guest, one)?;
            }
        }
        Ok(())
    }
}
