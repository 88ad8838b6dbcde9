//! An order that is new or changed.

use super::Apply;
use super::people::KnownInState;
use crate::error::Result;
use crate::merge::identity::{ContactId, Known, Role, Rule, Verdict, whose};
use crate::merge::key;
use crate::source::Section;
use crate::source::settings::Mode;
use crate::state::orders::{OrderRow, StoredOrder};
use crate::state::unsettled::{Clue, UNDECIDED};
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
        if self.shop.settings.orders.mode == Mode::New && row.contact != UNDECIDED {
            return Ok(());
        }
        if row.content == stored.content && row.gone_at.is_none() {
            return state.order_is_there(row.id);
        }
        let reading = (stored.changed_at, stored.read_at);
        if self.is_older(Section::Orders, reading, (row.changed_at, row.read_at))? {
            return Ok(());
        }
        stored.status = state.status(self.shop.id, &intake.status)?;
        state.replace_order(row.id, &stored)?;
        if row.contact == UNDECIDED {
            return Ok(());
        }
        self.changed_order(&stored, &row)
    }

    fn changed_order(&mut self, stored: &StoredOrder, row: &OrderRow) -> Result<()> {
        let state = self.state;
        self.report.orders_changed += 1;
        let before = state.survivor(row.contact)?;
        // Losing guid or e-mail moves nothing, nor does a guid that nobody has; another one decides anew.
        let other_guid = stored.guid != row.guid && self.known().customer(&stored.guid)?.is_some();
        let other_email = stored.email.is_some() && stored.email != row.email;
        let mut contact = before;
        if (other_guid || other_email)
            && let Some((decided, rule)) = self.decide(stored)?
            && decided != before
        {
            state.move_order(row.id, decided, rule as u8)?;
            let code = format!("{}:{}", self.shop.settings.name, stored.code);
            let told = |how: &str| format!("order {code} moved {how}: {}", rule.in_words());
            state.tell(before, self.now, &told("away"))?;
            state.tell(decided, self.now, &told("here"))?;
            contact = decided;
        }
        self.note_clues(stored, contact)?;
        if stored.phone != row.phone || contact != before {
            let people = self.people();
            for phone in [row.phone, stored.phone].into_iter().flatten() {
                people.unsettle_phone(phone)?;
            }
        }
        state.make_due(self.targets, contact, Some(row.id))?;
        if contact != before {
            self.left_behind(before, contact)?;
        }
        Ok(())
    }

    /// A new order is placed at once where its guid or a log-in says whose it is. For the others all
    /// orders have to be known.
    fn new_order(&mut self, stored: &StoredOrder) -> Result<()> {
        let state = self.state;
        self.report.orders_changed += 1;
        let verdict = if stored.guid.is_empty() && stored.email.is_none() {
            None
        } else {
            Some(whose(&clues(stored), &self.known())?)
        };
        match verdict {
            Some(Verdict::Existing(contact, rule @ (Rule::Guid | Rule::LogIn))) => {
                let contact = state.survivor(contact)?;
                let id = state.add_order(stored, contact, rule as u8)?;
                self.arrived(id, stored, contact)
            }
            _ => state.add_order(stored, UNDECIDED, Rule::OwnCode as u8).map(drop),
        }
    }

    /// Gives a new order its contact.
    pub(super) fn place_order(&mut self, id: i64, order: &StoredOrder) -> Result<()> {
        let Some((contact, rule)) = self.decide(order)? else {
            self.report.orders_changed = self.report.orders_changed.saturating_sub(1);
            return self.state.drop_order(id);
        };
        self.state.move_order(id, contact, rule as u8)?;
        self.arrived(id, order, contact)
    }

    fn arrived(&mut self, id: i64, order: &StoredOrder, contact: ContactId) -> Result<()> {
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

    fn known(&self) -> KnownInState<'_> {
        KnownInState {
            people: self.people(),
            shop: self.shop.id,
        }
    }

    /// Whose it is; `None` for a guest's where guests are left out.
    fn decide(&self, order: &StoredOrder) -> Result<Option<(ContactId, Rule)>> {
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
        if let (Rule::AmbiguousEmail, Some(email)) = (rule, order.email) {
            for row in people.evidence(email)? {
                if row.role == Role::OnOrder as u8 && people.is_guest(row.contact)? {
                    return Ok(row.contact);
                }
            }
        }
        let usual = own_key(rule, group, self.shop, order);
        let Some(known) = state.contact_by_key(&usual)? else {
            return state.add_contact(group, &usual);
        };
        let survivor = state.survivor(known.id)?;
        let is_by_phone = matches!(rule, Rule::OwnPhone | Rule::AmbiguousPhone);
        if people.is_guest(survivor)? && (!is_by_phone || state.is_without_email(survivor)?) {
            return Ok(survivor);
        }
        let by_code = key::by_order(group, &self.shop.settings.name, &order.code);
        match state.contact_by_key(&by_code)? {
            Some(known) => state.survivor(known.id),
            None => state.add_contact(group, &by_code),
        }
    }

    /// What an order tells of its contact: an e-mail, and for a guest with an e-mail a phone.
    pub(super) fn note_clues(&self, order: &StoredOrder, contact: ContactId) -> Result<()> {
        let (state, people) = (self.state, self.people());
        let Some(email) = order.email else {
            return Ok(());
        };
        let rows = people.evidence(email)?;
        let is_anothers_log_in = rows
            .iter()
            .any(|row| row.role == Role::LogIn as u8 && row.contact != contact);
        let placed = order.placed_at;
        match rows.iter().find(|row| row.contact == contact) {
            Some(row) if row.role != Role::OnOrder as u8 => {}
            Some(row) => {
                let first = [row.first_at, placed].into_iter().flatten().min();
                let last = [row.last_at, placed].into_iter().flatten().max();
                if (first, last) != (row.first_at, row.last_at) {
                    state.change_email(row.row, row.role, first, last)?;
                }
            }
            // A guest known by an e-mail that others log in with has to be found again.
            None if is_anothers_log_in && people.is_registered(contact)? => {}
            None => {
                let role = Role::OnOrder as u8;
                state.add_email(people.group, email, contact, None, role, (placed, placed))?;
                if !rows.is_empty() {
                    state.unsettle(people.group, Clue::Email, email)?;
                }
            }
        }
        match order.phone {
            Some(phone) if people.is_guest(contact)? => people.note_phone(phone, contact, None),
            _ => Ok(()),
        }
    }

    /// An order moved from one contact to another: a guest without orders is merged into the one that
    /// took its last order, everybody else is looked at again.
    pub(super) fn left_behind(&self, from: ContactId, to: ContactId) -> Result<()> {
        let state = self.state;
        if state.contact(from)?.is_none_or(|row| row.merged_into.is_some()) {
            return Ok(());
        }
        if state.contact_is_empty(from)? {
            self.people().merge(from, to)
        } else {
            state.make_due(self.targets, from, None)
        }
    }
}
