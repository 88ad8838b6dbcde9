//! The decision for each order of contacts that stand in the target. Reads and asks only, so that `plan`
//! can make the very same decisions.

use super::ask::settled;
use super::{Fate, Push, fate, remembered};
use crate::error::{Error, Kind, Result};
use crate::model::{Ask, FieldSpec, Look, OrderWrite, Shown, Value, Written};
use crate::plan::{Fields, Hashes, Remembered, hash_of_facts, remember, seal};
use crate::state::due::DueOrder as DueRow;
use crate::state::links::{Link, Linked};
use crate::sync::draft::{OrderDraft, OrderName, OrderWish, UnfitOrder};

/// A contact in the target, on whose record its orders hang.
#[derive(Debug, Clone)]
pub struct Host {
    /// Its number in the state.
    pub contact: i64,
    /// Its record, as the target calls it.
    pub record: String,
    /// What the target wants remembered with it.
    pub parts: String,
    /// Whether the record was made just now: what the ID map says of the orders is void then.
    pub is_new: bool,
}

/// An order that has to be compared with the target.
#[derive(Debug)]
pub struct OpenOrder {
    /// What made it due, and on which contact it hangs.
    pub due: DueRow,
    /// That one's record.
    record: String,
    /// What the target wants remembered with that.
    record_parts: String,
    /// What is wanted.
    pub draft: OrderDraft,
    /// Stage and fields in the target's normal form.
    pub texts: Vec<String>,
    /// Hash of the facts and of the record it hangs on.
    pub facts: u64,
    /// What the ID map holds.
    pub link: Option<Link>,
}

/// An order after the target was looked at.
#[derive(Debug)]
pub struct OrderDecision {
    /// What is wanted.
    pub open: OpenOrder,
    /// What the target shows of the mapped fields.
    pub there: Shown,
    /// What is remembered of them: by the ID map, else by the seal that the record carries.
    pub known: Option<Remembered>,
    /// What would make it right.
    pub write: OrderWrite,
    /// Whether its record was deleted there and stays so.
    pub is_gone: bool,
}

/// What becomes of one due order.
#[derive(Debug)]
pub enum DueOrder {
    /// It is compared with the target.
    Open(Box<OpenOrder>),
    /// All that is wanted was written and confirmed before.
    Covered(DueRow, OrderName),
    /// It does not go there, or has moved on to another contact, with whom it is due.
    Passed(DueRow),
    /// It cannot be mapped.
    Park(DueRow, UnfitOrder),
}

impl OpenOrder {
    /// The remembered fields, without the facts that stand before them.
    pub fn remembered_fields(&self) -> Option<Remembered> {
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

    fn is_covered(&self, layout: &[FieldSpec]) -> bool {
        self.record_there().is_some()
            && self.facts_are_written()
            && self
                .remembered_fields()
                .is_some_and(|known| known.covers(layout, &self.texts))
    }

    fn record_there(&self) -> Option<String> {
        self.link.as_ref().and_then(|link| link.remote_id.clone())
    }
}

impl OrderDecision {
    /// Whether it is as it should be.
    pub fn is_kept(&self) -> bool {
        self.is_gone || (self.write.facts.is_none() && self.write.set.is_empty())
    }
}

impl Push<'_> {
    /// What becomes of the due orders of these contacts. Reads only.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn due_orders(&self, hosts: &[Host]) -> Result<Vec<DueOrder>> {
        let mut all = Vec::new();
        for host in hosts {
            for order in self.state.due_orders(self.numbers.target, host.contact)? {
                all.push(self.due_order(host, order)?);
            }
        }
        Ok(all)
    }

    fn due_order(&self, host: &Host, due: DueRow) -> Result<DueOrder> {
        let layout = &self.target.layout.order;
        let stored = self.state.whole_order(due.id)?;
        if stored.contact != due.contact || !self.remote.ways().takes_orders {
            return Ok(DueOrder::Passed(due));
        }
        let draft = match self.target.order_wish(self.state, self.composer, stored)? {
            OrderWish::Draft(draft) => draft,
            OrderWish::LeftOut => return Ok(DueOrder::Passed(due)),
            OrderWish::Park(unfit) => return Ok(DueOrder::Park(due, unfit)),
        };
        let draft = OrderDraft {
            facts: self.remote.facts_shown(draft.facts),
            ..draft
        };
        let normal = |(spec, value)| self.remote.normal_form(spec, value).into_owned();
        let link = match host.is_new {
            true => None,
            false => self.link(Linked::Order(due.id), self.numbers.orders, layout.len() + 1)?,
        };
        let order = OpenOrder {
            facts: hash_of_facts(&draft.facts, &host.record),
            due,
            record: host.record.clone(),
            record_parts: host.parts.clone(),
            texts: layout.iter().zip(&draft.values).map(normal).collect(),
            draft,
            link,
        };
        Ok(if self.fields == Fields::ByPolicy && order.is_covered(layout) {
            DueOrder::Covered(due, order.draft.name)
        } else {
            DueOrder::Open(Box::new(order))
        })
    }

    /// Compares orders with the target. Sends questions only; with a failure comes the order it is about.
    ///
    /// # Errors
    /// When the target does not answer.
    pub async fn decide_orders(
        &mut self,
        open: Vec<OpenOrder>,
    ) -> Result<Vec<Result<OrderDecision, (OpenOrder, Error)>>> {
        let asks = open
            .iter()
            .map(|order| self.ask_about_order(order))
            .collect::<Result<Vec<_>>>()?;
        let looks = if asks.is_empty() {
            Vec::new()
        } else {
            let is_service = self.remote.ways().is_service;
            let looking = self.remote.look_at_orders(&asks);
            match is_service {
                // It may take its time, and nothing of the orders is in hand yet.
                true => self.stop.or(looking).await?,
                false => looking.await?,
            }
        };
        let mut decided = Vec::with_capacity(open.len());
        for (order, look) in open.into_iter().zip(looks) {
            decided.push(match look {
                Ok(Look::Found(shown)) => Ok(self.decide_order(order, Some(shown))),
                Ok(Look::Absent) => Ok(self.decide_order(order, None)),
                Ok(Look::Gone) => Ok(OrderDecision {
                    is_gone: true,
                    ..self.decide_order(order, None)
                }),
                Ok(Look::Ambiguous(several)) => Err((order, several_could_be_it(several.len()))),
                Ok(Look::Perhaps(several)) => Err((order, several_could_be_it(several.len()))),
                Err(error) => match fate(&error) {
                    Fate::Park | Fate::TryAgain => Err((order, error)),
                    Fate::End => return Err(error),
                },
            });
        }
        Ok(decided)
    }

    fn ask_about_order(&self, order: &OpenOrder) -> Result<Ask> {
        let (name, link) = (&order.draft.name, order.link.as_ref());
        let ask = self.ask_with(&name.key, link, Linked::Order(name.id))?;
        let with_facts = !order.facts_are_written();
        Ok(match self.remote.ways().is_service {
            true => Ask {
                wanted: order.texts.clone(),
                // The facts stand before the fields.
                settled: settled(&self.target.layout.order, &order.texts, link, 1),
                with_facts,
                host: order.record.clone(),
                host_parts: order.record_parts.clone(),
                ..ask
            },
            false => Ask { with_facts, ..ask },
        })
    }

    fn decide_order(&self, open: OpenOrder, shown: Option<Shown>) -> OrderDecision {
        let layout = &self.target.layout.order;
        let by_seal = || Remembered::by_seal(&open.draft.name.key, layout, shown.as_ref()?);
        let known = open.remembered_fields().or_else(by_seal);
        let fields: Vec<usize> = match &shown {
            Some(shown) => self.fields.to_write(layout, &open.texts, shown, known.as_ref()),
            None => (0..layout.len()).collect(),
        };
        let value = |field: usize| open.draft.values.get(field).map(|value| (field, value.clone()));
        let is_new = shown.is_none();
        let set = fields
            .into_iter()
            .filter_map(value)
            .filter(|(_, value)| !is_new || *value != Value::Empty)
            .collect();
        // What stands there already need not have been written by us, or not be remembered any more.
        let facts_stand_there = match &shown {
            Some(Shown {
                facts: Some(there), ..
            }) => hash_of_facts(&there.0, &there.1) == open.facts,
            Some(_) => open.facts_are_written(),
            None => false,
        };
        let mut write = OrderWrite {
            key: open.draft.name.key.clone(),
            contact: open.record.clone(),
            remote_id: shown.as_ref().map(|shown| shown.remote_id.clone()),
            facts: (!facts_stand_there).then(|| open.draft.facts.clone()),
            set,
            seal: 0,
            parts: open
                .link
                .as_ref()
                .map_or_else(String::new, |link| link.parts.clone()),
            contact_parts: open.record_parts.clone(),
        };
        let there = shown.unwrap_or_else(|| Shown {
            values: vec![String::new(); layout.len()],
            ..Shown::default()
        });
        let mut after = there.clone();
        self.show_written(&mut after, layout, &write.set, &Written::default());
        let after = remember(&open.texts, &after, &places(&write), known.as_ref());
        write.seal = seal(&write.key, layout, &after);
        OrderDecision {
            open,
            there,
            known,
            write,
            is_gone: false,
        }
    }
}

/// The places of what a write sets.
pub(super) fn places(write: &OrderWrite) -> Vec<usize> {
    write.set.iter().map(|(field, _)| *field).collect()
}

fn several_could_be_it(count: usize) -> Error {
    let cause =
        format!("{count} records could be this order; see which there, and `parked retry` once one is left");
    Error::new(Kind::BadRecord, "looking for an order", cause)
}
