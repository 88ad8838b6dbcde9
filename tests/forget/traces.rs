//! Not a byte is left: not in free pages, logs, journals or downloads.

use super::*;

/// Jane as she changed over the months, so that traces of former values are everywhere.
fn with_a_past() -> (Shop, Home) {
    let mut shop = shop();
    let mut home = Home::new();
    for month in 1..=9_u32 {
        let mut then = shop.clone();
        then.customers[0] = customer("g1")
            .login(if month < 5 {
                "stare.kanarkova@priklad.example"
            } else {
                JANE
            })
            .phone("777666555")
            .billing(party(
                &format!("Jane Kanárková {month}"),
                "Tajná 1",
                &"Tajnov ".repeat(usize::try_from(month).unwrap() * 40),
            ));
        for order in &mut then.orders[..2] {
            order.remark = "zvonek nefunguje ".repeat(usize::try_from(10 - month).unwrap() * 300);
        }
        for number in 0..month * 4 {
            let crowd = format!("crowd{number}@shop.example");
            then.orders.push(
                order(&format!("c{number}"))
                    .email(&crowd)
                    .billing(party("Dav", "Ulice", "Město")),
            );
        }
        home.import(&then.customers(), &then.orders());
        shop.orders = then.orders;
    }
    (shop, home)
}

#[test]
fn not_a_byte_is_left_of_what_is_and_of_what_was() {
    let (shop, mut home) = with_a_past();
    let folder = home.state_dir();
    let told = told_in(&folder).join("\n");
    for file in ["state.db", "contacts.db"] {
        assert!(told.contains(&format!("{file} tells Tajnov")), "{told}");
    }
    assert!(
        told.contains("tells stare.kanarkova"),
        "the past is in there: {told}"
    );
    home.forget(JANE);
    assert_eq!(told_in(&folder), [""; 0]);
    let names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.ends_with("-journal")), "{names:?}");
    home.again(&shop);
    assert_eq!(told_in(&folder), [""; 0]);
    // What stands for her in the one database that remembers her is random: it differs from home to home.
    let suppressed = std::fs::read(folder.join("suppressed.db")).unwrap();
    let (_, other) = with_a_past();
    other.forget(JANE);
    assert_ne!(
        suppressed,
        std::fs::read(other.state_dir().join("suppressed.db")).unwrap()
    );
}

#[test]
fn a_download_that_holds_them_is_discarded_and_another_is_not() {
    let shop = shop();
    let home = imported(&shop);
    let spool = home.state_dir().join("spool").join("main");
    std::fs::create_dir_all(&spool).unwrap();
    let put = |section: &str, text: &str| {
        std::fs::write(spool.join(format!("{section}.data")), text).unwrap();
        let of = section.trim_end_matches(".refused");
        let description = format!(
            "{{\"section\":\"{of}\",\"source\":\"export\",\"requested_at\":\"2030-01-01T00:00:00Z\",\
             \"cursor\":\"2030-01-01T00:00:00Z\",\"extent\":\"whole\",\"shop_url\":\"https://main.example\",\
             \"since\":null,\"until\":null,\"complete\":true,\"bytes\":{}}}",
            text.len()
        );
        std::fs::write(spool.join(format!("{section}.json")), description).unwrap();
    };
    put("customers", &customers(&shop.customers[1..]));
    put("orders", &written::orders_as_xml(&shop.orders));
    put("customers.refused", &shop.customers());
    put("orders.refused", &written::orders_as_xml(&shop.orders[3..]));
    std::fs::write(spool.join("customers.part"), shop.customers()).unwrap();
    std::fs::write(spool.join("customers.reading.json"), "{}").unwrap();
    let forgotten = home.forget(JANE);
    assert_eq!(
        forgotten.downloads,
        ["customers of main, refused ones", "orders of main"]
    );
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
    for other in ["customers.data", "orders.refused.data"] {
        assert!(spool.join(other).exists(), "{other}: nobody in it was forgotten");
    }
    // A document that cannot be looked through may hold anybody.
    put("orders", "<ORDERS><ORDER><CODE>1</CODE>Kanarkova");
    home.forget("eve@shop.example");
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

/// The first import failed or was killed: there is no state that could tell whom a download holds.
#[test]
fn without_a_state_no_download_stays() {
    let shop = shop();
    let home = Home::new();
    let spool = home.state_dir().join("spool").join("main");
    std::fs::create_dir_all(&spool).unwrap();
    for (name, text) in [
        ("customers.data", shop.customers()),
        ("customers.part", shop.customers()),
        ("orders.refused.data", written::orders_as_xml(&shop.orders)),
        ("orders.data", written::orders_as_xml(&shop.orders)),
    ] {
        std::fs::write(spool.join(name), text).unwrap();
    }
    for section in ["customers", "orders", "orders.refused"] {
        let (of, data) = (section.trim_end_matches(".refused"), format!("{section}.data"));
        let description = format!(
            "{{\"section\":\"{of}\",\"source\":\"export\",\"requested_at\":\"2030-01-01T00:00:00Z\",\
             \"cursor\":\"2030-01-01T00:00:00Z\",\"extent\":\"whole\",\"shop_url\":\"https://main.example\",\
             \"since\":null,\"until\":null,\"complete\":true,\"bytes\":{}}}",
            std::fs::metadata(spool.join(data)).unwrap().len()
        );
        std::fs::write(spool.join(format!("{section}.json")), description).unwrap();
    }
    assert_ne!(told_in(&home.state_dir()), [""; 0]);
    let forgotten = home.forget(JANE);
    assert_eq!(
        forgotten.downloads,
        [
            "customers of main",
            "orders of main, refused ones",
            "orders of main"
        ]
    );
    assert_eq!(told_in(&home.state_dir()), [""; 0]);
}

#[test]
fn no_error_and_no_answer_names_them() {
    let shop = shop();
    let home = imported(&shop);
    let forgotten = home.forget(JANE);
    let told = format!("{forgotten:?}{}", serde_json::to_string(&forgotten).unwrap());
    assert!(!CANARIES.iter().any(|canary| told.contains(canary)), "{told}");
    let runs = home
        .in_state("SELECT command, outcome, counts FROM runs")
        .join("");
    assert!(!CANARIES.iter().any(|canary| runs.contains(canary)), "{runs}");
}

/// The state knows e-mails by their hash and phones by their digits, as numbers.
#[test]
fn no_number_that_tells_of_them_is_left_either() {
    let shop = shop();
    let mut home = imported(&shop);
    let state = home.state_dir().join("state.db");
    let sql = "INSERT INTO unsettled SELECT grp, 0, email FROM emails; INSERT INTO unsettled SELECT grp, 1, phone FROM phones";
    rusqlite::Connection::open(&state)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    // SQLite writes a number into as few bytes as it takes, the highest first.
    let email = shoptet_sync::merge::key::hash64(JANE).to_be_bytes();
    let phone = &420_777_666_555_u64.to_be_bytes()[2..];
    let counts = || {
        let bytes = std::fs::read(&state).unwrap();
        let log = std::fs::read(state.with_file_name("state.db-wal")).unwrap_or_default();
        let count = |number: &[u8]| {
            let windows = bytes.windows(number.len()).chain(log.windows(number.len()));
            windows.filter(|window| *window == number).count()
        };
        (count(&email), count(phone))
    };
    let (emails, phones) = counts();
    assert!(emails > 0 && phones > 0, "{emails} {phones}");
    home.forget(JANE);
    assert_eq!(counts(), (0, 0));
    home.again(&shop);
    assert_eq!(counts(), (0, 0));
}
