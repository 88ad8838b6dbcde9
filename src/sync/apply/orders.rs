//! An order that is new or changed.

use super::Apply;
use crate::error::Result;
use crate::merge::identity::{Known, Rule, Verdict, whose};
use crate::source::Section;
use crate::source::settings::Mode;
use crate::state::orders::{OrderRow, StoredOrder};
use crate::state::unsettled::{Clue, OrderAgain, UNDECIDED};
use crate::sync::intake::OrderIntake;
use crate::sync::order_clues::clues;

impl Apply<'_> {
    /// Applies one reading of an order.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order(&mut self, intake: OrderIntake) -> Result<()> {
        let Some(intake) = self.admit_order(intake)? else {
            return Ok(());
        };
        let state = self.state;
        let mut stored = intake.stored;
        let Some(row) = state.order(self.shop.id, &stored.code)? else {
            stored.status = state.status(self.shop.id, &intake.status)?;
            return self.new_order(&stored);
        };
        if self.shop.settings.orders.mode == Mode::New && row.contact != UNDECIDED {
            return Ok(());
        }
        if row.gone_at.is_some() && state.rule_of_order(row.id)? == Rule::LeftOut as u8 {
            return self.left_out_order(stored, &intake.status, &row);
        }
        if row.content == stored.content && row.gone_at.is_none() {
            if stored.print.is_some() && row.print != stored.print {
                state.order_stands_otherwise(row.id, stored.print)?;
            }
            return state.order_is_there(row.id, intake.listed_at);
        }
        if self.is_older_order(&stored, &row)? {
            return Ok(());
        }
        stored.status = state.status(self.shop.id, &intake.status)?;
        state.replace_order(row.id, &stored)?;
        if row.contact == UNDECIDED {
            return Ok(());
        }
        self.changed_order(&stored, &row)
    }

    pub(super) fn is_older_order(&self, stored: &StoredOrder, row: &OrderRow) -> Result<bool> {
        // What was deleted is there again only by a reading of after that.
        let known = (row.changed_at.filter(|_| row.gone_at.is_none()), row.read_at);
        self.is_older(Section::Orders, (stored.changed_at, stored.read_at), known)
    }

    fn changed_order(&mut self, stored: &StoredOrder, row: &OrderRow) -> Result<()> {
        let (state, people) = (self.state, self.people());
        let contact = state.survivor(row.contact)?;
        // Losing guid or e-mail moves nothing, nor does a guid that nobody has; another one decides anew.
        let other_guid = stored.guid != row.guid && self.known().customer(&stored.guid)?.is_some();
        let other_email = stored.email.is_some() && stored.email != row.email;
        if stored.guid.is_empty() && !self.is_customer(&row.guid)? {
            state.forget_guid_of_order(row.id)?;
        }
        if other_guid || other_email {
            state.unsettle(people.group, Clue::Order, row.id.cast_unsigned())?;
        } else {
            self.note_clues(stored, contact)?;
        }
        if stored.phone != row.phone || other_guid || other_email {
            for phone in [row.phone, stored.phone].into_iter().flatten() {
                people.unsettle_phone(phone)?;
            }
        }
        state.make_due(self.targets, contact, Some(row.id))?;
        self.report.orders_changed += 1;
        Ok(())
    }

    /// Whether the shop has a customer with this guid. One that is still there counts though a reading
    /// does not name it: exports never name any.
    pub(super) fn is_customer(&self, guid: &str) -> Result<bool> {
        if guid.is_empty() {
            return Ok(true);
        }
        let customer = self.state.customer(self.shop.id, guid)?;
        Ok(customer.is_none_or(|customer| customer.gone_at.is_none()))
    }

    /// Decides again whose an order is, once all are read. `at_once`: only if its guid or a log-in says so.
    pub(super) fn decide_again(&self, id: i64, again: &OrderAgain, at_once: bool) -> Result<()> {
        let (state, order) = (self.state, &again.order);
        let verdict = whose(&clues(order), &self.known())?;
        if at_once && !matches!(verdict, Verdict::Existing(_, Rule::Guid | Rule::LogIn)) {
            return Ok(());
        }
        let group = &self.shop.settings.group;
        state.settled(group, Clue::Order, id.cast_unsigned())?;
        let before = state.survivor(again.contact)?;
        let Some((decided, rule)) = self.decide(order)? else {
            return self.leave_out(id, order, before);
        };
        state.move_order(id, decided, rule as u8)?;
        self.note_clues(order, decided)?;
        if decided == before {
            return Ok(());
        }
        let code = format!("{}:{}", self.shop.settings.name, order.code);
        let told = |how: &str| format!("order {code} moved {how}: {}", rule.in_words());
        state.tell(before, self.now, &told("away"))?;
        state.tell(decided, self.now, &told("here"))?;
        state.leave_behind(before, decided)?;
        state.make_due(self.targets, before, None)?;
        state.make_due(self.targets, decided, Some(id))
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
}
