//! `check`: every point, in words and as JSON; it writes nothing and never asks the feed link.

use insta::assert_snapshot;
use shoptet_sync::demo::{SimulatedShop, World};

use crate::{Place, settings, shop};

fn config(simulated: &SimulatedShop, more: &str) -> String {
    let (token, customers, orders, feed) = simulated.change(|world| {
        let doors = &world.doors;
        (
            doors.private_token.clone().unwrap(),
            doors.customers_hash.clone(),
            doors.orders_hash.clone(),
            doors.orders_feed_hash.clone(),
        )
    });
    format!(
        r#"
[[shop]]
name = "main"
url = "{}"
country = "CZ"
[shop.api]
base_url = "{}"
private_token = "{token}"
job_webhook = "https://me.example/hook"
[shop.exports]
partner_id = 3
customers_hash = "{customers}"
orders_hash = "{orders}"
orders_feed_hash = "{feed}"
[[target]]
name = "contacts"
kind = "sqlite"
{more}
"#,
        simulated.url(),
        simulated.api_url()
    )
}

async fn small_shop() -> SimulatedShop {
    SimulatedShop::start(World::generate(7, 5, 5)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_ready() {
    let simulated = small_shop().await;
    let place = Place::new(&config(&simulated, ""));
    let feed = simulated.change(|world| world.doors.orders_feed_hash.clone());
    let _settings = settings(&place);
    assert_snapshot!(place.prints(0, &["check"]));
    assert_snapshot!("check_json", place.prints(0, &["check", "--json"]));
    let asked = simulated.requests();
    assert!(asked.len() > 4);
    assert!(
        asked.iter().all(|request| request.method == "GET"),
        "it only asks"
    );
    assert!(
        asked
            .iter()
            .all(|request| request.parameter("hash") != Some(feed.as_str())),
        "reading the feed link may use it up"
    );
    assert!(!place.state_dir().exists(), "it writes nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_has_to_mend_is_named_with_what_to_do() {
    let simulated = small_shop().await;
    let mapping = "unmapped_status = \"park\"\n[target.fields]\ngone_at = \"contact.email\"\n[target.statuses]\n\"Vyřízena\" = \"done\"\n";
    let place = Place::new(&config(&simulated, mapping));
    simulated.change(|world| {
        world.doors.missing_rights.insert("customers".to_owned());
        world.doors.orders_hash = "f".repeat(64);
    });
    let _settings = settings(&place);
    assert_snapshot!(place.prints(2, &["check"]));
    assert_eq!(place.json(2, &["check", "--json"])["ok"], false);
}

#[test]
fn a_shop_that_does_not_answer_may_do_so_later() {
    let place = shop::fresh();
    // A port that was free a moment ago, and where nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let nobody = shop::CONFIG.replace("https://1234.myshoptet.com", &format!("http://127.0.0.1:{port}"));
    place.write("shoptet-sync.toml", &nobody);
    let _settings = settings(&place);
    assert_snapshot!(place.prints(1, &["check"]));
}

#[test]
fn statuses_seen_in_files_and_shops_of_several_groups_are_told() {
    let place = shop::imported();
    let _settings = settings(&place);
    let second = "[[shop]]\nname = \"other\"\nurl = \"https://5678.myshoptet.com\"\ncountry = \"CZ\"\n";
    let (before, after) = shop::CONFIG.split_once("[shop.exports]").unwrap();
    let config = format!(
        "{before}{second}[[target]]{}",
        after.split_once("[[target]]").unwrap().1
    );
    place.write("shoptet-sync.toml", &config);
    assert_snapshot!(place.prints(2, &["check"]));
}
