//! An order that is new or changed.

use super::Apply;
use super::known::KnownInState;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role, Rule, Verdict, whose};
use crate::source::Section;
use crate::source::settings::{Guests, Mode};
use crate::state::orders::StoredOrder;
use crate::sync::build::{clues, own_key};
use crate::sync::intake::OrderIntake;

impl Apply<'_> {
    /// Applies one reading of an order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order(&mut self, intake: OrderIntake) -> Result<()> {
        let state = self.state;
        let mut stored = intake.stored;
        let Some(row) = state.order(self.shop.id, &stored.code)? else {
            stored.status = state.status(self.shop.id, &intake.status)?;
            return self.new_order(&stored);
        };
        if self.shop.settings.orders.mode == Mode::New {
            return Ok(());
        }
        if row.content == stored.content && row.gone_at.is_none() {
            return state.order_is_there(row.id);
        }
        if self.is_older(
            Section::Orders,
            (stored.changed_at, stored.read_at),
            (row.changed_at, row.read_at),
        )? {
            return Ok(());
        }
        stored.status = state.status(self.shop.id, &intake.status)?;
        state.replace_order(row.id, &stored)?;
        self.report.orders_changed += 1;
        let before = state.survivor(row.contact)?;
        // Losing guid or e-mail moves nothing; another one decides anew.
        let other_guid = !stored.guid.is_empty() && stored.guid != row.guid;
        let other_email = stored.email.is_some() && stored.email != row.email;
        let mut contact = before;
        if other_guid || other_email {
            // Where guests are left out, an order that is theirs now stays where it was.
            if let Some((decided, rule)) = self.decide(&stored)?
                && decided != before
            {
                state.move_order(row.id, decided, rule as u8)?;
                let code = format!("{}:{}", self.shop.settings.name, stored.code);
                state.tell(
                    before,
                    self.now,
                    &format!("order {code} moved away: {}", rule.in_words()),
                )?;
                state.tell(
                    decided,
                    self.now,
                    &format!("order {code} moved here: {}", rule.in_words()),
                )?;
                contact = decided;
            }
        }
        contact = self.note_clues(&stored, contact)?;
        state.make_due(self.targets, contact, Some(row.id))?;
        if contact != before {
            self.left_behind(before, contact)?;
        }
        Ok(())
    }

    fn new_order(&mut self, stored: &StoredOrder) -> Result<()> {
        let state = self.state;
        let Some((contact, rule)) = self.decide(stored)? else {
            return Ok(());
        };
        let id = state.add_order(stored, contact, rule as u8)?;
        self.report.orders_changed += 1;
        let contact = self.note_clues(stored, contact)?;
        // A deleted customer who orders again is somebody again.
        if state
            .contact(contact)?
            .is_some_and(|row| row.gone_at.is_some() && !row.erased)
        {
            state.mark_contact(contact, None, false)?;
        }
        state.make_due(self.targets, contact, Some(id))
    }

    /// Whose it is; `None` for a guest's where guests are left out.
    fn decide(&mut self, stored: &StoredOrder) -> Result<Option<(ContactId, Rule)>> {
        let state = self.state;
        let group = &self.shop.settings.group;
        let known = KnownInState {
            state,
            group,
            shop: self.shop.id,
        };
        let skips_guests = self.shop.settings.orders.guests == Guests::Skip;
        match whose(&clues(stored), &known)? {
            Verdict::Existing(contact, rule) => {
                let contact = state.survivor(contact)?;
                let skipped = skips_guests && rule != Rule::Guid && self.is_guest(contact)?;
                Ok((!skipped).then_some((contact, rule)))
            }
            Verdict::Own(_) if skips_guests => Ok(None),
            Verdict::Own(rule) => {
                let key = own_key(rule, group, self.shop, stored);
                let contact = match state.contact_by_key(&key)? {
                    Some(row) => state.survivor(row.id)?,
                    None => state.add_contact(group, &key)?,
                };
                Ok(Some((contact, rule)))
            }
        }
    }

    /// What an order tells of its contact: an e-mail, and for a guest with an e-mail a phone. Whoever
    /// turns out to be the same person is merged; answers with the contact that stands for them.
    fn note_clues(&mut self, stored: &StoredOrder, contact: ContactId) -> Result<ContactId> {
        let state = self.state;
        let group = &self.shop.settings.group;
        let Some(email) = stored.email else {
            return Ok(contact);
        };
        let evidence = state.email_evidence(group, email)?;
        let several = evidence
            .iter()
            .filter(|row| row.role == Role::LogIn as u8)
            .any(|row| row.contact != contact);
        let mut contact = contact;
        if !several {
            let placed = stored.placed_at;
            match evidence.iter().find(|row| row.contact == contact) {
                Some(row) if row.role != Role::OnOrder as u8 => {}
                Some(row) => {
                    let first = [row.first_at, placed].into_iter().flatten().min();
                    let last = [row.last_at, placed].into_iter().flatten().max();
                    if (first, last) != (row.first_at, row.last_at) {
                        state.change_email(row.row, row.role, first, last)?;
                    }
                }
                None => {
                    state.add_email(group, email, contact, None, Role::OnOrder as u8, (placed, placed))?;
                    contact = self.absorb_guests_with_email(email, contact)?;
                }
            }
        }
        match stored.phone {
            Some(phone) if self.is_guest(contact)? => self.note_phone(phone, contact),
            _ => Ok(contact),
        }
    }

    /// An order moved from one contact to another: a guest without orders is merged into the one that
    /// took its last order, everybody else is looked at again.
    pub(super) fn left_behind(&mut self, from: ContactId, to: ContactId) -> Result<()> {
        let state = self.state;
        if state.contact(from)?.is_none_or(|row| row.merged_into.is_some()) {
            return Ok(());
        }
        if state.contact_is_empty(from)? {
            self.merge(from, to)
        } else {
            state.make_due(self.targets, from, None)
        }
    }
}
