//! Orders carried out: those of contacts that stand in the target.

use super::decide::ContactDraft;
use super::decide_orders::{DueOrder, Host, OpenOrder, OrderDecision, places};
use super::{Fate, Push, fate};
use crate::error::{Error, Kind, Result};
use crate::model::{OrderWrite, Written};
use crate::plan::{hash, remember};
use crate::state::due::DueOrder as DueRow;
use crate::state::links::{Link, Linked};
use crate::sync::draft::OrderName;

impl Push<'_> {
    /// Delivers what is due of the orders of contacts that stand in the target; the contacts are done then,
    /// and not before: a run that is killed has to find them due.
    pub(super) async fn deliver_orders(&mut self, contacts: &[ContactDraft]) -> Result<()> {
        let (state, target) = (self.state, self.numbers.target);
        let mut hosts = Vec::with_capacity(contacts.len());
        for contact in contacts {
            if let Some((record, parts)) = state.delivered(target, contact.row.id)? {
                hosts.push(Host {
                    contact: contact.row.id,
                    record,
                    parts,
                    // The ID map was put right when the record was made.
                    is_new: false,
                });
            }
        }
        let turn = Self::to_look(self.settled).await;
        let mut due = self.due_orders(&hosts)?.into_iter().peekable();
        drop(turn);
        while due.peek().is_some() {
            let batch = due.by_ref().take(self.size.now()).collect();
            let open = state.transaction(|_| self.settle_due(batch))?;
            let mut decided = Vec::with_capacity(open.len());
            let mut refused = Vec::new();
            for decision in self.decide_orders(open).await? {
                match decision {
                    Ok(decision) => decided.push(decision),
                    Err(failure) => refused.push(failure),
                }
            }
            self.write_orders(decided, refused).await?;
        }
        state.transaction(|state| {
            contacts
                .iter()
                .filter(|contact| !self.troubles.contains_key(&contact.row.id))
                .try_for_each(|contact| state.contact_done(target, self.due(contact.row.id)))
        })
    }

    /// The orders that have to be compared with the target; the others are done with.
    fn settle_due(&mut self, due: Vec<DueOrder>) -> Result<Vec<OpenOrder>> {
        let mut open = Vec::with_capacity(due.len());
        for order in due {
            match order {
                DueOrder::Open(order) => open.push(*order),
                DueOrder::Covered(due, name) => self.order_is_done(due, &name, None)?,
                DueOrder::Passed(due) => self.state.order_done(self.numbers.target, due)?,
                DueOrder::Park(due, unfit) => self.park_order(due, &unfit.name, &unfit.error)?,
            }
        }
        Ok(open)
    }

    async fn write_orders(
        &mut self,
        decided: Vec<OrderDecision>,
        refused: Vec<(OpenOrder, Error)>,
    ) -> Result<()> {
        let (kept, needed): (Vec<_>, Vec<_>) = decided.into_iter().partition(OrderDecision::is_kept);
        let state = self.state;
        state.transaction(|_| {
            for (order, error) in refused {
                self.take_order_failure(&order, error)?;
            }
            for order in kept {
                if order.is_gone {
                    self.order_is_done(order.open.due, &order.open.draft.name, None)?;
                    continue;
                }
                let record = order.write.remote_id.clone();
                self.confirm_order(order, record, None)?;
            }
            self.intend_orders(&needed)
        })?;
        if needed.is_empty() {
            return Ok(());
        }
        self.begin_writing().await?;
        let writes: Vec<OrderWrite> = needed.iter().map(|order| order.write.clone()).collect();
        let answers = self.remote.write_orders(&writes).await?;
        state.transaction(|_| self.take_answers(needed, answers))?;
        self.ends.take().map_or(Ok(()), Err)
    }

    fn take_answers(
        &mut self,
        needed: Vec<OrderDecision>,
        answers: Vec<Result<Written, Error>>,
    ) -> Result<()> {
        let mut ends = None;
        for (mut order, answer) in needed.into_iter().zip(answers) {
            let written = match answer {
                Ok(written) if written.unfinished.is_some() => {
                    self.take_part_of_order(&order, written)?;
                    continue;
                }
                Ok(written) => written,
                Err(error) => match self.take_order_failure(&order.open, error) {
                    // What the others are called there has to be remembered all the same.
                    Err(error) => {
                        ends = ends.or(Some(error));
                        continue;
                    }
                    Ok(()) => continue,
                },
            };
            self.reached.insert(order.open.due.contact);
            self.has_written = true;
            self.show_written(
                &mut order.there,
                &self.target.layout.order,
                &order.write.set,
                &written,
            );
            for told in &written.told {
                self.state.tell(order.open.due.contact, self.now, told)?;
            }
            if order.write.remote_id.is_some() {
                self.delivered.orders_updated += 1;
            } else {
                self.delivered.orders_created += 1;
            }
            self.confirm_order(order, Some(written.remote_id), written.parts)?;
        }
        // What was written above stays so, in the transaction that the caller has open.
        self.ends = self.ends.take().or(ends);
        Ok(())
    }

    /// What a failure that came with one order calls for.
    fn take_order_failure(&mut self, order: &OpenOrder, error: Error) -> Result<()> {
        let contact = order.due.contact;
        match fate(&error) {
            Fate::Park => self.park_order(order.due, &order.draft.name, &error),
            Fate::TryAgain => {
                self.troubles.insert(contact, error);
                Ok(())
            }
            // The record it was to hang on is not there: the contact is looked at again.
            Fate::End if error.kind() == Kind::NotFound => {
                self.state
                    .doubt_link(self.numbers.target, Linked::Contact(contact))?;
                self.troubles.insert(contact, error);
                Ok(())
            }
            Fate::End => Err(error),
        }
    }

    /// A record that was made or changed in part: its name is remembered, and what was meant stays meant.
    fn take_part_of_order(&mut self, order: &OrderDecision, written: Written) -> Result<()> {
        let of = Linked::Order(order.open.draft.name.id);
        self.remember_part(of, self.numbers.orders, order.open.texts.len() + 1, &written)?;
        match written.unfinished {
            Some(error) => self.take_order_failure(&order.open, error),
            None => Ok(()),
        }
    }

    /// First step: what we are about to write is on the disk before it is sent.
    fn intend_orders(&self, decided: &[OrderDecision]) -> Result<()> {
        self.state.transaction(|state| {
            for order in decided {
                let before = order.open.link.clone().unwrap_or_default();
                let hashes = [order.open.facts]
                    .into_iter()
                    .chain(order.open.texts.iter().map(|text| hash(text)));
                let link = Link {
                    remote_id: before.remote_id,
                    layout: self.numbers.orders,
                    written: before.written,
                    intended: Some(hashes.collect()),
                    parts: before.parts,
                };
                let linked = Linked::Order(order.open.draft.name.id);
                state.set_link(self.numbers.target, linked, &link, self.now)?;
            }
            Ok(())
        })
    }

    /// Third step: what the target shows becomes what we last wrote.
    fn confirm_order(
        &self,
        order: OrderDecision,
        record: Option<String>,
        parts: Option<String>,
    ) -> Result<()> {
        let set = places(&order.write);
        let fields = remember(&order.open.texts, &order.there, &set, order.known.as_ref());
        let written = [order.open.facts].into_iter().chain(fields.0).collect();
        let link = Link {
            remote_id: record,
            layout: self.numbers.orders,
            written,
            intended: None,
            parts: parts.unwrap_or_else(|| order.write.parts.clone()),
        };
        // What was written stands in the ID map as an intention now, whatever stood there before.
        let is_news = !order.is_kept() || order.open.link.as_ref() != Some(&link);
        let link = is_news.then_some(&link);
        self.order_is_done(order.open.due, &order.open.draft.name, link)
    }

    fn order_is_done(&self, due: DueRow, name: &OrderName, link: Option<&Link>) -> Result<()> {
        self.state.transaction(|state| {
            if let Some(link) = link {
                state.set_link(self.numbers.target, Linked::Order(name.id), link, self.now)?;
            }
            state.unpark(
                "order-delivery",
                &name.shop,
                &name.key,
                &self.target.settings.name,
            )?;
            state.order_done(self.numbers.target, due)
        })
    }

    fn park_order(&mut self, due: DueRow, name: &OrderName, error: &Error) -> Result<()> {
        self.delivered.orders_parked += 1;
        self.state.transaction(|state| {
            self.park("order-delivery", &name.shop, &name.key, due.contact, error)?;
            state.order_done(self.numbers.target, due)
        })
    }
}
