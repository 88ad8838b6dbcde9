//! Every value that an expression may name: one table for bare paths, for computed expressions, for
//! the check at load, for `fields` and for the documentation.

use super::paths::Load::{self, CustomerDetails, OrderDetails};
use super::paths::Natural::{self, Accounts, Addresses, Amount, Count, Flag, Moment, Text, Texts, Totals};
use super::paths::{At, Element, Field, Holds};
use crate::model::ValueType as T;

pub const CONTACT: &[Field] = &[
    text("key", "the contact's own key; never changes", |at| {
        Text(&at.contact.key)
    }),
    text("kind", "`registered` or `guest`", |at| {
        Text(at.contact.kind.as_str())
    }),
    text("email", "main e-mail, trimmed and lower case", |at| {
        Text(&at.contact.email)
    }),
    list("emails", "every e-mail, the main one first", Holds::Texts, |at| {
        Texts(&at.contact.emails)
    }),
    text(
        "phone",
        "main phone, E.164 where it parses, else as written",
        |at| Text(&at.contact.phone),
    ),
    list("phones", "every phone, the main one first", Holds::Texts, |at| {
        Texts(&at.contact.phones)
    }),
    text("name", "full name", |at| Text(&at.contact.name)),
    text("first_name", "first name, told from the full name", |at| {
        Text(&at.contact.first_name)
    }),
    text("last_name", "last name, told from the full name", |at| {
        Text(&at.contact.last_name)
    }),
    text("company", "name of the company", |at| {
        Text(&at.contact.company.name)
    }),
    text("company_id", "registration number of the company", |at| {
        Text(&at.contact.company.id)
    }),
    text("vat_id", "VAT number of the company", |at| {
        Text(&at.contact.company.vat_id)
    }),
    text(
        "tax_id",
        "tax number where it is another than the VAT number",
        |at| Text(&at.contact.company.tax_id),
    ),
    text("street", "street, in many shops with the house number", |at| {
        Text(&at.contact.address.street)
    }),
    text(
        "house_number",
        "house number, empty where it stands in the street",
        |at| Text(&at.contact.address.house_number),
    ),
    text("city", "city", |at| Text(&at.contact.address.city)),
    text("district", "district", |at| Text(&at.contact.address.district)),
    text("zip", "postal code as the shop writes it", |at| {
        Text(&at.contact.address.zip)
    }),
    text("country_code", "two letters, such as `CZ`", |at| {
        Text(&at.contact.address.country_code)
    }),
    field(
        "newsletter",
        T::Bool,
        "consent to the newsletter; empty when unknown",
        |at| Flag(at.contact.newsletter),
    )
    .needing(Load::Newsletter),
];

pub const CUSTOMER: &[Field] = &[
    text("guid", "the shop's own identifier of the customer", |at| {
        Text(&at.customer.guid)
    }),
    text("group", "name of the customer group", |at| {
        Text(&at.customer.group)
    }),
    text("price_list", "name of the price list", |at| {
        Text(&at.customer.price_list)
    })
    .needing(CustomerDetails),
    text("remark", "the shop's note on the customer", |at| {
        Text(&at.customer.remark)
    })
    .needing(CustomerDetails),
    text("birth_date", "`YYYY-MM-DD`, as the shop writes it", |at| {
        Text(&at.customer.birth_date)
    })
    .needing(CustomerDetails),
    time("created_at", "when the customer registered", |at| {
        Moment(at.customer.created_at)
    }),
    time("changed_at", "when the shop last changed the customer", |at| {
        Moment(at.customer.changed_at)
    }),
    text("admin_url", "the customer in the shop's administration", |at| {
        Text(&at.customer.admin_url)
    })
    .needing(CustomerDetails),
    list(
        "delivery_addresses",
        "delivery addresses, the default one first",
        Holds::Records(ADDRESS),
        |at| Addresses(&at.customer.deliveries),
    )
    .needing(CustomerDetails),
    list(
        "accounts",
        "log-ins of the customer",
        Holds::Records(ACCOUNT),
        |at| Accounts(&at.customer.accounts),
    )
    .needing(CustomerDetails),
];

pub const ORDER: &[Field] = &[
    text("code", "code of the order", |at| Text(&at.order.order.code)),
    time("placed_at", "when the order was placed", |at| {
        Moment(at.order.order.placed_at)
    }),
    text("status", "the shop's name of the status", |at| {
        Text(&at.order.order.status.name)
    }),
    text("stage", "the status as this target's status mapping says", |at| {
        Text(
            at.statuses
                .stage_text(&at.order.shop.name, &at.order.order.status),
        )
    }),
    amount("total", "total with VAT in the order's currency", |at| {
        Amount(at.order.order.total)
    }),
    amount(
        "total_without_vat",
        "total without VAT in the order's currency",
        |at| Amount(at.order.order.total_without_vat),
    ),
    text("currency", "currency of the order, such as `CZK`", |at| {
        Text(&at.order.order.currency)
    }),
    field(
        "paid",
        T::Bool,
        "whether it is paid; empty when the shop does not say",
        |at| Flag(at.order.order.paid),
    ),
    list("coupons", "codes of the coupons used", Holds::Texts, |at| {
        Texts(&at.order.order.coupons)
    }),
    list("items", "the lines of the order", Holds::Records(ITEM), |at| {
        Natural::Items(&at.order.order.items)
    })
    .needing(Load::Items),
    text("shipping", "way of shipping", |at| Text(&at.order.order.shipping)).needing(OrderDetails),
    text("payment", "way of payment", |at| Text(&at.order.order.payment)).needing(OrderDetails),
    text("remark", "the buyer's remark", |at| Text(&at.order.order.remark)).needing(OrderDetails),
    text("tracking_number", "tracking number of the parcel", |at| {
        Text(&at.order.order.tracking_number)
    })
    .needing(OrderDetails),
    text("url", "the order in the shop's administration", |at| {
        Text(&at.order.order.url)
    }),
];

pub const STATS: &[Field] = &[
    field(
        "orders_count",
        T::Integer,
        "how many orders; cancelled ones do not count",
        |at| Count(at.contact.stats.orders_count),
    ),
    list("totals", "totals with VAT by currency", Holds::Totals, |at| {
        Totals(&at.contact.stats.totals)
    }),
    amount("total", "total with VAT in the shop's currency", |at| {
        Amount(at.contact.stats.total)
    }),
    time(
        "first_order_at",
        "when the oldest order that counts was placed",
        |at| Moment(at.contact.stats.first_order_at),
    ),
    time(
        "last_order_at",
        "when the newest order that counts was placed",
        |at| Moment(at.contact.stats.last_order_at),
    ),
];

pub const SHOP: &[Field] = &[
    text("name", "the shop's name in the configuration", |at| {
        Text(&at.shop.name)
    }),
    text("url", "address of the shop", |at| Text(&at.shop.url)),
];

/// `orders[].items[]`
pub const ITEM: &[Element] = &[
    element(
        "type",
        T::Text,
        "`product`, `shipping`, `billing`, `discount-coupon` …",
    ),
    element("code", T::Text, "product code"),
    element("name", T::Text, "name with its variant"),
    element("amount", T::Decimal, "how many"),
    element("unit_price", T::Decimal, "price of one, with VAT"),
    element("total", T::Decimal, "price of the line, with VAT"),
    element("vat_rate", T::Decimal, "VAT in per cent, where the shop tells it"),
];

/// `customer.delivery_addresses[]`
pub const ADDRESS: &[Element] = &[
    element("name", T::Text, "full name of who receives"),
    element("company", T::Text, "name of the company"),
    element("street", T::Text, "street"),
    element(
        "house_number",
        T::Text,
        "house number, empty where it stands in the street",
    ),
    element("city", T::Text, "city"),
    element("district", T::Text, "district"),
    element("zip", T::Text, "postal code"),
    element("country_code", T::Text, "two letters, such as `CZ`"),
];

/// `customer.accounts[]`
pub const ACCOUNT: &[Element] = &[
    element("guid", T::Text, "the account's own identifier"),
    element("email", T::Text, "e-mail as the shop writes it"),
    element("phone", T::Text, "phone as the shop writes it"),
    element("name", T::Text, "full name of the person"),
    element("main", T::Bool, "whether it is the main account"),
];

type Read = for<'a> fn(At<'a>) -> Natural<'a>;

const fn field(name: &'static str, kind: T, meaning: &'static str, read: Read) -> Field {
    Field {
        name,
        kind,
        meaning,
        holds: Holds::One,
        load: Load::Nothing,
        read,
    }
}

const fn text(name: &'static str, meaning: &'static str, read: Read) -> Field {
    field(name, T::Text, meaning, read)
}

const fn amount(name: &'static str, meaning: &'static str, read: Read) -> Field {
    field(name, T::Decimal, meaning, read)
}

const fn time(name: &'static str, meaning: &'static str, read: Read) -> Field {
    field(name, T::Time, meaning, read)
}

const fn list(name: &'static str, meaning: &'static str, holds: Holds, read: Read) -> Field {
    let kind = match holds {
        Holds::Records(_) => T::Json,
        Holds::One | Holds::Texts | Holds::Totals => T::Text,
    };
    Field {
        holds,
        ..field(name, kind, meaning, read)
    }
}

impl Field {
    const fn needing(self, load: Load) -> Self {
        Self { load, ..self }
    }
}

const fn element(name: &'static str, kind: T, meaning: &'static str) -> Element {
    Element { name, kind, meaning }
}
