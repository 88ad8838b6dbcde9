//! What an order tells of its contact.

use super::Apply;
use crate::error::Result;
use crate::merge::identity::{ContactId, Role};
use crate::state::orders::StoredOrder;
use crate::state::unsettled::Clue;

impl Apply<'_> {
    /// What an order tells of its contact: an e-mail, and of a guest a phone.
    pub(super) fn note_clues(&self, order: &StoredOrder, contact: ContactId) -> Result<()> {
        let people = self.people();
        if let Some(email) = order.email {
            self.note_email(email, order.placed_at, contact)?;
        }
        match order.phone {
            Some(phone) if people.is_guest(contact)? => people.note_phone(phone, contact, None),
            _ => Ok(()),
        }
    }

    fn note_email(&self, email: u64, placed: Option<i64>, contact: ContactId) -> Result<()> {
        let (state, people) = (self.state, self.people());
        let rows = people.evidence(email)?;
        match rows.iter().find(|row| row.contact == contact) {
            Some(row) if row.role != Role::OnOrder as u8 => Ok(()),
            Some(row) => {
                let first = [row.first_at, placed].into_iter().flatten().min();
                let last = [row.last_at, placed].into_iter().flatten().max();
                if (first, last) == (row.first_at, row.last_at) {
                    return Ok(());
                }
                state.change_email(row.row, row.role, first, last)
            }
            None => {
                let role = Role::OnOrder as u8;
                state.add_email(people.group, email, contact, None, role, (placed, placed))?;
                if rows.is_empty() {
                    return Ok(());
                }
                state.unsettle(people.group, Clue::Email, email)
            }
        }
    }
}
