//! Orders that became a guest's in a shop whose guests are left out: they count as deleted, on whom they
//! were, until they are somebody's again.

use super::Apply;
use crate::error::Result;
use crate::merge::identity::{ContactId, Rule};
use crate::model::OrderStatus;
use crate::state::orders::{OrderRow, StoredOrder};
use crate::state::unsettled::Clue;

impl Apply<'_> {
    /// An order of this contact became a guest's.
    pub(super) fn leave_out(&self, id: i64, order: &StoredOrder, contact: ContactId) -> Result<()> {
        let state = self.state;
        state.move_order(id, contact, Rule::LeftOut as u8)?;
        state.order_is_gone(id, self.now)?;
        let told = format!(
            "order {}:{} became a guest's, and guests are left out",
            self.shop.settings.name, order.code
        );
        state.tell(contact, self.now, &told)?;
        state.make_due(self.targets, contact, Some(id))
    }

    /// A reading of an order that was left out: whether it is somebody's by now.
    pub(super) fn left_out_order(
        &mut self,
        mut stored: StoredOrder,
        status: &OrderStatus,
        row: &OrderRow,
    ) -> Result<()> {
        let state = self.state;
        let is_same = row.content == stored.content;
        if !is_same && self.is_older_order(&stored, row)? {
            return Ok(());
        }
        let mut known = stored.clone();
        known.email = stored.email.or(row.email);
        if stored.guid.is_empty() && self.is_customer(&row.guid)? {
            known.guid.clone_from(&row.guid);
        }
        let is_somebodys = self.decide(&known)?.is_some();
        if is_same && !is_somebodys {
            return Ok(());
        }
        stored.status = state.status(self.shop.id, status)?;
        state.replace_order(row.id, &stored)?;
        if !is_somebodys {
            return state.order_is_gone(row.id, row.gone_at.unwrap_or(self.now));
        }
        self.report.orders_changed += 1;
        let group = &self.shop.settings.group;
        state.unsettle(group, Clue::Order, row.id.cast_unsigned())?;
        state.make_due(self.targets, state.survivor(row.contact)?, Some(row.id))
    }
}
