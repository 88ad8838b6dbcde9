//! What is loaded from a right configuration: values, defaults, variables.

use std::path::{Path, PathBuf};
use std::time::Duration;

use shoptet_sync::config::{Environment, Notice, NotifyWay, from_path, from_str};
use shoptet_sync::source::settings::{CustomersSource, Deleted, Guests, Mode, OrdersSource, StatusRef};
use shoptet_sync::target::settings::Connection;

use crate::{SHOP, TARGET, load};

const API: &str = "[shop.api]\nprivate_token = \"x\"\n";

#[test]
fn defaults() {
    let config = load(&format!("{SHOP}{API}{TARGET}")).unwrap();
    assert_eq!(config.schedule.timezone, "Europe/Prague");
    assert_eq!(config.schedule.incremental, "0 */15 * * * *");
    assert_eq!(config.schedule.reconcile, "0 30 3 * * SUN");
    assert!(config.server.is_none());
    assert!(config.notify.is_empty());
    let shop = &config.shops[0];
    assert_eq!((shop.name.as_str(), shop.group.as_str()), ("main", "main"));
    assert_eq!((shop.currency.as_deref(), shop.timezone.as_deref()), (None, None));
    assert_eq!(shop.customers.source, CustomersSource::Api);
    assert_eq!(shop.customers.mode, Mode::NewAndUpdated);
    assert_eq!(shop.customers.deleted, Deleted::Mark);
    assert_eq!(shop.orders.source, OrdersSource::Api);
    assert_eq!(shop.orders.guests, Guests::Contact);
    let names = ["Stornována", "Stornovaná", "Cancelled"].map(|name| StatusRef::Name(name.to_owned()));
    assert_eq!(
        shop.orders.cancelled,
        [names.as_slice(), &[StatusRef::Id(-4)]].concat()
    );
    let Connection::Sqlite(sqlite) = &config.targets[0].target.connection else {
        panic!("it is an embedded one");
    };
    assert_eq!(sqlite.path, Path::new("contacts.db"));
    assert!(config.targets[0].target.shops.is_empty());
}

#[test]
fn orders_come_from_the_links_when_both_ways_are_there() {
    let exports = "[shop.exports]\norders_hash = \"x\"\n";
    let config = load(&format!("{SHOP}{API}{exports}{TARGET}")).unwrap();
    assert_eq!(config.shops[0].customers.source, CustomersSource::Api);
    assert_eq!(config.shops[0].orders.source, OrdersSource::Feed);
    let exports = config.shops[0].exports.as_ref().unwrap();
    assert_eq!(exports.orders_pattern, -11);
    assert_eq!(exports.min_interval, Duration::from_secs(900));
    assert_eq!(exports.partner_id, None);
}

#[test]
fn what_is_off_needs_no_source() {
    let exports = "[shop.exports]\norders_hash = \"x\"\n[shop.customers]\nmode = \"off\"\n";
    let config = load(&format!("{SHOP}{exports}{TARGET}")).unwrap();
    assert_eq!(config.shops[0].customers.mode, Mode::Off);
}

#[test]
fn values_are_taken_in_their_proper_form() {
    let shop = SHOP.replace("\"CZ\"", "\"cz\"");
    let config = load(&format!(
        "{shop}currency = \"czk\"\ntimezone = \"europe/bratislava\"\nhosts = [\"WWW.Shop.example\", \"obchod-žluťoučký.example\"]\n\
         [shop.orders]\nsince = 2021-01-31\nuntil = \"2021-01-31\"\ncancelled = [\"Storno\u{301} \", \"26\", -4]\n\
         {TARGET}[[notify]]\ncommand = [\"mail\", \"root\"]\n"
    ))
    .unwrap();
    let shop = &config.shops[0];
    assert_eq!(shop.country, "CZ");
    assert_eq!(shop.currency.as_deref(), Some("CZK"));
    assert_eq!(shop.timezone.as_deref(), Some("Europe/Bratislava"));
    assert_eq!(
        shop.hosts,
        ["www.shop.example", "xn--obchod-luouk-1lb6tv2cml.example"]
    );
    assert_eq!(shop.orders.since, Some(jiff::civil::date(2021, 1, 31)));
    assert_eq!(shop.orders.since, shop.orders.until);
    assert_eq!(
        shop.orders.cancelled,
        [
            StatusRef::Name("Stornó".to_owned()),
            StatusRef::Id(26),
            StatusRef::Id(-4)
        ]
    );
    assert_eq!(config.notify[0].on, [Notice::Failure, Notice::Recovery]);
    assert!(matches!(&config.notify[0].way, NotifyWay::Command(words) if words == &["mail", "root"]));
}

#[test]
fn addresses_on_this_machine_may_be_plain_http() {
    for url in [
        "http://127.0.0.1:4000",
        "http://localhost:4000",
        "http://[::1]:4000",
    ] {
        let shop = SHOP.replace("https://1234.myshoptet.com", url);
        assert_eq!(
            load(&format!("{shop}{TARGET}")).unwrap().shops[0].url.port(),
            Some(4000)
        );
    }
}

#[test]
fn variables_go_before_the_file() {
    let text = format!("state_dir = \"here\"\n[schedule]\ntimezone = \"UTC\"\n{SHOP}{TARGET}");
    let environment = Environment::of([
        ("SHOPTET_SYNC__STATE_DIR", "/srv/state"),
        ("SHOPTET_SYNC__SCHEDULE__TIMEZONE", "Europe/Budapest"),
        ("SHOPTET_SYNC__SERVER__PUBLIC_URL", "https://sync.shop.example"),
        ("SHOPTET_SYNC__SERVER__PASSWORD__ENV", "WEB"),
        ("WEB", "0123"),
        ("SHOPTET_SYNC_CONFIG", "elsewhere.toml"),
    ]);
    let config = from_str(&text, Path::new("sync.toml"), &environment).unwrap();
    assert_eq!(config.state_dir, Path::new("/srv/state"));
    assert_eq!(config.schedule.timezone, "Europe/Budapest");
    assert_eq!(config.schedule.incremental, "0 */15 * * * *");
    let server = config.server.unwrap();
    assert_eq!(server.public_url.unwrap().host_str(), Some("sync.shop.example"));
    assert_eq!(server.password.unwrap().expose(), "0123");
}

#[test]
fn the_state_never_depends_on_the_folder_of_the_command() {
    let state_dir = |line: &str, variables: &[(&str, &str)]| {
        let text = format!("{line}\n{SHOP}{TARGET}");
        from_str(
            &text,
            Path::new("/etc/sync/config.toml"),
            &Environment::of(variables.to_vec()),
        )
        .unwrap()
        .state_dir
    };
    let service = [("STATE_DIRECTORY", "/var/lib/sync:/var/lib/more")];
    assert_eq!(state_dir("", &[]), PathBuf::from("/etc/sync/shoptet-sync-state"));
    assert_eq!(state_dir("", &service), PathBuf::from("/var/lib/sync"));
    assert_eq!(
        state_dir("state_dir = \"state\"", &service),
        PathBuf::from("/etc/sync/state")
    );
    assert_eq!(
        state_dir("state_dir = \"/srv/state\"", &service),
        PathBuf::from("/srv/state")
    );
}

#[test]
fn a_file_saved_by_a_windows_editor_is_loaded() {
    let text = format!("\u{feff}{SHOP}{TARGET}").replace('\n', "\r\n");
    assert_eq!(load(&text).unwrap().shops[0].name, "main");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    let told = |path: &Path| {
        let error = from_path(path, &Environment::default()).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "/etc/sync")
    };
    insta::assert_snapshot!(told(&path), @"reading the configuration /etc/sync/config.toml: there is no file /etc/sync/config.toml (check the name given by --config or $SHOPTET_SYNC_CONFIG; a relative one starts at the folder in which the command is run. `shoptet-sync init FILE` writes one to start from)");
    std::fs::write(&path, b"state_dir = \"x\"\n# \xe9\n").unwrap();
    insta::assert_snapshot!(told(&path), @"reading the configuration /etc/sync/config.toml: line 2 is not UTF-8 (save the file as UTF-8)");
    std::fs::write(&path, " ".repeat(5 << 20)).unwrap();
    insta::assert_snapshot!(told(&path), @"reading the configuration /etc/sync/config.toml: larger than 4 MiB (correct the configuration file)");
}
