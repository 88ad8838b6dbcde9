//! Records that the shop was asked for one by one: what it says of each, or that there is none.

use jiff::Timestamp;

use super::Apply;
use crate::error::Result;
use crate::model::{Customer, Order, Reading};
use crate::source::settings::Mode;
use crate::source::{Detail, Section, Told};
use crate::sync::intake;

impl Apply<'_> {
    /// Applies what the shop says of one customer that it was asked for. One that is gone is missing since the
    /// list was requested for which it was asked: who registers anew after that can be the same person.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn customer_told(&mut self, detail: Detail<Customer>, missing_since: Timestamp) -> Result<()> {
        match detail.told {
            Told::Read(Reading::Record(customer)) => {
                self.report.customers_read += 1;
                let intake = intake::customer(self.shop, &customer, detail.requested_at)?;
                self.understood(Section::Customers, &detail.key)?;
                self.customer(&intake)
            }
            Told::Read(Reading::Bad(bad)) => self.bad(Section::Customers, &bad),
            Told::Gone => {
                self.understood(Section::Customers, &detail.key)?;
                let is_followed = self.shop.settings.customers.mode == Mode::NewAndUpdated;
                let known = self.state.customer(self.shop.id, &detail.key)?;
                if let Some(known) = known.filter(|known| is_followed && known.gone_at.is_none()) {
                    if !known.is_missing {
                        if let Some(confirmed) = self.confirmed(Section::Customers)? {
                            self.state.log_ins_were_listed(known.id, confirmed)?;
                        }
                        self.state
                            .note_missing(Section::Customers.as_str(), known.id, missing_since)?;
                    }
                    self.customer_gone(&detail.key)?;
                }
                Ok(())
            }
        }
    }

    /// Applies what the shop says of one order that it was asked for.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn order_told(&mut self, detail: Detail<Order>) -> Result<()> {
        match detail.told {
            Told::Read(Reading::Record(order)) => {
                self.report.orders_read += 1;
                self.understood(Section::Orders, &detail.key)?;
                if !self.shop.follows_order_of(order.placed_at) {
                    return Ok(());
                }
                let intake = intake::order(self.shop, order, detail.requested_at)?;
                self.order(intake)
            }
            Told::Read(Reading::Bad(bad)) => self.bad(Section::Orders, &bad),
            Told::Gone => {
                self.understood(Section::Orders, &detail.key)?;
                if self.shop.settings.orders.mode == Mode::NewAndUpdated {
                    self.order_gone(&detail.key)?;
                }
                Ok(())
            }
        }
    }
}
