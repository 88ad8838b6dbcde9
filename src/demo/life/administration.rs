//! What the merchant does in the administration, and what customers change about themselves.

use std::collections::BTreeSet;

use super::{Happening, one_of, positions};
use crate::demo::world::{Record, World};

impl World {
    /// Any of what can happen to a shop, by chance; `None` where it has nobody it could happen to.
    pub fn anything_happens(&mut self) -> Option<Happening> {
        match self.random.below(20) {
            0 | 1 => self.customer_is_edited(),
            2 => self.order_is_edited(),
            3 => self.order_is_deleted(),
            4 => self.order_code_comes_again(),
            5 => self.customer_is_deleted(),
            6 => {
                let how_many = self.some();
                self.orders_are_updated_in_bulk(how_many)
            }
            7 => {
                let how_many = self.some();
                self.customers_are_updated_in_bulk(how_many)
            }
            8 => {
                let how_many = self.some();
                self.customers_are_imported(how_many)
            }
            9 => self.somebody_subscribes(),
            10 => self.somebody_unsubscribes(),
            _ => self.something_happens(),
        }
    }

    /// A customer moves house and changes the phone.
    pub fn customer_is_edited(&mut self) -> Option<Happening> {
        let customer = self.a_customer()?;
        let (street, phone) = (self.random.below(400), self.random.below(1_000_000));
        let edited = self.customer_mut(&customer.guid)?;
        edited.billing.street = format!("Nová {}", street + 1);
        edited.billing.house_number.clear();
        edited.accounts.first_mut()?.phone =
            Some(format!("+420 601 {:03} {:03}", phone / 1000, phone % 1000));
        self.touch_customer(&customer.guid);
        Some(Happening {
            sentence: format!(
                "{} moved house and has another phone.",
                customer.billing.full_name
            ),
            orders: Vec::new(),
            customers: vec![customer.guid],
            email: customer.accounts.first().map(|account| account.email.clone()),
        })
    }

    /// The merchant adds a piece of an item to an order, and a remark.
    pub fn order_is_edited(&mut self) -> Option<Happening> {
        let order = self.an_order()?;
        let edited = self.order_mut(&order.code)?;
        if let Some(item) = edited.items.first_mut() {
            item.amount = item.amount.saturating_add(1);
        }
        edited.shop_remark = "Doplněno telefonicky".to_owned();
        self.touch_order(&order.code);
        Some(Happening {
            sentence: format!(
                "The shop added a piece to order {} of {}.",
                order.code, order.billing.full_name
            ),
            orders: vec![order.code],
            customers: Vec::new(),
            email: order.email,
        })
    }

    /// An order is placed that gets the code of one which was deleted, as after the merchant set the
    /// numbering back: the same key, somebody else's order.
    pub fn order_code_comes_again(&mut self) -> Option<Happening> {
        let codes: Vec<String> = self
            .gone
            .iter()
            .filter_map(|gone| match &gone.what {
                Record::Order(code) if self.order(code).is_none() => Some(code.clone()),
                _ => None,
            })
            .collect();
        let code = codes.get(self.random.index(codes.len())?)?.clone();
        let (email, name, like) = self.a_guest()?;
        let placed = self.add_order(&like, None, Some(email.clone()));
        self.order_mut(&placed)?.code.clone_from(&code);
        Some(Happening {
            sentence: format!("{name} placed order {code}, whose code was that of a deleted one."),
            orders: vec![code],
            customers: Vec::new(),
            email: Some(email),
        })
    }

    /// The merchant moves up to `how_many` customers to another group at once.
    pub fn customers_are_updated_in_bulk(&mut self, how_many: usize) -> Option<Happening> {
        let group = (3, "VIP – věrní".to_owned());
        let others = positions(&self.customers, |customer| {
            customer.group.as_ref() != Some(&group)
        });
        let chosen: Vec<String> = others
            .into_iter()
            .take(how_many)
            .filter_map(|at| Some(self.customers.get(at)?.guid.clone()))
            .collect();
        for guid in &chosen {
            self.customer_mut(guid)?.group = Some(group.clone());
            self.touch_customer(guid);
        }
        Some(Happening {
            sentence: format!(
                "The shop moved {} customers to another group at once.",
                chosen.len()
            ),
            orders: Vec::new(),
            customers: chosen,
            email: None,
        })
    }

    /// The merchant imports customers from a file: half of them are known and edited, half are new. The
    /// shop tells no more than that it happened.
    pub fn customers_are_imported(&mut self, how_many: usize) -> Option<Happening> {
        let like = self.an_order()?;
        let mut concerned = BTreeSet::new();
        for number in 0..how_many {
            if number % 2 == 0 {
                let customer = self.a_customer()?;
                self.customer_mut(&customer.guid)?.remark = Some("Z importu".to_owned());
                self.touch_customer(&customer.guid);
                concerned.insert(customer.guid);
            } else {
                let email = format!("import.{}@posta.example", self.next_customer_id());
                concerned.insert(self.add_customer(&email, &like));
            }
        }
        Some(Happening {
            sentence: format!("The shop imported {} customers from a file.", concerned.len()),
            orders: Vec::new(),
            customers: concerned.into_iter().collect(),
            email: None,
        })
    }

    /// A customer agrees to the newsletter.
    pub fn somebody_subscribes(&mut self) -> Option<Happening> {
        self.consent_changes(true)
    }

    /// A customer unsubscribes.
    pub fn somebody_unsubscribes(&mut self) -> Option<Happening> {
        self.consent_changes(false)
    }

    /// Consent is no change of the customer: it is told by the mailing list alone.
    fn consent_changes(&mut self, agrees: bool) -> Option<Happening> {
        let may = positions(&self.customers, |customer| {
            customer.newsletter != agrees && !customer.accounts.is_empty()
        });
        let customer = one_of(&self.customers, &may, &mut self.random)?;
        let email = customer.accounts.first()?.email.clone();
        let now = self.clock.now();
        if agrees {
            self.mailing.add(&email, now);
        } else {
            self.mailing.unsubscribe(&email, now);
        }
        self.customer_mut(&customer.guid)?.newsletter = agrees;
        let did = if agrees { "agreed to" } else { "unsubscribed from" };
        Some(Happening {
            sentence: format!("{} {did} the newsletter.", customer.billing.full_name),
            orders: Vec::new(),
            customers: vec![customer.guid],
            email: Some(email),
        })
    }

    /// How many records a mass change concerns.
    fn some(&mut self) -> usize {
        3 + usize::try_from(self.random.below(30)).unwrap_or(0)
    }
}
