//! What a kind of target expects of the mapping into it.

/// What a kind of target expects of a mapping.
#[derive(Debug, Clone, Copy)]
pub struct Conventions {
    /// The mapping of a target without `[target.fields]`: field and expression.
    pub fields: &'static [(&'static str, &'static str)],
    /// The same for `[target.order_fields]`.
    pub order_fields: &'static [(&'static str, &'static str)],
    /// Fields of a contact that are never sent empty: they show its name, company, e-mail, phone or key. One that
    /// is not mapped shows the name.
    pub required: &'static [&'static str],
    /// Beginning of the names of those fields that hold several values.
    pub lists_under: Option<&'static str>,
}

/// Of a database. `last_order_*` is the newest order that is not deleted, cancelled or not; counts, sums and the
/// first order leave cancelled ones out.
pub const DATABASE: Conventions = Conventions {
    fields: &[
        ("email", "contact.email"),
        ("emails", "contact.emails"),
        ("phone", "contact.phone"),
        ("full_name", "contact.name"),
        ("first_name", "contact.first_name"),
        ("last_name", "contact.last_name"),
        ("company", "contact.company"),
        ("company_id", "contact.company_id"),
        ("vat_id", "contact.vat_id"),
        ("street", "contact.street"),
        ("house_number", "contact.house_number"),
        ("city", "contact.city"),
        ("zip", "contact.zip"),
        ("country_code", "contact.country_code"),
        ("customer_group", "customer.group"),
        ("registered_at", "customer.created_at"),
        ("orders_count", "stats.orders_count"),
        ("orders_total", "stats.total"),
        ("first_order_at", "stats.first_order_at"),
        ("last_order_at", "last_order.placed_at"),
        ("last_order_code", "last_order.code"),
        ("last_order_status", "last_order.status"),
        ("last_order_url", "last_order.url"),
        ("shop", "shop.name"),
    ],
    order_fields: &[],
    required: &[],
    lists_under: None,
};
