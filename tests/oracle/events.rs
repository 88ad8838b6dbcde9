//! What happens in the shops between imports.

use proptest::prelude::*;
use proptest::sample::Index;

use super::found::TODAY;
use super::shops::{Customer, Order, Spelled, World, customer, email, order, phone};

/// Something that happens in a shop.
#[derive(Debug, Clone)]
pub enum Event {
    Register(Customer),
    Place(Order),
    OrderEmail(Index, Option<Spelled>),
    OrderPhone(Index, Option<Spelled>),
    OrderGuid(Index, Option<u32>),
    Cancel(Index),
    DeleteOrder(Index),
    LogIns(Index, Vec<(Option<Spelled>, Option<Spelled>)>),
    Delete(Index),
    ComeBack,
}

pub fn event() -> impl Strategy<Value = Event> {
    use prop::option::weighted;
    let account = (weighted(0.9, email()), weighted(0.3, phone()));
    prop_oneof![
        2 => customer().prop_map(Event::Register),
        4 => order().prop_map(Event::Place),
        2 => (any::<Index>(), weighted(0.8, email())).prop_map(|(which, email)| Event::OrderEmail(which, email)),
        1 => (any::<Index>(), weighted(0.8, phone())).prop_map(|(which, phone)| Event::OrderPhone(which, phone)),
        1 => (any::<Index>(), weighted(0.8, 0..7_u32)).prop_map(|(which, guid)| Event::OrderGuid(which, guid)),
        1 => any::<Index>().prop_map(Event::Cancel),
        1 => any::<Index>().prop_map(Event::DeleteOrder),
        3 => (any::<Index>(), prop::collection::vec(account, 0..3)).prop_map(|(which, accounts)| Event::LogIns(which, accounts)),
        2 => any::<Index>().prop_map(Event::Delete),
        1 => Just(Event::ComeBack),
    ]
}

/// A world that changes, with what it has lost.
pub struct Living {
    pub world: World,
    registered: usize,
    placed: usize,
    pub deleted: Vec<Customer>,
    pub today: u32,
}

impl Living {
    pub fn of(world: World) -> Self {
        Self {
            registered: world.customers.len(),
            placed: world.orders.len(),
            world,
            deleted: Vec::new(),
            today: TODAY,
        }
    }

    pub fn happens(&mut self, event: &Event) {
        let world = &mut self.world;
        let order =
            |which: &Index, orders: &mut Vec<Order>| (!orders.is_empty()).then(|| which.index(orders.len()));
        match event {
            Event::Register(customer) => {
                let mut customer = customer.clone();
                customer.shop %= world.shops.len();
                customer.guid = format!("g{}", self.registered);
                customer.registered += 20;
                self.registered += 1;
                world.customers.push(customer);
            }
            Event::Place(order) => {
                let mut order = order.clone();
                order.shop %= world.shops.len();
                order.code = self.placed.to_string();
                // Today, or told late.
                order.placed = self.today - order.placed % 6;
                self.placed += 1;
                world.orders.push(order);
            }
            Event::OrderEmail(which, email) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].email = *email;
                }
            }
            Event::OrderPhone(which, phone) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].phone = *phone;
                }
            }
            Event::OrderGuid(which, guid) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].guid = guid.map(|guid| format!("g{guid}"));
                }
            }
            Event::Cancel(which) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders[place].is_cancelled = true;
                }
            }
            Event::DeleteOrder(which) => {
                if let Some(place) = order(which, &mut world.orders) {
                    world.orders.remove(place);
                }
            }
            Event::LogIns(which, accounts) => {
                if !world.customers.is_empty() {
                    let place = which.index(world.customers.len());
                    world.customers[place].accounts.clone_from(accounts);
                }
            }
            Event::Delete(which) => {
                if !world.customers.is_empty() {
                    let place = which.index(world.customers.len());
                    self.deleted.push(world.customers.remove(place));
                }
            }
            Event::ComeBack => world.customers.extend(self.deleted.pop()),
        }
    }
}
