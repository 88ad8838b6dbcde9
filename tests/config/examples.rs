//! Every example under `config/` is loaded and means what it says.

use std::fs;
use std::path::Path;

use shoptet_sync::config::{Config, Environment, Notice, NotifyWay, from_path, from_str};
use shoptet_sync::mapping::Mapping;
use shoptet_sync::mapping::settings::UnmappedStatus;
use shoptet_sync::model::{FieldSpec, OnEmpty, ValueType, WritePolicy};
use shoptet_sync::source::settings::{ApiToken, CustomersSource, Guests, OrdersSource};
use shoptet_sync::target::settings::{Connection, OnGone, OnMerge};
use tempfile::TempDir;

/// Name and text of every example.
pub fn all() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let mut examples: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    examples.sort();
    examples
}

/// An example in a folder of its own, with every secret that it names beside it.
fn example(name: &str) -> Config {
    let folder = TempDir::new().unwrap();
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config").join(name)).unwrap();
    let path = folder.path().join(name);
    fs::write(&path, &text).unwrap();
    let mut variables = Vec::new();
    for (opening, is_file) in [("{ file = \"", true), ("{ env = \"", false)] {
        for rest in text.split(opening).skip(1) {
            let secret = rest.split('"').next().unwrap();
            if is_file {
                fs::write(folder.path().join(secret), format!("text-of-{secret}\n")).unwrap();
            } else {
                variables.push((secret.to_owned(), format!("text-of-{secret}")));
            }
        }
    }
    from_path(&path, &Environment::of(variables)).unwrap()
}

#[test]
fn every_example_is_loaded() {
    let names: Vec<String> = all().into_iter().map(|(name, _)| name).collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        let config = example(&name);
        assert!(!config.shops.is_empty() && !config.targets.is_empty(), "{name}");
    }
}

#[test]
fn the_minimal_example_reads_the_exports() {
    let config = example("minimal.toml");
    let shop = &config.shops[0];
    assert_eq!(shop.group, "main");
    assert_eq!(shop.customers.source, CustomersSource::Export);
    assert_eq!(shop.orders.source, OrdersSource::Feed);
    let exports = shop.exports.as_ref().unwrap();
    assert_eq!(
        exports.orders_hash.as_ref().unwrap().expose(),
        "text-of-orders-hash"
    );
    assert_eq!(config.targets[0].mapping.unmapped_status, UnmappedStatus::Keep);
    assert!(config.targets[0].mapping.fields.is_empty());
}

#[test]
fn the_api_examples_log_in_in_both_ways() {
    let config = example("api-private.toml");
    let api = config.shops[0].api.as_ref().unwrap();
    assert_eq!(api.base_url.as_str(), "https://api.myshoptet.com/");
    assert_eq!(
        api.job_webhook.as_ref().unwrap().host_str(),
        Some("www.shop.example")
    );
    assert!(matches!(&api.token, ApiToken::Private(token) if token.expose() == "text-of-SHOPTET_TOKEN"));

    let config = example("api-addon.toml");
    let ApiToken::Addon {
        oauth_token,
        token_url,
    } = &config.shops[0].api.as_ref().unwrap().token
    else {
        panic!("an add-on's log-in was configured");
    };
    assert_eq!(oauth_token.expose(), "text-of-oauth-token");
    assert_eq!(token_url.path(), "/action/ApiOAuthServer/getAccessToken");
    assert_eq!(config.shops[0].customers.source, CustomersSource::Api);
    assert_eq!(config.shops[0].orders.source, OrdersSource::Feed);
    assert!(
        config.server.is_none(),
        "nothing is asked for that is not there yet"
    );
}

#[test]
fn the_minicrm_example_says_where_and_by_whom() {
    let config = example("minicrm.toml");
    let target = &config.targets[0];
    let Connection::MiniCrm(minicrm) = &target.target.connection else {
        panic!("a MiniCRM was configured");
    };
    assert_eq!(minicrm.identity(), "r3.minicrm.hu/12345");
    assert_eq!((minicrm.category_id, minicrm.requests_per_minute), (21, 60));
    assert_eq!(minicrm.api_key.expose(), "text-of-minicrm-key");
    assert_eq!(
        (minicrm.owner.as_deref(), minicrm.has_several_shops),
        (Some("Support"), false)
    );
    let mapping = &target.mapping;
    assert_eq!(mapping.unmapped_status, UnmappedStatus::Park);
    // The example maps what the default does, and two fields more.
    let mapped: Vec<(&str, &str)> = mapping
        .fields
        .iter()
        .map(|field| (field.spec.name.as_str(), field.expression.as_str()))
        .collect();
    assert_eq!(mapped[..mapped.len() - 2], *mapping.conventions.fields);
    let deleted = mapping.statuses.iter().find(|(status, _)| status == "@deleted");
    assert_eq!(deleted.map(|(_, stage)| stage.as_str()), Some("Failed"));
}

#[test]
fn the_group_of_shops_keeps_its_order() {
    let config = example("group-of-shops.toml");
    let shops: Vec<_> = config
        .shops
        .iter()
        .map(|shop| (shop.name.as_str(), shop.group.as_str()))
        .collect();
    assert_eq!(
        shops,
        [
            ("czech", "garden"),
            ("slovak", "garden"),
            ("wholesale", "wholesale")
        ]
    );
    assert_eq!(config.shops[2].orders.guests, Guests::Skip);
    assert_eq!(config.targets[1].target.shops, ["wholesale"]);
    let (expression, place) = config.targets[1].mapping.only.as_ref().unwrap();
    assert_eq!(expression, "stats.orders_count > 0");
    assert!(place.ends_with("group-of-shops.toml:54:9"), "{place}");
}

#[test]
fn the_group_of_shops_tells_a_chat_and_a_program() {
    let config = example("group-of-shops.toml");
    let heartbeat = config.schedule.heartbeat_url.unwrap();
    assert_eq!(heartbeat.as_str(), "https://ping.example/4f1c");
    let [chat, program] = config.notify.as_slice() else {
        panic!("two are told");
    };
    assert_eq!(chat.on, [Notice::Failure, Notice::Recovery]);
    assert!(matches!(&chat.way, NotifyWay::Url(url) if url.host_str() == Some("chat.example")));
    assert_eq!(program.on, [Notice::Failure, Notice::Recovery, Notice::Run]);
    assert!(matches!(&program.way, NotifyWay::Command(argv) if argv.len() == 3));
}

#[test]
fn fields_and_statuses_keep_the_order_of_the_file() {
    let config = example("sqlite-fields.toml");
    let mapping = &config.targets[0].mapping;
    let names: Vec<&str> = mapping
        .fields
        .iter()
        .map(|field| field.spec.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "email",
            "full_name",
            "company",
            "greeting",
            "codes",
            "phone",
            "vat_id",
            "big_spender",
            "orders_total"
        ]
    );
    let [.., phone, vat_id, big_spender, _] = mapping.fields.as_slice() else {
        panic!("nine fields");
    };
    assert_eq!(phone.spec.write, WritePolicy::IfEmpty);
    assert!(!phone.typed);
    assert_eq!(vat_id.spec.on_empty, OnEmpty::Clear);
    assert_eq!(
        (big_spender.spec.kind, big_spender.typed),
        (ValueType::Bool, true)
    );
    let statuses: Vec<&str> = mapping
        .statuses
        .iter()
        .map(|(status, _)| status.as_str())
        .collect();
    assert_eq!(
        statuses,
        ["Vyřízena", "-1", "main/26", "Stornována", "@deleted", "*"]
    );
    assert_eq!(mapping.order_fields.len(), 2);
}

#[test]
fn the_daktela_example_maps_lists_statuses_and_deleted_orders() {
    let config = example("daktela.toml");
    let target = &config.targets[0];
    let Connection::Daktela(daktela) = &target.target.connection else {
        panic!("a Daktela was configured");
    };
    assert_eq!(daktela.token.expose(), "text-of-daktela-token");
    assert_eq!(daktela.identity(), "shop.daktela.com/default");
    assert_eq!(
        (daktela.on_gone, daktela.on_merge),
        (OnGone::Leave, OnMerge::Mark)
    );
    assert_eq!(daktela.words, ["CLOSE:done", "CLOSE:cancelled", "CLOSE", "OPEN"]);
    assert_eq!(target.mapping.unmapped_status, UnmappedStatus::Park);
    let mapping = Mapping::compile(&target.mapping).unwrap();
    mapping.check().unwrap();
    let of = |name: &str| mapping.specs().iter().find(|spec| spec.name == name).unwrap();
    assert_eq!(of("customFields.email").kind, ValueType::List);
    assert!(of("title").required && of("lastname").required && !of("firstname").required);
}

#[test]
fn a_daktela_has_a_mapping_without_one() {
    let text = "[[shop]]\nname = \"main\"\nurl = \"https://1234.myshoptet.com\"\ncountry = \"CZ\"\n\
        [[target]]\nname = \"callcentre\"\nkind = \"daktela\"\nurl = \"https://shop.daktela.com\"\ntoken = \"x\"\n";
    let load = |text: &str| from_str(text, Path::new("sync.toml"), &Environment::default()).unwrap();
    let config = load(text);
    let mapping = Mapping::compile(&config.targets[0].mapping).unwrap();
    mapping.check().unwrap();
    let names = |specs: &[FieldSpec]| specs.iter().map(|spec| spec.name.clone()).collect::<Vec<_>>();
    let contact = [
        "title",
        "firstname",
        "lastname",
        "customFields.email",
        "customFields.number",
    ];
    assert_eq!(names(mapping.specs()), contact);
    assert_eq!(names(mapping.order_specs()), ["title"]);
    assert_eq!(mapping.deleted_stage(), None, "no orders are sent");
    let with_orders = load(&format!("{text}order_type = \"shop_orders\"\n"));
    let mapping = Mapping::compile(&with_orders.targets[0].mapping).unwrap();
    assert_eq!(mapping.deleted_stage(), Some("CLOSE"));
}

#[test]
fn a_shop_without_a_source_is_imported_from_files_and_says_so() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config/from-files.toml")).unwrap();
    let config = from_str(&text, Path::new("from-files.toml"), &Environment::default()).unwrap();
    assert_eq!(
        config.warnings_of_reading,
        ["shop \"main\" has neither [shop.api] nor [shop.exports]: it can only be imported from files"]
    );
}
