//! Wrong configurations and how their refusal reads, side by side in the snapshots.

use insta::assert_snapshot;
use shoptet_sync::config::Environment;

use crate::{CANARY, SHOP, TARGET, load, refusal};

/// Each case as it is written and what a person is told about it.
fn side_by_side(cases: &[&str], around: impl Fn(&str) -> String) -> String {
    let mut page = String::new();
    for case in cases {
        let told = refusal(&around(case), &Environment::default());
        let told = told.replace("loading the configuration sync.toml: ", "");
        let told = told.replace(" (correct the configuration file)", "");
        page.push_str(&format!(
            "{}\n    {}\n\n",
            case.trim(),
            told.replace('\n', "\n    ")
        ));
    }
    page.replace(CANARY, "<canary>")
}

#[test]
fn the_top_of_the_file() {
    let cases = [
        "state_dri = \"x\"",
        "state_dir = 7",
        "state_dir = \"\"",
        "orders_hash = \"x\"",
        "colour = \"red\"",
        "[schedul]",
        "[schedule]\ntimezone = \"Europe/Prag\"",
        "[schedule]\ntimezone = 2",
        "[schedule]\nincremental = \"every 15 minutes\"",
        "[schedule]\nincremental = \"0 0 0 30 2 *\"",
        "[schedule]\nheartbeat_url = \"http://ping.example/abc\"",
        "schedule = \"daily\"",
        "[server]\nlisten = \"localhost\"",
        "[server]\nlisten = \"0.0.0.0:8787\"",
        "[server]\nlissten = \"127.0.0.1:1\"",
        "[server]\npublic_url = \"ftp://sync.example\"",
        "[[notify]]\non = [\"failures\"]\nurl = \"https://chat.example/hook\"",
        "[[notify]]\non = [\"run\"]",
        "[[notify]]\nurl = \"https://chat.example/hook\"\ncommand = [\"mail\"]",
        "[[notify]]\ncommand = []",
        "[notify]\nurl = \"https://chat.example/hook\"",
    ];
    assert_snapshot!(side_by_side(&cases, |case| format!("{case}\n\n{SHOP}{TARGET}")));
}

#[test]
fn a_shop() {
    let cases = [
        "adress = \"x\"",
        "min_interval = \"15m\"",
        "group = \"Main Shop\"",
        "currency = \"CKZ\"",
        "currency = \"crowns\"",
        "timezone = \"Prague\"",
        "hosts = \"www.shop.example\"",
        "hosts = [\"https://www.shop.example/\"]",
        "hosts = [\"www.shop.example\", 7]",
        "exports = \"yes\"",
        "[shop.customer]\nmode = \"new\"",
        "[shop.customers]\nmode = \"neww\"",
        "[shop.customers]\nmode = true",
        "[shop.customers]\ndeleted = \"anonymise\"",
        "[shop.customers]\nsource = \"api\"",
        "[shop.customers]\nsource = \"feed\"",
        "[shop.orders]\nmode = \"updated\"",
        "[shop.orders]\nsource = \"api\"",
        "[shop.orders]\nsource = \"export\"",
        "[shop.orders]\nsince = \"1. 1. 2021\"",
        "[shop.orders]\nsince = 2021-13-01",
        "[shop.orders]\nsince = 2021-02-30",
        "[shop.orders]\nsince = 2022-01-01\nuntil = 2021-01-01",
        "[shop.orders]\nguests = \"none\"",
        "[shop.orders]\nnot_people = [\"market.example\"]",
        "[shop.orders]\ncancelled = [\"Stornována\", -4.5]",
        "[shop.orders]\ncancelled = \"Stornována\"",
    ];
    assert_snapshot!(side_by_side(&cases, |case| format!("{SHOP}{case}\n\n{TARGET}")));
}

#[test]
fn the_ways_into_a_shop() {
    let cases = [
        "[shop.api]",
        "[shop.api]\nbase_url = \"http://api.shop.example\"\nprivate_token = \"x\"",
        "[shop.api]\nbase_url = \"https://jane:secret@api.shop.example\"\nprivate_token = \"x\"",
        "[shop.api]\nbase_url = \"api.myshoptet.com\"\nprivate_token = \"x\"",
        "[shop.api]\nprivat_token = \"x\"",
        "[shop.api]\noauth_token = \"x\"",
        "[shop.api]\ntoken_url = \"https://1234.myshoptet.com/token\"",
        "[shop.api]\nprivate_token = \"x\"\noauth_token = \"y\"\ntoken_url = \"https://1234.myshoptet.com/token\"",
        "[shop.api]\nprivate_token = \"x\"\ntoken_url = \"https://1234.myshoptet.com/token?a=b\"",
        "[shop.api]\nprivate_token = \"x\"\njob_webhook = \"https://\"",
        "[shop.exports]\ncustomers_hash = \"x\"",
        "[shop.exports]\norders_hash = \"x\"",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_feed_hash = \"y\"",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\npartner_id = \"3\"",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\npartner_id = -3",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\norders_pattern = 0",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\nmin_interval = 15",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\nmin_interval = \"15 moons\"",
        "[shop.exports]\ncustomers_hash = \"x\"\norders_hash = \"y\"\nmin_interval = \"-15m\"",
    ];
    assert_snapshot!(side_by_side(&cases, |case| format!("{SHOP}{case}\n\n{TARGET}")));
}

#[test]
fn a_target() {
    let cases = [
        "pth = \"contacts.db\"",
        "path = \"\"",
        "path = 3",
        "path = \"./state.db\"",
        "url = \"https://shop.example\"",
        "shops = [\"mian\"]",
        "shops = []",
        "shops = \"main\"",
        "only = true",
        "unmapped_status = \"parked\"",
        "fields = [\"email\"]",
        "[target.field]\nemail = \"contact.email\"",
        "[target.fields]\nemail = 1",
        "[target.fields]\nemail = \"\"",
        "[target.fields]\ncustom.note = \"contact.email\"",
        "[target.fields]\nemail = { write = \"always\" }",
        "[target.fields]\nemail = { value = \"contact.email\", wirte = \"always\" }",
        "[target.fields]\nemail = { value = \"contact.email\", write = \"if_changed\" }",
        "[target.fields]\nemail = { value = \"contact.email\", on_empty = \"erase\" }",
        "[target.order_fields]\nnote = { value = \"order.remark\", type = \"string\" }",
        "[target.statuses]\n\"Vyřízena\" = 3",
        "[target.statuses]\n\"Vyřízena\" = \"\"",
        "[target.statuses]\n\" \" = \"done\"",
        "[target.statuses]\n\"@delete\" = \"gone\"",
        "[target.statuses]\n\"mian/26\" = \"waiting\"",
        "[[target]]\nname = \"contacts\"\nkind = \"sqlite\"\npath = \"other.db\"",
        "[[target]]\nname = \"second\"\nkind = \"sqlite\"\npath = \"./contacts.db\"",
        "[[target]]\nname = \"second\"",
        "[[target]]\nname = \"second\"\nkind = \"sqlit\"",
        "[[target]]\nname = \"callcentre\"\nkind = \"daktela\"\nurl = \"https://shop.example\"",
        "[[target]]\nkind = \"sqlite\"\npath = \"other.db\"",
    ];
    assert_snapshot!(side_by_side(&cases, |case| format!("{SHOP}\n{TARGET}{case}\n")));
}

#[test]
fn a_postgres_target() {
    let cases = [
        "",
        "url = \"\"",
        "url = \"db.example\"",
        "url = \"postgres://db.example/crm\"",
        "url = \"postgres://sync@db.example\"",
        "url = \"postgres://sync@db.example/crm?sslmode=prefer\"",
        "url = \"postgres://sync@db.example/crm?sslrootcert=ca.pem\"",
        "url = \"postgres://sync@db.example/crm?sslmode=disable\"\nca_file = \"ca.pem\"",
        "url = \"postgres://sync:<canary>@db.example/crm\"\npassword = \"<canary>\"",
        "url = { env = \"NOT_SET\" }",
        "url = \"postgres://sync@127.0.0.1/crm\"\nschema = \"\"",
        "url = \"postgres://sync@127.0.0.1/crm\"\nschema = \"pg_temp\"",
        "url = \"postgres://sync@127.0.0.1/crm\"\nshema = \"crm\"",
        "url = \"postgres://sync@127.0.0.1/crm\"\npath = \"contacts.db\"",
        "url = \"postgres://sync@127.0.0.1/crm\"\n[[target]]\nname = \"second\"\nkind = \"postgres\"\nurl = \"postgres://other@127.0.0.1/crm\"",
    ];
    let target = "[[target]]\nname = \"warehouse\"\nkind = \"postgres\"\n";
    assert_snapshot!(side_by_side(&cases, |case| {
        let case = case.replace("<canary>", CANARY);
        format!("{SHOP}\n{target}{case}\n")
    }));
}

#[test]
fn a_daktela_target() {
    let good = "url = \"https://shop.daktela.com\"\ntoken = \"<canary>\"\n";
    let orders = format!("{good}order_type = \"shop_orders\"\n");
    let cases = [
        String::new(),
        "url = \"shop.daktela.com\"\ntoken = \"<canary>\"".to_owned(),
        "url = \"http://shop.daktela.com\"\ntoken = \"<canary>\"".to_owned(),
        "url = \"https://shop.daktela.com/api/v6\"\ntoken = \"<canary>\"".to_owned(),
        "url = \"https://shop.daktela.com\"\ntoken = \"two words <canary>\"".to_owned(),
        format!("{good}database = \"\""),
        format!("{good}on_gone = \"ask\"\non_merge = \"merge\""),
        format!("{good}marker = \"lastname\""),
        format!("{good}marker = \"state\""),
        format!("{good}requests_per_second = 0"),
        format!("{good}requests_per_second = 5000"),
        format!("{good}requests_per_minute = 60"),
        format!(
            "{good}[target.fields]\nemail = \"contact.email\"\ncreated = \"contact.name\"\ndatabase = \"contact.name\""
        ),
        format!("{good}marker = \"customFields.x\"\n[target.fields]\n\"customFields.x\" = \"contact.city\""),
        format!("{good}[target.order_fields]\ntitle = \"order.code\""),
        format!("{orders}[target.order_fields]\nstage = \"order.status\"\nlastname = \"order.code\""),
        format!(
            "{orders}[target.statuses]\n\"Nová\" = \"open\"\n\"*\" = \"CLOSE:\"\n\"@deleted\" = \"done\""
        ),
        format!("{good}[[target]]\nname = \"second\"\nkind = \"daktela\"\n{good}"),
    ];
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let target = "[[target]]\nname = \"callcentre\"\nkind = \"daktela\"\n";
    assert_snapshot!(side_by_side(&cases, |case| {
        let case = case.replace("<canary>", CANARY);
        format!("{SHOP}\n{target}{case}\n")
    }));
}

#[test]
fn a_minicrm_target() {
    let keys =
        "url = \"https://r3.minicrm.hu\"\nsystem_id = 12345\napi_key = \"<canary>\"\ncategory_id = 21\n";
    let cases = [
        "".to_owned(),
        keys.replace("12345", "\"12345\"").replace("21", "0"),
        keys.replace("https://r3.minicrm.hu", "https://r3.minicrm.hu/12345"),
        format!("{keys}requests_per_minute = 0\nowner = \" \"\nmarker = \"ShoptetState\"\nfeed = 3"),
        format!("{keys}[target.fields]\nemail = \"contact.email\"\n\"Order.Remark\" = \"contact.name\""),
        format!("{keys}marker = \"Card.State\"\n[target.fields]\n\"Card.State\" = \"contact.name\""),
        format!("{keys}[target.order_fields]\n\"Card.Remark\" = \"order.remark\""),
        format!("{keys}[target.statuses]\n\"Vyřízena\" = \"completed\"\n\"Nová\" = \"Draft\""),
        format!("{keys}[[target]]\nname = \"second\"\nkind = \"minicrm\"\n{keys}"),
    ];
    let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
    let target = "[[target]]\nname = \"crm\"\nkind = \"minicrm\"\n";
    assert_snapshot!(side_by_side(&cases, |case| {
        let case = case.replace("<canary>", CANARY);
        format!("{SHOP}\n{target}{case}\n")
    }));
}

#[test]
fn whole_files() {
    let cases = [
        "",
        "shop = 3",
        "shop = []\ntarget = []",
        "[shop]\nname = \"main\"\n\n[[target]]\nname = \"contacts\"\nkind = \"sqlite\"",
        "[[shop]]\nname = \"Můj obchod\"\nurl = \"https://1234.myshoptet.com/admin\"\ncountry = \"Česko\"\n\n\
         [[shop]]\n\n[[shop]]\nname = \"b\"\nurl = \"https://5678.myshoptet.com?hash=c4nary0123456789abcdef0123456789abcdef0123456789\"\n\
         country = \"UK\"\n\n[[shop]]\nname = \"b\"\nurl = \"https://5678.myshoptet.com\"\ncountry = \"sk\"",
        "[[shop]\nname = \"main\"",
        "[[shop]]\nname = main",
        "[[shop]]\nname = \"main\nurl = 3",
        "[[shop]]\nname = \"main\"\nname = \"second\"",
        "[[target]]\n[target.statuses]\nVyřízena = \"done\"",
        "[[shop]]\n[shop.api]\nprivate_token = c4nary0123456789abcdef0123456789abcdef0123456789",
        "[[shop]]\n[shop.api]\nprivate_token = \"c4nary0123456789abcdef0123456789abcdef0123456789",
        "[[shop]]\n[shop.api]\n\"c4nary0123456789abcdef0123456789abcdef0123456789\" = \"private_token\"",
    ];
    assert_snapshot!(side_by_side(&cases, str::to_owned));
}

#[test]
fn variables() {
    let told = |variables: &[(&str, &str)]| {
        refusal(
            &format!("{SHOP}{TARGET}[schedule]\ntimezone = \"UTC\"\n"),
            &Environment::of(variables.to_vec()),
        )
    };
    let page = [
        told(&[("SHOPTET_SYNC__SCHEDULE__TIMEZONE", "Europe/Prag")]),
        told(&[("SHOPTET_SYNC__SCHEDULE__TIMEZON", "UTC")]),
        told(&[("SHOPTET_SYNC__STATEDIR", "/var/lib/sync")]),
        told(&[("SHOPTET_SYNC__SCHEDULE", "daily")]),
        told(&[("SHOPTET_SYNC__SHOP__0__URL", "https://1234.myshoptet.com")]),
        told(&[("SHOPTET_SYNC__SERVER__LISTEN", "0.0.0.0:80")]),
        told(&[("SHOPTET_SYNC__SERVER__PASSWORD", "")]),
        told(&[("SHOPTET_SYNC__SERVER__PASSWORD__FIL", CANARY)]),
        told(&[("SHOPTET_SYNC__", "x")]),
    ];
    assert_snapshot!(page.join("\n\n"));
}

/// A file that is cut off or has a line too few or too many is loaded or refused, never a panic, and
/// a refusal always says what for.
#[test]
fn every_broken_example_is_loaded_or_refused_with_a_reason() {
    for (_, text) in crate::examples::all() {
        let lines: Vec<&str> = text.lines().collect();
        for number in 0..lines.len() {
            let without: String = lines
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != number)
                .map(|(_, line)| format!("{line}\n"))
                .collect();
            let doubled = lines
                .iter()
                .enumerate()
                .map(|(at, line)| {
                    if at == number {
                        format!("{line}\n{line}\n")
                    } else {
                        format!("{line}\n")
                    }
                })
                .collect();
            let cut = lines
                .iter()
                .take(number)
                .map(|line| format!("{line}\n"))
                .collect::<String>()
                + "[[";
            for broken in [without, doubled, cut] {
                if let Err(error) = load(&broken) {
                    assert!(error.cause().contains("sync.toml:"), "no place in: {error}");
                }
            }
        }
    }
}
