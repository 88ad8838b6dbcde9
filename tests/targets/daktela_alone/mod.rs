//! What only a Daktela can do to us, and we to it: as it is configured by default, with the fields that every one has.

mod checking;
mod comparing;
mod counting;
mod failing;
mod gone;
mod orders;

use crate::fake_daktela::Daktela;
use crate::imported::{Home, SHOP};
use crate::written::{Customer, customer};

/// With these lines in the section of the target, and what stands behind it.
fn home_with(fake: &Daktela, keys: &str, behind: &str) -> Home {
    let target = format!(
        "[[target]]\nname = \"callcentre\"\nkind = \"daktela\"\nurl = \"{}\"\ntoken = \"t0ken\"\n\
         requests_per_second = 1000\n{keys}",
        fake.url
    );
    Home::with(&format!("{SHOP}{target}{behind}"))
}

const ORDERS: &str = "order_type = \"shop_orders\"\n";

const STATUSES: &str = "[target.statuses]\n\"Vyřízena\" = \"CLOSE:done\"\n\"*\" = \"OPEN:new\"\n";

/// Contacts and orders, all by default.
fn home(fake: &Daktela) -> Home {
    home_with(fake, ORDERS, STATUSES)
}

fn jane() -> Customer {
    customer("g1").login("jane@shop.example").phone("601123456")
}

const JANE: &str = "shoptet_main_c_g1";

fn values(fake: &Daktela, contact: &str, field: &str) -> Vec<String> {
    fake.change(|world| world.contacts[contact].values(field))
}

fn text(fake: &Daktela, contact: &str, field: &str) -> String {
    values(fake, contact, field).concat()
}

fn contacts(fake: &Daktela) -> Vec<String> {
    fake.change(|world| world.contacts.keys().cloned().collect())
}

/// The history of all contacts.
fn history(home: &Home) -> String {
    home.in_state("SELECT what FROM history ORDER BY id").join("\n")
}

fn lose_state(home: &Home) {
    for entry in std::fs::read_dir(home.state_dir()).unwrap().map(Result::unwrap) {
        if entry.file_name().to_string_lossy().starts_with("state.db") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
}
