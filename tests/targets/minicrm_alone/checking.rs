//! What is checked before anything is written.

use super::{STATUSES, again, check_of, home, jane, target};
use crate::fake_minicrm::MiniCrm as Fake;
use crate::imported::{Home, SHOP};
use crate::written::orders;

#[test]
fn check_names_everything_that_is_not_there() {
    let fake = Fake::start();
    let fields = "[target.fields]\n\"Person.email\" = \"contact.email\"\n\"Person.CreatedAt\" = \"contact.name\"\n\
        \"Card.Segment\" = \"contact.name\"\n\"Address.Town\" = \"contact.city\"\n\
        [target.order_fields]\n\"Order.Remark\" = \"order.remark\"\n";
    let more = "owner = \"Nobody\"\nmarker = \"Card.State\"\n";
    let home = Home::with(&format!(
        "{SHOP}{}{fields}",
        target(&fake, more).replace("category_id = 21", "category_id = 5")
    ));
    let told = check_of(&home).join("\n");
    for problem in [
        "`category_id` 5 is no product of MiniCRM; there are: 21 Webshop, 4 Order",
        "there is no field `Person.email` in MiniCRM, but `Person.Email`",
        "the field `Person.CreatedAt` cannot be written",
        "there is no field `Address.Town`",
        "there is no field `Order.Remark`",
        "`owner` \"Nobody\" is no user of MiniCRM",
        "MiniCRM tells nothing of the fields under `Card.`",
    ] {
        assert!(told.contains(problem), "{problem} is not among:\n{told}");
    }
    let right = Home::with(&format!(
        "{SHOP}{}{STATUSES}",
        target(&fake, "owner = \"Support\"\nmarker = \"Card.ShoptetState\"\n")
    ));
    assert_eq!(check_of(&right), [""; 0]);
    assert_eq!(fake.told(), [""; 0], "check writes nothing");
}

#[test]
fn a_target_that_is_another_system_is_known_by_host_and_number() {
    let fake = Fake::start();
    let mut home = home(&fake);
    home.import("", &orders(&[jane("Nová")]));
    home.configure(
        &home
            .configuration()
            .replace("system_id = 12345", "system_id = 54321"),
    );
    let report = again(&home, &orders(&[jane("Nová")]));
    assert!(!report.failures.is_empty());
    assert_eq!(fake.change(|world| world.contacts.len()), 1);
}
