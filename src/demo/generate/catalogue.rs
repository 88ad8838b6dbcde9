//! What the simulated shop sells, how it ships, and its coupons.

use crate::demo::random::Random;
use crate::demo::world::{Item, Money};

use super::names::Country;

const THINGS: [&str; 9] = [
    "Čajová konvice",
    "Dětská bunda",
    "Kávové zrno",
    "Příborník",
    "Žehlička",
    "Půllitr & táce",
    "Šroubovák",
    "Ořechové máslo",
    "Tričko „Léto“",
];
const VARIANTS: [&str; 5] = [
    "Velikost: M",
    "Velikost: XL",
    "Barva: červená",
    "Balení: 500 g",
    "",
];
const SHIPPING: [(&str, &str, Money); 3] = [
    ("SHIPPING12", "Zásilkovna – výdejní místo", 7_900),
    ("SHIPPING3", "Balík domů", 11_900),
    ("SHIPPING1", "Osobní odběr", 0),
];
const PAYMENT: [(&str, &str, Money); 3] = [
    ("BILLING7", "Platba kartou online", 0),
    ("BILLING2", "Dobírka", 3_900),
    ("BILLING3", "Převodem", 0),
];
const COUPONS: [(&str, &str, Money); 2] = [
    ("LETO100", "Slevový kupón „LÉTO100“", -10_000),
    ("VITEJTE-50", "Slevový kupón VÍTEJTE", -5_000),
];

/// The lines of an order: products, shipping, payment, perhaps a coupon.
pub(super) fn basket(chance: &mut Random, country: &Country) -> Vec<Item> {
    let products = 1 + chance.below(6);
    let mut items: Vec<Item> = (0..products).map(|_| product(chance, country)).collect();
    items.push(service("shipping", chance.pick(&SHIPPING), country));
    items.push(service("billing", chance.pick(&PAYMENT), country));
    if chance.chance(120) {
        items.push(service("discount-coupon", chance.pick(&COUPONS), country));
    }
    items
}

fn product(chance: &mut Random, country: &Country) -> Item {
    let number = chance.below(3000);
    let mut own = Random::of(7, 7, number);
    let crowns = i64::try_from(49 + own.below(4950)).unwrap_or(49);
    Item {
        kind: "product".to_owned(),
        code: format!(
            "{}{number:04}/{}",
            own.pick(&["A", "B", "K", "X"]),
            own.pick(&["M", "XL", "500"])
        ),
        name: format!("{} {number}", own.pick(&THINGS)),
        variant: own.pick(&VARIANTS).to_owned(),
        ean: format!("859{:010}", own.below(10_000_000_000)),
        amount: if chance.chance(300) {
            2 + u32::from(chance.chance(300))
        } else {
            1
        },
        unit_price: price(crowns.saturating_mul(100), country),
        vat_rate: country.vat_rate,
    }
}

fn service(kind: &str, (code, name, crowns): (&str, &str, Money), country: &Country) -> Item {
    Item {
        kind: kind.to_owned(),
        code: code.to_owned(),
        name: name.to_owned(),
        variant: String::new(),
        ean: String::new(),
        amount: 1,
        unit_price: price(crowns, country),
        vat_rate: country.vat_rate,
    }
}

/// A price list in each currency: euro to the cent, forints whole.
fn price(crowns: Money, country: &Country) -> Money {
    match country.currency {
        "EUR" => crowns / 25,
        "HUF" => crowns.saturating_mul(16) / 100 * 100,
        _ => crowns,
    }
}
