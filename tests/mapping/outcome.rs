//! What a mapping as a whole asks for, and what tells it from another.

use super::*;

#[test]
fn only_what_is_named_has_to_be_loaded() {
    let needs = |expression: &str| one(expression, Some(ValueType::Json)).unwrap().needs();
    let nothing = Needs::default();
    let orders = Needs {
        orders: true,
        ..nothing
    };
    assert_eq!(Mapping::compile(&settings()).unwrap().needs(), nothing);
    assert_eq!(needs("contact.email ~ stats.total ~ last_order.code"), nothing);
    assert_eq!(needs("orders | map(attribute='code')"), orders);
    assert_eq!(
        needs("orders | selectattr('paid') | map(attribute='total') | sum"),
        orders
    );
    assert_eq!(needs("orders | length"), orders);
    let details = Needs {
        order_details: true,
        ..nothing
    };
    assert_eq!(needs("last_order.remark"), details);
    assert_eq!(needs("first_order.tracking_number ~ ''"), details);
    let items = Needs {
        items: true,
        ..nothing
    };
    assert_eq!(needs("last_order.items[0].name"), items);
    assert_eq!(
        needs("orders | map(attribute='items') | first"),
        Needs {
            items: true,
            ..orders
        }
    );
    let customer = Needs {
        customer_details: true,
        ..nothing
    };
    assert_eq!(needs("customer.accounts | length"), customer);
    assert_eq!(
        needs("customer.group ~ customer.guid ~ customer.created_at"),
        nothing
    );
    let newsletter = Needs {
        newsletter: true,
        ..nothing
    };
    assert_eq!(needs("contact.newsletter"), newsletter);
    assert_eq!(needs("contact.email if contact.newsletter else ''"), newsletter);
    // Where a whole record goes somewhere, everything in it is needed.
    let all_of_orders = Needs {
        order_details: true,
        items: true,
        ..orders
    };
    assert_eq!(needs("orders"), all_of_orders);
    assert_eq!(needs("orders | tojson"), all_of_orders);
    assert_eq!(
        needs("[last_order, first_order]"),
        Needs {
            orders: false,
            ..all_of_orders
        }
    );
    assert_eq!(
        needs("last_order if stats.total else first_order"),
        Needs {
            orders: false,
            ..all_of_orders
        }
    );
    assert_eq!(needs("customer"), customer);
    let only = Mapping::compile(&MappingSettings {
        only: Some(("orders | length > 1".to_owned(), String::new())),
        ..settings()
    });
    assert_eq!(only.unwrap().needs(), orders);
}

#[test]
fn the_fingerprint_changes_with_whatever_changes_the_outcome() {
    let base = || MappingSettings {
        fields: vec![
            field("a", "contact.email", None),
            field("b", "contact.name", None),
        ],
        order_fields: vec![field("c", "order.code", None)],
        statuses: vec![("Vyřízena".to_owned(), "done".to_owned())],
        only: Some(("contact.email".to_owned(), "here".to_owned())),
        ..settings()
    };
    let fingerprint =
        |settings: MappingSettings| Mapping::compile(&settings).unwrap().fingerprint().to_owned();
    let changed = |change: fn(&mut MappingSettings)| {
        let mut settings = base();
        change(&mut settings);
        fingerprint(settings)
    };
    let all = [
        fingerprint(base()),
        fingerprint(settings()),
        changed(|s| s.fields[0].expression = "contact.phone".to_owned()),
        changed(|s| s.fields[0].spec.name = "x".to_owned()),
        changed(|s| s.fields[0].spec.write = WritePolicy::Always),
        changed(|s| s.fields[0].spec.on_empty = OnEmpty::Clear),
        changed(|s| s.fields[0] = field("a", "contact.email", Some(ValueType::Json))),
        changed(|s| s.fields.swap(0, 1)),
        changed(|s| s.order_fields[0].expression = "order.url".to_owned()),
        changed(|s| s.order_fields.clear()),
        changed(|s| s.statuses[0].1 = "closed".to_owned()),
        changed(|s| s.statuses[0].0 = "*".to_owned()),
        changed(|s| s.statuses.clear()),
        changed(|s| s.only = None),
        changed(|s| s.unmapped_status = UnmappedStatus::Keep),
    ];
    let different: std::collections::HashSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(all[0], fingerprint(base()));
    assert_eq!(all[0], changed(|s| s.fields[0].place = "elsewhere".to_owned()));
    assert_eq!(
        all[0],
        changed(|s| s.fields[0].spec.kind = ValueType::Json),
        "an untyped field has its path's"
    );
}

#[test]
fn how_a_field_is_written_comes_through() {
    let mut clearing = field("phone", "contact.phone", None);
    clearing.spec.write = WritePolicy::IfEmpty;
    clearing.spec.on_empty = OnEmpty::Clear;
    let mapping = Mapping::compile(&MappingSettings {
        fields: vec![clearing, field("total", "stats.total", None)],
        ..settings()
    });
    let mapping = mapping.unwrap();
    assert_eq!(mapping.specs()[0].write, WritePolicy::IfEmpty);
    assert_eq!(mapping.specs()[0].on_empty, OnEmpty::Clear);
    assert_eq!(mapping.specs()[1].kind, ValueType::Decimal);
    assert_eq!(
        mapping.expressions().collect::<Vec<_>>(),
        ["contact.phone", "stats.total"]
    );
}

#[test]
fn a_mapping_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync>(_: &T) {}
    shareable(&Mapping::compile(&settings()).unwrap());
}
