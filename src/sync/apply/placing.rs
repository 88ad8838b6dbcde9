//! Whose an order is, by the five rules over what the state knows.

use super::Apply;
use super::people::KnownInState;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role, Rule, Verdict, whose};
use crate::merge::key;
use crate::state::orders::StoredOrder;
use crate::sync::order_clues::{clues, own_key};

impl Apply<'_> {
    /// Gives a new order its contact.
    pub(super) fn place_order(&mut self, id: i64, order: &StoredOrder) -> Result<()> {
        let Some((contact, rule)) = self.decide(order)? else {
            self.report.orders_changed = self.report.orders_changed.saturating_sub(1);
            return self.state.drop_order(id);
        };
        self.state.move_order(id, contact, rule as u8)?;
        self.arrived(id, order, contact)
    }

    pub(super) fn arrived(&mut self, id: i64, order: &StoredOrder, contact: ContactId) -> Result<()> {
        let state = self.state;
        self.note_clues(order, contact)?;
        // A deleted customer who orders again is somebody again.
        if state
            .contact(contact)?
            .is_some_and(|row| row.gone_at.is_some() && !row.erased)
        {
            state.mark_contact(contact, None, false)?;
        }
        state.make_due(self.targets, contact, Some(id))
    }

    pub(super) fn known(&self) -> KnownInState<'_> {
        KnownInState {
            people: self.people(),
            shop: self.shop.id,
        }
    }

    /// Whose it is; `None` for a guest's where guests are left out.
    pub(super) fn decide(&self, order: &StoredOrder) -> Result<Option<(ContactId, Rule)>> {
        let skips_guests = self.shop.skips_guests();
        match whose(&clues(order), &self.known())? {
            Verdict::Existing(contact, rule) => {
                let contact = self.state.survivor(contact)?;
                let skipped = skips_guests && rule != Rule::Guid && self.people().is_guest(contact)?;
                Ok((!skipped).then_some((contact, rule)))
            }
            Verdict::Own(_) if skips_guests => Ok(None),
            Verdict::Own(rule) => Ok(Some((self.own_contact(order, rule)?, rule))),
        }
    }

    /// An order's own guest contact: one that is known by the same already, or a new one.
    ///
    /// The contact with the usual key may have become somebody: a customer, or a person of whom more
    /// is known than the phone. Then the order's own code makes the key.
    fn own_contact(&self, order: &StoredOrder, rule: Rule) -> Result<ContactId> {
        let (state, people) = (self.state, self.people());
        let group = &self.shop.settings.group;
        if let Some(known) = self.guest_known_by_the_same(order, rule)? {
            return Ok(known);
        }
        let usual = own_key(rule, group, self.shop, order);
        let Some(known) = state.contact_by_key(&usual)? else {
            return state.add_contact(group, &usual);
        };
        let survivor = state.survivor(known.id)?;
        let is_by_phone = matches!(rule, Rule::OwnPhone | Rule::AmbiguousPhone);
        // One by phone whose orders are deleted may order again; one with orders has another phone by now.
        let is_nobody_else =
            !is_by_phone || (state.is_without_email(survivor)? && state.contact_is_empty(survivor)?);
        if people.is_guest(survivor)? && is_nobody_else {
            return Ok(survivor);
        }
        let by_code = key::by_order(group, &self.shop.settings.name, &order.code);
        match state.contact_by_key(&by_code)? {
            Some(known) => state.survivor(known.id),
            None => state.add_contact(group, &by_code),
        }
    }

    fn guest_known_by_the_same(&self, order: &StoredOrder, rule: Rule) -> Result<Option<ContactId>> {
        let people = self.people();
        match (rule, order.email, order.phone) {
            (Rule::AmbiguousEmail, Some(email), _) => {
                for row in people.evidence(email)? {
                    if row.role == Role::OnOrder as u8 && people.is_guest(row.contact)? {
                        return Ok(Some(row.contact));
                    }
                }
                Ok(None)
            }
            (Rule::OwnPhone | Rule::AmbiguousPhone, _, Some(phone)) => {
                Ok(people.guests_by_phone(phone)?.first().copied())
            }
            _ => Ok(None),
        }
    }
}
