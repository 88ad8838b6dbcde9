//! Every value there is, read bare and computed.

use super::*;

#[test]
fn every_path_there_is() {
    let listed = |paths: Vec<mapping::Path>| {
        let lines = paths.iter().map(|path| {
            format!(
                "{:<38} {:<8} {}",
                path.name,
                format!("{:?}", path.kind).to_lowercase(),
                path.meaning
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!("paths", listed(mapping::paths()));
    assert_snapshot!("order_paths", listed(mapping::order_paths()));
}

/// `orders[].items[].code` as an expression: of the first entry, as the `for`-less way is.
fn as_expression(path: &str) -> String {
    path.replace("[]", "[0]")
}

#[test]
fn every_path_is_read_bare_and_computed() {
    let contact = company();
    for path in mapping::paths() {
        let bare = as_expression(&path.name);
        for expression in [bare.clone(), format!("({bare}) or ''")] {
            for contact in [&contact, &Contact::default()] {
                let value = compute(&expression, Some(ValueType::Text), contact)
                    .or_else(|_| compute(&expression, Some(ValueType::Json), contact))
                    .unwrap_or_else(|error| panic!("{expression}: {error}"));
                let empty_anyway = [
                    "orders[0].stage",
                    "last_order.stage",
                    "customer.accounts[0].phone",
                    "customer.accounts[0].name",
                ];
                if *contact != Contact::default() && !empty_anyway.contains(&bare.as_str()) {
                    let falsy = bare == "contact.newsletter" && expression != bare;
                    assert!(value != Value::Empty || falsy, "{expression} reads nothing");
                }
            }
        }
        if !path.name.contains("[]") {
            let mapping = one(&path.name, None).unwrap();
            assert_eq!(mapping.specs()[0].kind, path.kind, "{}", path.name);
            mapping.contact_values(&contact).unwrap();
        }
    }
    for path in mapping::order_paths() {
        let mapping = one_of_order(&as_expression(&path.name)).unwrap();
        let values = mapping.order_values(&contact, &contact.orders[0]).unwrap();
        assert_eq!(values.len(), 1);
    }
}
