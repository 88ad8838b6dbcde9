//! What becomes of the status of an order.

use super::*;

#[test]
fn statuses_are_found_by_id_of_the_shop_then_id_then_name_then_star() {
    let statuses = [
        ("main/26", "of this shop"),
        ("26", "by id"),
        ("-3", "system"),
        ("Vyr\u{30c}i\u{301}zena ", "by name"),
        ("10", "a name of digits"),
        ("a/b", "a name with a slash"),
        ("@deleted", "gone"),
        ("*", "all others"),
    ];
    let compile = |statuses: &[(&str, &str)], unmapped_status| {
        Mapping::compile(&MappingSettings {
            statuses: statuses
                .iter()
                .map(|(status, word)| ((*status).to_owned(), (*word).to_owned()))
                .collect(),
            unmapped_status,
            ..settings()
        })
    };
    let status = |id, name: &str| OrderStatus {
        id,
        name: name.to_owned(),
    };
    let all = compile(&statuses, UnmappedStatus::Park).unwrap();
    for (shop, asked, word) in [
        ("main", status(Some(26), "Vyřízena"), "of this shop"),
        ("outlet", status(Some(26), "Vyřízena"), "by id"),
        ("main", status(Some(-3), ""), "system"),
        ("main", status(Some(5), "Vyřízena"), "by name"),
        ("main", status(None, "Vyřízena"), "by name"),
        ("main", status(None, " Vyr\u{30c}i\u{301}zena"), "by name"),
        ("main", status(None, "vyřízena"), "all others"),
        ("main", status(None, "10"), "a name of digits"),
        ("main", status(None, "a/b"), "a name with a slash"),
        ("main", status(None, ""), "all others"),
    ] {
        assert_eq!(all.stage(shop, &asked), Stage::Mapped(word), "{asked:?}");
    }
    assert_eq!(all.deleted_stage(), Some("gone"));

    let unknown = status(None, "Nová");
    let some = &statuses[..4];
    assert_eq!(
        compile(some, UnmappedStatus::Park)
            .unwrap()
            .stage("main", &unknown),
        Stage::Unmapped
    );
    assert_eq!(
        compile(some, UnmappedStatus::Keep)
            .unwrap()
            .stage("main", &unknown),
        Stage::Kept
    );
    assert_eq!(compile(some, UnmappedStatus::Keep).unwrap().deleted_stage(), None);

    let twice = compile(
        &[("Vyřízena", "a"), (" Vyr\u{30c}i\u{301}zena", "b")],
        UnmappedStatus::Park,
    );
    assert_snapshot!(twice.unwrap_err(), @"reading the statuses of target `crm`: the status `Vyřízena` is mapped twice (keep one of the two lines; names are compared trimmed and in Unicode NFC)");
}

#[test]
fn the_stage_of_an_unmapped_status_is_empty_or_the_shop_s_name() {
    let stage = |unmapped_status| {
        let mapping = Mapping::compile(&MappingSettings {
            fields: vec![field("stage", "last_order.stage", None)],
            unmapped_status,
            ..settings()
        });
        mapping.unwrap().contact_values(&company()).unwrap().remove(0)
    };
    assert_eq!(stage(UnmappedStatus::Keep), Value::Text("Nevyřízena".to_owned()));
    assert_eq!(stage(UnmappedStatus::Park), Value::Empty);
}
