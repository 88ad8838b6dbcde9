//! A full disk: a clear error, nothing half-written, and everything goes on once there is room.

use std::process::Command;

use shoptet_sync::demo::generate::write_files;

use super::*;

/// Runs in a mount namespace of its own, on a file system of a few hundred kilobytes. `A` and `B` are
/// the files of a shop and of the same shop later.
const SCRIPT: &str = r#"
set -u
mount -t tmpfs -o size=300k tmpfs "$PLACE/state" || exit 77
run() { "$PROGRAM" import --config "$PLACE/shoptet-sync.toml" --customers "$1/customers.jsonl.gz" --orders "$1/orders.xml" --as-of "$2" >>"$PLACE/told" 2>&1; echo "$3 $?" >>"$PLACE/codes"; }
# Full while it is built, and while the contact database is filled.
for size in 300 600 900 1200 1500; do
  mount -o remount,size=${size}k "$PLACE/state"
  : >"$PLACE/told.$size"
  "$PROGRAM" import --config "$PLACE/shoptet-sync.toml" --customers "$PLACE/A/customers.jsonl.gz" --orders "$PLACE/A/orders.xml" --as-of 2026-01-01T00:00:00Z >"$PLACE/told.$size" 2>&1 && break
  ls "$PLACE/state" | grep -v -e lock >>"$PLACE/left"
done
rm -f "$PLACE/state/"*.db
mount -o remount,size=64m "$PLACE/state"
run "$PLACE/A" 2026-01-01T00:00:00Z first
cp "$PLACE/state/contacts.db" "$PLACE/before.db"
used=$(du -sk "$PLACE/state" | cut -f1)
mount -o remount,size=$((used + 24))k "$PLACE/state"
run "$PLACE/B" 2026-01-02T00:00:00Z later-full
cp "$PLACE/state/contacts.db" "$PLACE/full.db"
mount -o remount,size=64m "$PLACE/state"
run "$PLACE/B" 2026-01-02T00:00:00Z later
cp "$PLACE/state/contacts.db" "$PLACE/after.db"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_nothing_but_the_run() {
    let trial = Trial::of(World::generate(95, 200, 900)).await;
    let place = trial.folder.path();
    for name in ["A", "B"] {
        write_files(95, 200, 900, &place.join(name)).unwrap();
    }
    let all = std::fs::read_to_string(place.join("B/orders.xml")).unwrap();
    let earlier: Vec<&str> = all.split("<ORDER>").take(501).collect();
    let earlier = format!("{}</ORDERS>", earlier.join("<ORDER>"));
    std::fs::write(place.join("A/orders.xml"), earlier).unwrap();
    std::fs::create_dir(trial.state()).unwrap();
    trial.configuration();
    let script = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", SCRIPT])
        .env("PLACE", place)
        .env("PROGRAM", env!("CARGO_BIN_EXE_shoptet-sync"))
        .env("RUST_LOG", "error")
        .status();
    // Where a container may not mount anything there is nothing to try.
    if !script.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no file system can be mounted here");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap();
    let told = read("told");
    assert_eq!(read("codes"), "first 0\nlater-full 1\nlater 0\n", "{told}");
    assert_eq!(read("left"), "", "nothing half-built is left");
    let sizes =
        [300, 600, 900, 1200, 1500].map(|size| std::fs::read_to_string(place.join(format!("told.{size}"))));
    let failed: Vec<String> = sizes
        .into_iter()
        .flatten()
        .filter(|told| told.contains("error"))
        .collect();
    assert!(failed.len() > 2, "{failed:?}");
    assert!(
        failed.iter().any(|told| told.contains("contacts.db")),
        "none was full while the contact database was filled: {failed:#?}"
    );
    for told in failed {
        assert!(told.contains("full") && told.contains("make room"), "{told}");
    }
    assert!(told.contains("make room or mend the permissions"), "{told}");
    // Whatever was told before the disk was full is whole, and what was there before is still there.
    let before = ContactDatabase::read(&place.join("before.db")).unwrap();
    let full = ContactDatabase::read(&place.join("full.db")).unwrap();
    dump(&place.join("full.db"), &[]);
    assert!(before.orders.keys().all(|order| full.orders.contains_key(order)));
    assert!(
        before
            .contacts
            .keys()
            .all(|contact| full.contacts.contains_key(contact))
    );
    let after = ContactDatabase::read(&place.join("after.db")).unwrap();
    let truth = Truth::of(&World::generate(95, 200, 900), &Reading::default());
    assert_eq!(after.orders.len(), 900);
    let wrong = truth.disagreements(&after, &CANCELLED);
    assert!(wrong.is_empty(), "{wrong:#?}");
}
