//! What expressions make of a contact.

use super::*;

#[test]
fn expressions() {
    use ValueType::{Bool, Decimal, Integer, Json, Text};
    let cases = [
        ("contact.email", None),
        ("contact.emails", None),
        ("contact.emails", Some(Json)),
        ("contact.newsletter", None),
        ("contact.newsletter", Some(Text)),
        ("stats.totals", None),
        ("stats.totals", Some(Json)),
        ("stats.totals.EUR", Some(Decimal)),
        ("stats.totals.USD", Some(Decimal)),
        ("stats.totals['CZK'] * 2", Some(Decimal)),
        ("stats.total", None),
        ("stats.total", Some(Text)),
        ("stats.total > 1000", Some(Bool)),
        ("stats.total < 1000", Some(Bool)),
        ("not stats.total > 1000 and 1000 <= stats.total", Some(Bool)),
        ("1 < (stats.total) < stats.totals.CZK + 1", Some(Bool)),
        ("stats.totals.USD > 1", Some(Bool)),
        (
            "orders | selectattr('total', 'gt', 500) | map(attribute='code') | list",
            Some(Json),
        ),
        ("(orders | first).total > 500 if orders else '-'", None),
        (
            "orders | map(attribute='total') | last > 500 if orders else '-'",
            None,
        ),
        ("last_order.total > 500 and orders[5].total <= 0", Some(Bool)),
        ("stats.total + 0.1", Some(Decimal)),
        ("'%.2f' | format(stats.total)", None),
        ("(stats.total / 100) | round(0) | int", Some(Integer)),
        ("stats.orders_count", Some(Text)),
        ("'VIP' if stats.orders_count >= 2 else 'new'", None),
        ("'VIP' if stats.orders_count >= 3", None),
        ("customer.created_at", None),
        ("customer.created_at[:10]", None),
        ("customer.created_at", Some(Text)),
        ("customer.created_at", Some(Json)),
        ("stats.last_order_at > '2026-02'", Some(Bool)),
        ("[contact.name, contact.company] | select | join(' / ')", None),
        ("contact.name ~ ' <' ~ contact.email ~ '>'", None),
        ("contact.name | upper", None),
        ("(contact.company or contact.name) | truncated", None),
        ("contact.company or contact.name", None),
        ("contact.zip | replace(' ', '')", Some(Integer)),
        ("contact.phone | replace('+', '00')", None),
        ("contact['city']", None),
        ("orders | map(attribute='code') | join(', ')", None),
        ("orders | map(attribute='code')", None),
        ("orders | map(attribute='code') | list", Some(Json)),
        ("orders | length", Some(Integer)),
        ("orders[0].code", None),
        ("orders[-1].code", None),
        ("orders[7].code", None),
        ("orders[:1] | map(attribute='total') | sum", Some(Decimal)),
        ("orders | sum(attribute='total')", Some(Decimal)),
        (
            "orders | selectattr('stage', 'eq', 'done') | map(attribute='code') | join",
            None,
        ),
        ("orders | map(attribute='items.0.code') | join(' ')", None),
        (
            "(orders | first).items | selectattr('type', 'eq', 'product') | map(attribute='total') | sum",
            Some(Decimal),
        ),
        ("(orders | sort(attribute='total') | first).code", None),
        ("last_order.coupons", None),
        ("'JARO10' in last_order.coupons", Some(Bool)),
        ("last_order.items", None),
        ("last_order.items[0]", Some(Json)),
        ("last_order.stage", None),
        ("first_order.stage", None),
        (
            "customer.accounts | rejectattr('main') | map(attribute='email') | join(', ')",
            None,
        ),
        ("customer.accounts", None),
        ("customer.delivery_addresses[0].city", None),
        ("contact.kind == 'registered'", Some(Bool)),
        ("'text'", Some(Json)),
        (
            "{'email': contact.email, 'orders': stats.orders_count}",
            Some(Json),
        ),
        ("none", None),
        ("shop.name", None),
    ];
    let empty = Contact::default();
    let company = company();
    let mut lines = String::new();
    for (expression, kind) in cases {
        let of = |contact| match compute(expression, kind, contact) {
            Ok(value) => written(&value),
            Err(error) => format!("{:?}: {}", error.kind(), error.cause()),
        };
        writeln!(lines, "{expression}\n    {}\n    {}", of(&company), of(&empty)).unwrap();
    }
    assert_snapshot!("expressions", lines);
}

#[test]
fn an_expression_of_the_greatest_length_does_no_harm() {
    let longest = |part: &str, end: &str| {
        let mut text = part.repeat((2000 - end.len()) / part.len());
        text.push_str(end);
        text
    };
    for text in [
        longest("1+", "1"),
        longest("1 if 1 else ", "1"),
        longest("not ", "1"),
        longest("1 and ", "1"),
    ] {
        one(&text, Some(ValueType::Text))
            .and_then(|mapping| mapping.check())
            .ok();
    }
    for nested in ["(", "[", "-", "{1:"] {
        assert!(one(&nested.repeat(600), None).is_err());
    }
    let error = one(&"1+".repeat(1000), None)
        .and(one(&"1 +".repeat(1000), None))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration);
    assert!(
        one(&"1 +".repeat(1000), None)
            .unwrap_err()
            .cause()
            .contains("longer than 2000")
    );
}
