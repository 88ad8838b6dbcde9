//! Who goes to a target, and the fields of their orders.

use super::*;

#[test]
fn only_decides_who_goes_there() {
    let wants = |expression: &str, contact: &Contact| {
        let mapping = Mapping::compile(&MappingSettings {
            only: Some((expression.to_owned(), "shoptet-sync.toml:9:1".to_owned())),
            ..settings()
        });
        mapping.unwrap().wants(contact).unwrap()
    };
    assert!(
        Mapping::compile(&settings())
            .unwrap()
            .wants(&Contact::default())
            .unwrap()
    );
    assert!(wants("stats.orders_count > 0", &company()));
    assert!(!wants("stats.orders_count > 0", &hungarian_guest()));
    assert!(wants("contact.kind == 'guest'", &hungarian_guest()));
    assert!(!wants("contact.newsletter", &company()));
    assert!(!wants("contact.newsletter", &Contact::default()));
    assert!(wants("contact.company", &company()));
    assert!(!wants("contact.company", &hungarian_guest()));
    assert!(wants("stats.total > 1000", &company()));
    assert!(!wants("stats.total > 1000", &Contact::default()));
}

#[test]
fn order_fields_see_the_order_its_contact_and_its_shop() {
    let contact = company();
    let mut of_outlet = contact.orders[1].clone();
    of_outlet.shop.name = "outlet".to_owned();
    let mapping = Mapping::compile(&MappingSettings {
        order_fields: vec![
            field("remark", "order.remark", None),
            field("shop", "shop.name", None),
            field(
                "line",
                "order.code ~ ' of ' ~ contact.name ~ ' in ' ~ shop.name",
                None,
            ),
            field(
                "goods",
                "order.items | selectattr('type', 'eq', 'product') | map(attribute='name')",
                None,
            ),
            field("stage", "order.stage", None),
        ],
        statuses: vec![("Vyřízena".to_owned(), "done".to_owned())],
        ..settings()
    });
    let mapping = mapping.unwrap();
    let values = mapping.order_values(&contact, &of_outlet).unwrap();
    assert_snapshot!(values.iter().map(written).collect::<Vec<_>>().join("\n"), @r#"
    text     Zvonit dvakrát
    text     outlet
    text     2026001 of Jana Nováková in outlet
    text     Hrnek modrý
    text     done
    "#);
    let needs = mapping.order_needs();
    assert!(needs.order_details && needs.items && !needs.orders && !needs.customer_details);
}
