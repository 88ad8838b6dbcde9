//! What stays on disk, and the turns at the permanent links.

use super::*;

#[tokio::test]
async fn a_complete_download_is_used_again_until_it_is_committed() {
    let server = SmallShop::start(|_, _| answer(200, "<ORDERS></ORDERS>")).await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    let first = shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    let told = Told::default();
    let again = shop(&settings)
        .download_orders(&folder.spool(), &told)
        .await
        .unwrap();
    assert_eq!(first, again);
    assert_eq!(server.asked_at_all().len(), 1);
    let told = told.0.into_inner().unwrap().join("\n");
    insta::assert_snapshot!(told.replace(&folder.folder.path().display().to_string(), "FOLDER"), @"the orders of shop main are not downloaded again: an earlier run fetched them less than a minute ago and ended before they were imported; for newer ones, delete FOLDER/spool/orders.data and run the command again");

    let mode = |name: &str| {
        std::fs::metadata(folder.folder.path().join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode("spool"), 0o700);
    for name in folder.files() {
        assert_eq!(mode(&format!("spool/{name}")), 0o600, "{name}");
    }

    settings.orders.since = Some("2021-01-01".parse().unwrap());
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(
        server.asked_at_all().len(),
        2,
        "another interval is another download"
    );

    folder.spool().discard(Section::Orders).unwrap();
    assert_eq!(folder.files(), ["exports.json"]);

    // A kill between the two renames leaves data that nothing describes.
    std::fs::write(folder.folder.path().join("spool/orders.data"), "<ORDERS>").unwrap();
    assert_eq!(folder.spool().complete(Section::Orders).unwrap(), None);
    folder.spool().remove_leftovers().unwrap();
    assert_eq!(folder.files(), ["exports.json"]);
}

/// Whoever follows the advice gets a new download; an old one is not even offered.
#[tokio::test]
async fn a_download_that_is_used_again_tells_its_age_and_how_to_be_rid_of_it() {
    let server = SmallShop::start(|_, _| answer(200, "<ORDERS></ORDERS>")).await;
    let folder = Folder::new();
    let settings = exports_only(&server.url);
    let note = folder.folder.path().join("spool/orders.json");
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    for (minutes, expected) in [
        (3, Some("3 min ago")),
        (125, Some("2 h 5 min ago")),
        (24 * 60, None),
    ] {
        let mut download: serde_json::Value = serde_json::from_slice(&std::fs::read(&note).unwrap()).unwrap();
        let then = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
        download["requested_at"] = then.to_string().into();
        std::fs::write(&note, download.to_string()).unwrap();
        let told = Told::default();
        shop(&settings)
            .download_orders(&folder.spool(), &told)
            .await
            .unwrap();
        let told = told.0.into_inner().unwrap().concat();
        match expected {
            Some(age) => assert!(told.contains(&format!("fetched them {age} and ended")), "{told}"),
            None => assert_eq!(told, ""),
        }
    }
    assert_eq!(server.asked_at_all().len(), 2);
    std::fs::remove_file(folder.folder.path().join("spool/orders.data")).unwrap();
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert_eq!(server.asked_at_all().len(), 3);
}

#[tokio::test]
async fn a_full_disk_is_named() {
    let server = SmallShop::start(|_, _| answer(200, "<ORDERS></ORDERS>")).await;
    let folder = Folder::new();
    let spool = folder.spool();
    std::os::unix::fs::symlink("/dev/full", folder.folder.path().join("spool/orders.part")).unwrap();
    let error = fails(shop(&exports_only(&server.url)).download_orders(&spool, &Silent)).await;
    assert_eq!(error.kind(), Kind::Disk);
    assert!(error.doing().contains("orders.part"), "{error}");
    assert!(error.cause().contains("No space left"), "{error}");
}

#[tokio::test]
async fn the_pause_between_exports_holds_across_instances() {
    let count = Arc::new(AtomicUsize::new(0));
    let server = SmallShop::start(move |_, _| match count.fetch_add(1, Ordering::SeqCst) {
        0 => answer(503, ""),
        _ => answer(200, "<ORDERS></ORDERS>"),
    })
    .await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    settings.exports.as_mut().unwrap().min_interval = Duration::from_millis(1_500);
    let started = Instant::now();
    shop(&settings)
        .download_orders(&folder.spool(), &Silent)
        .await
        .unwrap();
    assert!(
        started.elapsed() < Duration::from_millis(1_400),
        "a 503 is no export: no pause after it"
    );

    folder.spool().discard(Section::Orders).unwrap();
    let told = Told::default();
    shop(&settings)
        .download_orders(&folder.spool(), &told)
        .await
        .unwrap();
    assert!(
        started.elapsed() >= Duration::from_millis(1_500),
        "{:?}",
        started.elapsed()
    );
    assert!(told.0.lock().unwrap()[0].starts_with("waiting until "));

    folder.spool().discard(Section::Orders).unwrap();
    settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
    let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Busy);
    shop(&settings)
        .download_customers(&folder.spool(), &Silent)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_ran_no_export_uses_up_no_turn() {
    let server = SmallShop::start(|_, _| answer(200, "<html>log in</html>")).await;
    let nobody: Url = "http://127.0.0.1:9/".parse().unwrap();
    for (url, kind) in [(&server.url, Kind::NotData), (&nobody, Kind::Unreachable)] {
        let folder = Folder::new();
        let mut settings = exports_only(url);
        settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
        for _ in 0..2 {
            let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
            assert_eq!(error.kind(), kind);
        }
    }

    // One that broke off half-way did run.
    let server = SmallShop::start(|_, _| {
        let pieces = vec![
            (Duration::ZERO, Ok("<ORDERS>")),
            (Duration::ZERO, Err(std::io::Error::other("cut"))),
        ];
        answer(200, body_in_pieces(pieces))
    })
    .await;
    let folder = Folder::new();
    let mut settings = exports_only(&server.url);
    settings.exports.as_mut().unwrap().min_interval = Duration::from_secs(3600);
    let error = fails(shop(&settings).download_orders(&folder.spool(), &Silent)).await;
    assert_eq!(error.kind(), Kind::Busy, "{error}");
    assert_eq!(server.asked_at_all().len(), 1);
}
