//! The orders of a contact that stands in the target.

use super::{BATCH, ContactDraft, Push, is_about_one_record, remembered, show_written};
use crate::error::{Error, Result};
use crate::model::{Ask, Look, OrderWrite, Shown, Value, Written};
use crate::plan::{Hashes, Remembered, fields_to_write, hash, hash_of_facts, remember};
use crate::state::links::{Link, Linked};
use crate::sync::draft::{OrderDraft, OrderName, OrderWish};

/// An order that is due, the contact it is on, and that one's record.
struct WaitingOrder {
    order: i64,
    contact: i64,
    record: String,
}

/// An order with what is known of it in the target.
struct OpenOrder {
    /// The contact it hangs on, and that one's record.
    contact: i64,
    contact_record: String,
    draft: OrderDraft,
    texts: Vec<String>,
    /// Hash of the facts and of the contact it hangs on.
    facts: u64,
    link: Option<Link>,
}

/// An order after the target was looked at.
struct DecidedOrder {
    open: OpenOrder,
    /// What the target shows of the mapped fields.
    there: Vec<String>,
    write: OrderWrite,
}

impl OpenOrder {
    /// The remembered fields, without the facts that stand before them.
    fn remembered_fields(&self) -> Option<Remembered> {
        let fields = |hashes: &Hashes| Hashes(hashes.0.get(1..).unwrap_or_default().to_vec());
        self.link.as_ref().map(remembered).map(|all| Remembered {
            written: fields(&all.written),
            intended: all.intended.as_ref().map(fields),
        })
    }

    fn facts_are_written(&self) -> bool {
        self.link
            .as_ref()
            .is_some_and(|link| link.intended.is_none() && link.written.first() == Some(&self.facts))
    }

    fn record(&self) -> Option<String> {
        self.link.as_ref().and_then(|link| link.remote_id.clone())
    }
}

impl Push<'_> {
    /// Delivers what is due of the orders of contacts that stand in the target; the contacts are done then,
    /// and not before: a run that is killed has to find them due.
    pub(super) async fn deliver_orders(&mut self, contacts: &[ContactDraft]) -> Result<()> {
        let target = self.numbers.target;
        let mut waiting = Vec::new();
        for contact in contacts {
            let due = self.state.due_orders(target, contact.row.id)?;
            let record = match due.is_empty() {
                true => None,
                false => self.state.key_of_delivered(target, contact.row.id)?,
            };
            if let Some(record) = record {
                waiting.extend(due.into_iter().map(|order| WaitingOrder {
                    order,
                    contact: contact.row.id,
                    record: record.clone(),
                }));
            }
        }
        let state = self.state;
        for batch in waiting.chunks(BATCH) {
            let open = state.transaction(|_| self.open_orders(batch))?;
            let decided = self.decide_orders(open).await?;
            self.write_orders(decided).await?;
        }
        state.transaction(|state| {
            contacts
                .iter()
                .try_for_each(|contact| state.contact_done(target, contact.row.id))
        })
    }

    /// The orders that have to be compared with the target; the others are done with.
    fn open_orders(&mut self, orders: &[WaitingOrder]) -> Result<Vec<OpenOrder>> {
        let mut open = Vec::with_capacity(orders.len());
        let layout = &self.target.layout.order;
        for waiting in orders {
            let (contact, id) = (waiting.contact, waiting.order);
            let stored = self.state.whole_order(id)?;
            if stored.contact != contact {
                // It moved on since, and is due with its new contact.
                self.state.order_done(self.numbers.target, contact, id)?;
                continue;
            }
            let draft = match self.target.order_wish(self.state, self.composer, stored)? {
                OrderWish::Draft(draft) => draft,
                OrderWish::LeftOut => {
                    self.state.order_done(self.numbers.target, contact, id)?;
                    continue;
                }
                OrderWish::Park(name, error) => {
                    self.park_order(contact, &name, &error)?;
                    continue;
                }
            };
            let normal = |(spec, value)| self.remote.normal_form(spec, value);
            let texts = layout.iter().zip(&draft.values).map(normal).collect::<Vec<_>>();
            let link = self.link(Linked::Order(id), self.numbers.orders, layout.len() + 1)?;
            let order = OpenOrder {
                facts: hash_of_facts(&draft.facts, &waiting.record),
                contact,
                contact_record: waiting.record.clone(),
                texts,
                draft,
                link,
            };
            let fields_are_written = || {
                order
                    .remembered_fields()
                    .is_some_and(|known| known.covers(layout, &order.texts))
            };
            if order.facts_are_written() && order.record().is_some() && fields_are_written() {
                self.order_is_done(contact, &order.draft.name, None)?;
            } else {
                open.push(order);
            }
        }
        Ok(open)
    }

    async fn decide_orders(&mut self, open: Vec<OpenOrder>) -> Result<Vec<DecidedOrder>> {
        let ask = |order: &OpenOrder| Ask {
            key: order.draft.name.key.clone(),
            remote_id: order.record(),
            ..Ask::default()
        };
        let asks: Vec<Ask> = open.iter().map(ask).collect();
        let looks = if asks.is_empty() {
            Vec::new()
        } else {
            self.remote.look_at_orders(&asks).await?
        };
        let mut decided = Vec::with_capacity(open.len());
        for (order, look) in open.into_iter().zip(looks) {
            let shown = match look {
                Ok(Look::Found(shown)) => Some(shown),
                Ok(Look::Absent | Look::Ambiguous(_)) => None,
                Err(error) if is_about_one_record(&error) => {
                    self.park_order(order.contact, &order.draft.name, &error)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            decided.push(self.decide_order(order, shown));
        }
        Ok(decided)
    }

    fn decide_order(&self, open: OpenOrder, shown: Option<Shown>) -> DecidedOrder {
        let layout = &self.target.layout.order;
        let fields: Vec<usize> = match &shown {
            Some(shown) => fields_to_write(
                layout,
                &open.texts,
                &shown.values,
                open.remembered_fields().as_ref(),
            ),
            None => (0..layout.len()).collect(),
        };
        let value = |field: usize| open.draft.values.get(field).map(|value| (field, value.clone()));
        let is_new = shown.is_none();
        let set = fields
            .into_iter()
            .filter_map(value)
            .filter(|(_, value)| !is_new || *value != Value::Empty)
            .collect();
        let write = OrderWrite {
            key: open.draft.name.key.clone(),
            contact: open.contact_record.clone(),
            remote_id: shown.as_ref().map(|shown| shown.remote_id.clone()),
            facts: (is_new || !open.facts_are_written()).then(|| open.draft.facts.clone()),
            set,
        };
        let there = shown.map_or_else(|| vec![String::new(); layout.len()], |shown| shown.values);
        DecidedOrder { open, there, write }
    }

    async fn write_orders(&mut self, decided: Vec<DecidedOrder>) -> Result<()> {
        let (needed, kept): (Vec<_>, Vec<_>) = decided
            .into_iter()
            .partition(|order| order.write.facts.is_some() || !order.write.set.is_empty());
        let state = self.state;
        state.transaction(|_| {
            for order in kept {
                let record = order.write.remote_id.clone();
                self.confirm_order(order, record)?;
            }
            self.intend_orders(&needed)
        })?;
        let writes: Vec<OrderWrite> = needed.iter().map(|order| order.write.clone()).collect();
        let answers = if writes.is_empty() {
            Vec::new()
        } else {
            self.remote.write_orders(&writes).await?
        };
        state.transaction(|_| self.take_answers(needed, answers))
    }

    fn take_answers(
        &mut self,
        needed: Vec<DecidedOrder>,
        answers: Vec<Result<Written, Error>>,
    ) -> Result<()> {
        for (mut order, answer) in needed.into_iter().zip(answers) {
            let written = match answer {
                Ok(written) => written,
                Err(error) if is_about_one_record(&error) => {
                    self.park_order(order.open.contact, &order.open.draft.name, &error)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            show_written(&mut order.there, &order.write.set, &written, &order.open.texts);
            if order.write.remote_id.is_some() {
                self.delivered.orders_updated += 1;
            } else {
                self.delivered.orders_created += 1;
            }
            self.confirm_order(order, Some(written.remote_id))?;
        }
        Ok(())
    }

    /// First step: what we are about to write is on the disk before it is sent.
    fn intend_orders(&self, decided: &[DecidedOrder]) -> Result<()> {
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
                };
                let linked = Linked::Order(order.open.draft.name.id);
                state.set_link(self.numbers.target, linked, &link, self.now)?;
            }
            Ok(())
        })
    }

    /// Third step: what the target shows becomes what we last wrote.
    fn confirm_order(&self, order: DecidedOrder, record: Option<String>) -> Result<()> {
        let fields = remember(
            &order.open.texts,
            &order.there,
            order.open.remembered_fields().as_ref(),
        );
        let written = [order.open.facts].into_iter().chain(fields.0).collect();
        let link = Link {
            remote_id: record,
            layout: self.numbers.orders,
            written,
            intended: None,
        };
        let link = (order.open.link.as_ref() != Some(&link)).then_some(&link);
        self.order_is_done(order.open.contact, &order.open.draft.name, link)
    }

    fn order_is_done(&self, contact: i64, name: &OrderName, link: Option<&Link>) -> Result<()> {
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
            state.order_done(self.numbers.target, contact, name.id)
        })
    }

    fn park_order(&mut self, contact: i64, name: &OrderName, error: &Error) -> Result<()> {
        self.delivered.orders_parked += 1;
        self.state.transaction(|state| {
            self.park("order-delivery", &name.shop, &name.key, contact, error)?;
            state.order_done(self.numbers.target, contact, name.id)
        })
    }
}
