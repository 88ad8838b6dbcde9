//! `plan`: what it says is what a run does, and it writes nothing.

use std::collections::BTreeMap;
use std::path::Path;

use insta::assert_snapshot;
use shoptet_sync::demo::generate::write_files;
use shoptet_sync::demo::{SimulatedShop, World};

use crate::{Place, settings, shop};

/// Every file below a folder with its bytes; what SQLite keeps beside an open database left aside.
fn everything_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_dir() {
            found.extend(everything_in(&path));
        } else if !name.ends_with("-wal") && !name.ends_with("-shm") && !name.ends_with("/lock") {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
    found
}

fn new_orders(place: &Place) {
    let mut later = shop::ORDERS;
    later[0].status = "Čeká na kurýra";
    later[1].status = "Vyřízena";
    later[5].code = "2025000006";
    later[5].email = "nova@priklad.example";
    place.write("orders.xml", &shop::orders(&later));
}

fn import_only_into_the_state(place: &Place) {
    let mut words = shop::IMPORT.to_vec();
    words[6] = "2026-02-04T04:05:06Z";
    words.extend(["--limit", "0"]);
    place.prints(3, &words);
}

#[test]
fn nothing_to_do_is_said() {
    let place = shop::imported();
    assert_snapshot!(place.prints(0, &["plan"]));
    assert_snapshot!(place.prints(0, &["plan", "--json"]));
}

#[test]
fn a_plan_is_what_the_run_does_and_writes_nothing() {
    let place = shop::imported();
    new_orders(&place);
    import_only_into_the_state(&place);
    let before = everything_in(&place.state_dir());
    assert_snapshot!("due", place.prints(0, &["plan", "--verbose"]));
    assert_snapshot!("due_json", place.prints(0, &["plan", "--json"]));
    assert!(
        everything_in(&place.state_dir()) == before,
        "a plan wrote something"
    );
    let planned = place.json(0, &["plan", "--json"])["targets"][0].clone();
    let done = place.json(3, &[&shop::IMPORT[..], &["--json"]].concat())["targets"]["contacts"].clone();
    assert_eq!(
        (&planned["create"], &planned["update"]),
        (&done["created"], &done["updated"])
    );
    assert_eq!(planned["orders"]["create"], done["orders_created"]);
    assert_eq!(
        planned["orders"]["unmapped"],
        serde_json::json!({ "Čeká na kurýra": done["orders_parked"] })
    );
}

#[test]
fn a_changed_mapping_and_a_new_target_are_reckoned_with() {
    let place = shop::imported();
    let changed = shop::CONFIG
        .replace(
            "email         = \"contact.email\"",
            "email = \"contact.email\"\nkind = \"contact.kind\"",
        )
        .replace("\"Stornována\" = \"cancelled\"", "\"*\" = \"other\"");
    place.write(
        "shoptet-sync.toml",
        &format!("{changed}\n[[target]]\nname = \"second\"\nkind = \"sqlite\"\npath = \"second.db\"\n"),
    );
    let before = everything_in(&place.state_dir());
    assert_snapshot!(place.prints(0, &["plan"]));
    assert!(
        everything_in(&place.state_dir()) == before,
        "a plan wrote something"
    );
    let planned = place.json(0, &["plan", "--json"]);
    let done = place.json(3, &[&shop::IMPORT[..], &["--json"]].concat());
    for (place, name) in ["contacts", "loyal", "second"].into_iter().enumerate() {
        let (planned, done) = (&planned["targets"][place], &done["targets"][name]);
        let number = |value: &serde_json::Value, name: &str| value[name].as_u64().unwrap_or(0);
        assert_eq!(number(planned, "create"), number(done, "created"), "{name}");
        assert_eq!(number(planned, "update"), number(done, "updated"), "{name}");
        assert_eq!(
            number(&planned["orders"], "create"),
            number(done, "orders_created"),
            "{name}"
        );
    }
}

#[test]
fn an_emptied_or_replaced_target_is_suspicious_and_what_accepting_means_is_told() {
    let place = shop::imported();
    std::fs::remove_file(place.state_dir().join("contacts.db")).unwrap();
    assert_snapshot!("emptied", place.prints(2, &["plan"]));
    let other = shop::imported();
    std::fs::copy(
        other.state_dir().join("contacts.db"),
        place.state_dir().join("contacts.db"),
    )
    .unwrap();
    place
        .contacts()
        .execute("DELETE FROM contacts WHERE email = 'petr@priklad.example'", [])
        .unwrap();
    assert_snapshot!("replaced", place.prints(2, &["plan"]));
    place.refuses_import();
}

#[test]
fn a_plan_tells_what_a_damaged_target_hinders_and_plans_the_others() {
    let place = shop::imported();
    let _settings = settings(&place);
    std::fs::write(
        place.state_dir().join("contacts.db"),
        "no database at all, as long as a header is expected to be ……",
    )
    .unwrap();
    assert_snapshot!(place.prints(2, &["plan"]));
}

#[test]
fn a_plan_reads_beside_a_run_that_holds_the_lock() {
    let place = shop::imported();
    let _lock = shoptet_sync::state::lock::take(&place.state_dir(), "import").unwrap();
    place.prints(0, &["plan"]);
    place.prints(0, &["status"]);
    place.prints(0, &["parked"]);
    place.refuses(2, &["plan", "--full"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_plan_reads_the_shop_and_keeps_nothing_of_it() {
    let simulated = SimulatedShop::start(World::generate(7, 40, 90)).await.unwrap();
    let place = Place::new(&config_of(&simulated));
    let first = place.json(0, &["plan", "--full", "--json"]);
    let target = &first["targets"][0];
    let people = target["create"].as_u64().unwrap();
    assert!(people >= 40, "{target}");
    assert_eq!(target["orders"]["create"], 90);
    assert!(
        everything_in(&place.state_dir())
            .keys()
            .all(|name| name.ends_with("exports.json")),
        "only the pauses are noted"
    );
    place.refuses(2, &["status"]);
    let imported = place.json(0, &["import", "--json"]);
    assert_eq!(imported["targets"]["contacts"]["created"], people);
    assert_eq!(place.json(0, &["plan", "--json"])["targets"][0]["update"], 0);
    simulated.change(|world| world.orders[5].status = 26);
    let before = everything_in(&place.state_dir());
    let full = place.json(0, &["plan", "--full", "--json"]);
    assert_eq!(full["targets"][0]["orders"]["update"], 1);
    assert!(
        everything_in(&place.state_dir()) == before,
        "a full plan left something behind"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_shops_own_email_identifies_nobody_in_the_plan_as_in_the_run() {
    let mut world = World::generate(7, 5, 10);
    for account in world
        .customers
        .iter_mut()
        .flat_map(|customer| &mut customer.accounts)
    {
        account.email.clone_from(&world.shop.email);
    }
    let simulated = SimulatedShop::start(world).await.unwrap();
    let config = config_of(&simulated);
    let place = Place::new(&config);
    place.prints(0, &["import"]);
    // The API alone tells that address; a plan does not ask the API.
    let fields = "[target.fields]\nemail = \"contact.email\"\nkind = \"contact.kind\"\n";
    place.write("shoptet-sync.toml", &format!("{config}{fields}"));
    let planned = place.json(0, &["plan", "--json"])["targets"][0].clone();
    assert_eq!(
        planned["fields"],
        serde_json::json!({ "kind": planned["update"] })
    );
}

fn config_of(simulated: &SimulatedShop) -> String {
    let token = simulated.change(|world| world.doors.private_token.clone().unwrap());
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
[shop.customers]
source = "api"
[shop.orders]
source = "api"
[[target]]
name = "contacts"
kind = "sqlite"
"#,
        simulated.url(),
        simulated.api_url()
    )
}

#[test]
fn a_plan_of_a_generated_shop_agrees_with_the_import_for_every_contact() {
    let place = shop::fresh();
    write_files(3, 60, 150, place.folder.path()).unwrap();
    let mut words = shop::IMPORT.to_vec();
    (words[2], words[4]) = ("customers.jsonl.gz", "orders.xml");
    words.extend(["--limit", "0"]);
    place.run(&words);
    let planned = place.json(0, &["plan", "--json"]);
    let to_create: Vec<&str> = planned["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|contact| contact["target"] == "contacts" && contact["action"] == "create")
        .map(|contact| contact["key"].as_str().unwrap())
        .collect();
    words.truncate(7);
    place.run(&words);
    let contacts = place.contacts();
    let mut statement = contacts.prepare("SELECT key FROM contacts").unwrap();
    let mut created: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    created.sort();
    let mut to_create: Vec<String> = to_create.into_iter().map(str::to_owned).collect();
    to_create.sort();
    assert_eq!(to_create, created);
}

impl Place {
    fn refuses_import(&self) {
        let ended = self.run(&shop::IMPORT);
        assert_eq!(ended.code, 2, "{}{}", ended.stdout, ended.stderr);
    }
}
