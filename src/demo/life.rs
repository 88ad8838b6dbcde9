//! What happens in the shop after the first import. Each event changes the world as the shop would,
//! and says what happened to whom, in a sentence for people and in keys for tests.

mod administration;

use std::collections::HashSet;

use jiff::SignedDuration;

use super::random::Random;
use super::world::{Account, Customer, Gone, Order, Record, World};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// In plain words; the people are invented.
    pub sentence: String,
    /// Codes of the orders it concerns.
    pub orders: Vec<String>,
    /// Guids of the customers it concerns.
    pub customers: Vec<String>,
    /// The e-mail by which to find the person afterwards.
    pub email: Option<String>,
}

impl World {
    /// A guest who is known orders again, with the same e-mail.
    pub fn known_guest_orders_again(&mut self) -> Option<Happening> {
        let (email, name, earlier) = self.a_guest()?;
        let order = self.add_order(&earlier, None, Some(email.clone()));
        Some(Happening {
            sentence: format!("{name}, a guest who has ordered before, placed order {order}."),
            orders: vec![order],
            customers: Vec::new(),
            email: Some(email),
        })
    }

    /// A guest registers with the e-mail of their orders, which stay without a customer's guid.
    pub fn guest_registers(&mut self) -> Option<Happening> {
        let (email, name, earlier) = self.a_guest()?;
        let guid = self.add_customer(&email, &earlier);
        Some(Happening {
            sentence: format!("{name}, a guest until now, registered."),
            orders: Vec::new(),
            customers: vec![guid],
            email: Some(email),
        })
    }

    /// A customer orders, logged in.
    pub fn customer_orders(&mut self) -> Option<Happening> {
        let customer = self.a_customer()?;
        let email = customer.accounts.first().map(|account| account.email.clone());
        let mut like = self.an_order()?;
        like.billing = customer.billing.clone();
        like.phone = customer
            .accounts
            .first()
            .and_then(|account| account.phone.clone());
        let order = self.add_order(&like, Some(customer.guid.clone()), email.clone());
        Some(Happening {
            sentence: format!(
                "{}, a customer, placed order {order}.",
                customer.billing.full_name
            ),
            orders: vec![order],
            customers: vec![customer.guid],
            email,
        })
    }

    /// Somebody new registers.
    pub fn somebody_registers(&mut self) -> Option<Happening> {
        let like = self.an_order()?;
        let number = self.next_customer_id();
        let email = format!("novy.zakaznik.{number}@posta.example");
        let guid = self.add_customer(&email, &like);
        if let Some(customer) = self.customer_mut(&guid) {
            customer.billing.full_name = format!("Nový Zákazník {number}");
        }
        Some(Happening {
            sentence: format!("Nový Zákazník {number} registered."),
            orders: Vec::new(),
            customers: vec![guid],
            email: Some(email),
        })
    }

    /// An order goes on to another status; never to cancelled.
    pub fn order_status_changes(&mut self) -> Option<Happening> {
        let order = self.an_order()?;
        let status = if order.status == -3 { 27 } else { -3 };
        self.set_status(order, status)
    }

    /// An order is cancelled.
    pub fn order_is_cancelled(&mut self) -> Option<Happening> {
        let open: Vec<usize> = positions(&self.orders, |order| order.status != -4);
        let order = open.get(self.random.index(open.len())?)?;
        let order = self.orders.get(*order)?.clone();
        self.set_status(order, -4)
    }

    /// A customer changes the e-mail of the main log-in.
    pub fn customer_changes_email(&mut self) -> Option<Happening> {
        let customer = self.a_customer()?;
        let email = format!(
            "nova.adresa.{}.{}@posta.example",
            customer.id,
            self.random.below(1_000_000)
        );
        let changed = self.customer_mut(&customer.guid)?;
        changed.accounts.first_mut()?.email.clone_from(&email);
        self.touch_customer(&customer.guid);
        Some(Happening {
            sentence: format!("{} changed the e-mail to {email}.", customer.billing.full_name),
            orders: Vec::new(),
            customers: vec![customer.guid],
            email: Some(email),
        })
    }

    /// The merchant corrects the e-mail of a guest's order.
    pub fn order_email_is_edited(&mut self) -> Option<Happening> {
        let (_, name, order) = self.a_guest()?;
        let email = format!(
            "opravena.adresa.{}.{}@posta.example",
            order.id,
            self.random.below(1_000_000)
        );
        self.order_mut(&order.code)?.email = Some(email.clone());
        self.touch_order(&order.code);
        Some(Happening {
            sentence: format!(
                "The shop corrected the e-mail of order {} of {name} to {email}.",
                order.code
            ),
            orders: vec![order.code],
            customers: Vec::new(),
            email: Some(email),
        })
    }

    /// A customer is deleted; the orders stay, without the guid.
    pub fn customer_is_deleted(&mut self) -> Option<Happening> {
        let customer = self.a_customer()?;
        let orders = self.remove_customer(&customer.guid);
        Some(Happening {
            sentence: format!("{} was deleted as a customer.", customer.billing.full_name),
            orders,
            customers: vec![customer.guid],
            email: customer.accounts.first().map(|account| account.email.clone()),
        })
    }

    /// A customer is deleted and registers again with the same e-mail: another guid, the same person.
    pub fn customer_is_deleted_and_registers_again(&mut self) -> Option<Happening> {
        let customer = self.a_customer()?;
        let orders = self.remove_customer(&customer.guid);
        let email = customer.accounts.first()?.email.clone();
        let mut like = self.an_order()?;
        like.billing = customer.billing.clone();
        like.phone = customer
            .accounts
            .first()
            .and_then(|account| account.phone.clone());
        let guid = self.add_customer(&email, &like);
        Some(Happening {
            sentence: format!(
                "{} was deleted as a customer and registered again.",
                customer.billing.full_name
            ),
            orders,
            customers: vec![customer.guid, guid],
            email: Some(email),
        })
    }

    /// An order is deleted.
    pub fn order_is_deleted(&mut self) -> Option<Happening> {
        let order = self.an_order()?;
        self.orders.retain(|other| other.code != order.code);
        let at = self.clock.now();
        self.gone.push(Gone {
            what: Record::Order(order.code.clone()),
            at,
        });
        Some(Happening {
            sentence: format!("Order {} of {} was deleted.", order.code, order.billing.full_name),
            orders: vec![order.code],
            customers: Vec::new(),
            email: order.email,
        })
    }

    /// The merchant moves up to `how_many` orders to one status at once.
    pub fn orders_are_updated_in_bulk(&mut self, how_many: usize) -> Option<Happening> {
        let open: Vec<String> = self
            .orders
            .iter()
            .filter(|order| ![-3, -4].contains(&order.status))
            .take(how_many)
            .map(|order| order.code.clone())
            .collect();
        for code in &open {
            self.order_mut(code)?.status = -3;
            self.touch_order(code);
        }
        Some(Happening {
            sentence: format!("The shop marked {} orders as done at once.", open.len()),
            orders: open,
            customers: Vec::new(),
            email: None,
        })
    }

    /// Any of these, by chance; `None` where the shop has nobody it could happen to.
    pub fn something_happens(&mut self) -> Option<Happening> {
        match self.random.below(12) {
            0 | 1 => self.known_guest_orders_again(),
            2 => self.guest_registers(),
            3 | 4 => self.customer_orders(),
            5 => self.somebody_registers(),
            6 => self.order_status_changes(),
            7 => self.order_is_cancelled(),
            8 => self.customer_changes_email(),
            9 => self.order_email_is_edited(),
            10 => self.customer_is_deleted_and_registers_again(),
            _ if self.random.chance(500) => self.customer_is_deleted(),
            _ => self.order_is_deleted(),
        }
    }

    /// Adds an order like another, placed now; answers its code.
    pub fn add_order(
        &mut self,
        like: &Order,
        customer_guid: Option<String>,
        email: Option<String>,
    ) -> String {
        let now = self.clock.now();
        let mut id = self
            .orders
            .iter()
            .map(|order| order.id)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        let mut code = format!("N{id:07}");
        while self.order(&code).is_some() || self.is_gone(&code) {
            id = id.saturating_add(1);
            code = format!("N{id:07}");
        }
        self.orders.push(Order {
            id,
            code: code.clone(),
            guid: Some(self.random.guid()),
            created: now,
            changed: now,
            status: self.shop.default_status,
            customer_guid,
            email,
            paid: Some(false),
            tracking_number: String::new(),
            ..like.clone()
        });
        code
    }

    /// Registers a customer with this e-mail, with the name, address and phone of an order.
    pub fn add_customer(&mut self, email: &str, like: &Order) -> String {
        let now = self.clock.now();
        let guid = self.random.guid();
        let account = Account {
            guid: self.random.guid(),
            full_name: Some(like.billing.full_name.clone()),
            email: email.to_owned(),
            phone: like.phone.clone(),
            main: true,
            email_verified: false,
        };
        self.customers.push(Customer {
            id: self.next_customer_id(),
            guid: guid.clone(),
            created: now,
            changed: now,
            billing: like.billing.clone(),
            delivery: vec![(self.random.guid(), like.billing.clone())],
            group: None,
            price_list: None,
            remark: None,
            price_ratio: "1.0000".to_owned(),
            birth_date: None,
            accounts: vec![account],
            newsletter: false,
        });
        guid
    }

    /// Lets the shop's clock go on.
    pub fn time_passes(&mut self, by: SignedDuration) {
        self.clock.advance(by);
    }

    fn set_status(&mut self, order: Order, status: i64) -> Option<Happening> {
        self.order_mut(&order.code)?.status = status;
        self.touch_order(&order.code);
        let (from, to) = (self.shop.status_name(order.status), self.shop.status_name(status));
        Some(Happening {
            sentence: format!(
                "Order {} of {} went from “{from}” to “{to}”.",
                order.code, order.billing.full_name
            ),
            orders: vec![order.code],
            customers: Vec::new(),
            email: order.email,
        })
    }

    fn remove_customer(&mut self, guid: &str) -> Vec<String> {
        let at = self.clock.now();
        self.customers.retain(|customer| customer.guid != guid);
        self.gone.push(Gone {
            what: Record::Customer(guid.to_owned()),
            at,
        });
        let mut orders = Vec::new();
        for order in &mut self.orders {
            if order.customer_guid.as_deref() == Some(guid) {
                order.customer_guid = None;
                orders.push(order.code.clone());
            }
        }
        orders
    }

    fn next_customer_id(&self) -> u64 {
        self.customers
            .iter()
            .map(|customer| customer.id)
            .max()
            .unwrap_or(0)
            .saturating_add(1)
    }

    fn is_gone(&self, code: &str) -> bool {
        self.gone
            .iter()
            .any(|gone| gone.what == Record::Order(code.to_owned()))
    }

    fn a_customer(&mut self) -> Option<Customer> {
        let with_login = positions(&self.customers, |customer| !customer.accounts.is_empty());
        one_of(&self.customers, &with_login, &mut self.random)
    }

    fn an_order(&mut self) -> Option<Order> {
        let all = positions(&self.orders, |_| true);
        one_of(&self.orders, &all, &mut self.random)
    }

    /// A guest with an e-mail that nobody logs in with: e-mail, name, one of the orders.
    fn a_guest(&mut self) -> Option<(String, String, Order)> {
        let accounts = self.customers.iter().flat_map(|customer| &customer.accounts);
        let logins: HashSet<String> = accounts
            .map(|account| account.email.trim().to_lowercase())
            .collect();
        let of_guests = positions(&self.orders, |order| {
            let email = order.email.as_deref().unwrap_or_default().trim().to_lowercase();
            order.customer_guid.is_none() && email.contains('@') && !logins.contains(&email)
        });
        let order = one_of(&self.orders, &of_guests, &mut self.random)?;
        let email = order.email.clone()?.trim().to_lowercase();
        Some((email, order.billing.full_name.clone(), order))
    }
}

fn positions<T>(of: &[T], wanted: impl Fn(&T) -> bool) -> Vec<usize> {
    (0..)
        .zip(of)
        .filter(|(_, one)| wanted(one))
        .map(|(at, _)| at)
        .collect()
}

fn one_of<T: Clone>(of: &[T], positions: &[usize], random: &mut Random) -> Option<T> {
    let at = positions.get(random.index(positions.len())?)?;
    of.get(*at).cloned()
}
