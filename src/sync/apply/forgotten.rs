//! Readings of people who were forgotten: they are not stored, or without what is personal.

use std::borrow::Cow;

use super::Apply;
use crate::error::Result;
use crate::merge::identity::whose;
use crate::sync::intake::{CustomerIntake, OrderIntake};
use crate::sync::order_clues::clues;
use crate::sync::suppress::{self, OrderLeft};

impl Apply<'_> {
    /// What may be stored of a customer; `None` when nothing.
    pub(super) fn admit_customer<'a>(
        &mut self,
        customer: &'a CustomerIntake,
    ) -> Result<Option<Cow<'a, CustomerIntake>>> {
        let left = suppress::customer(self.state, self.shop, customer)?;
        if !matches!(left, Some(Cow::Borrowed(_))) {
            self.report.suppressed += 1;
        }
        Ok(left)
    }

    /// What may be stored of an order; `None` when nothing.
    pub(super) fn admit_order(&mut self, order: OrderIntake) -> Result<Option<OrderIntake>> {
        let (mut figures, pseudonym) = match suppress::order(self.state, self.shop, &order)? {
            OrderLeft::All => return Ok(Some(order)),
            OrderLeft::Nothing => {
                self.report.suppressed += 1;
                return Ok(None);
            }
            OrderLeft::Figures(figures, pseudonym) => (figures, pseudonym),
        };
        self.report.suppressed += 1;
        // One that is known is another contact's and stays there: it lost its e-mail.
        if self.state.order(self.shop.id, &figures.stored.code)?.is_some() {
            return Ok(Some(*figures));
        }
        figures.stored.email = pseudonym;
        let verdict = whose(&clues(&figures.stored), &self.known())?;
        Ok(suppress::is_of_another(&verdict).then_some(*figures))
    }
}
