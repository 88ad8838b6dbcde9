//! A full disk: no half backup, and what was decided about a person is finished once there is room.

use std::process::Command;

use super::*;

/// Runs in a mount namespace of its own, on a file system that has hardly more room than is used.
const SCRIPT: &str = r#"
set -u
mount -t tmpfs -o size=64m tmpfs "$PLACE/state" || exit 77
run() { "$PROGRAM" --config "$PLACE/shoptet-sync.toml" "$@" >>"$PLACE/told" 2>&1; echo "$1 $?" >>"$PLACE/codes"; }
run import --customers "$PLACE/customers.jsonl" --orders "$PLACE/orders.jsonl" --as-of 2026-01-01T00:00:00Z
used=$(du -sk "$PLACE/state" | cut -f1)
mount -o remount,size=$((used + 64))k "$PLACE/state"
run backup "$PLACE/state/backup.db"
ls "$PLACE/state" >"$PLACE/after-backup"
run forget "$WHO" --yes
mount -o remount,size=64m "$PLACE/state"
run forget "$WHO" --yes
run import --customers "$PLACE/customers.jsonl" --orders "$PLACE/orders.jsonl" --as-of 2026-01-02T00:00:00Z
run backup "$PLACE/state/backup.db"
run backup --verify "$PLACE/state/backup.db"
cp -r "$PLACE/state" "$PLACE/seen"
"#;

#[test]
fn a_full_disk_leaves_no_half_backup_and_nobody_half_forgotten() {
    let mut shop = shop();
    for number in 0..1500 {
        let crowd = format!("crowd{number}@shop.example");
        let party = party("Dav", &"Ulice ".repeat(40), "Město");
        shop.orders
            .push(order(&format!("c{number}")).email(&crowd).billing(party));
    }
    let home = Home::new();
    let place = home.state_dir().parent().unwrap().to_owned();
    std::fs::create_dir(home.state_dir()).unwrap();
    std::fs::write(place.join("customers.jsonl"), shop.customers()).unwrap();
    std::fs::write(place.join("orders.jsonl"), shop.orders()).unwrap();
    home.configuration_file();
    let script = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", SCRIPT])
        .env("PLACE", &place)
        .env("WHO", JANE)
        .env("PROGRAM", env!("CARGO_BIN_EXE_shoptet-sync"))
        .env("RUST_LOG", "warn")
        .status();
    // Where a container may not mount anything there is nothing to try.
    if !script.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: no file system can be mounted here");
        return;
    }
    let read = |name: &str| std::fs::read_to_string(place.join(name)).unwrap();
    let told = read("told");
    assert_eq!(
        read("codes"),
        "import 0\nbackup 1\nforget 1\nforget 0\nimport 0\nbackup 0\nbackup 0\n",
        "{told}"
    );
    assert!(
        !read("after-backup").contains("backup"),
        "{}",
        read("after-backup")
    );
    assert!(told.contains("make room or mend the permissions"), "{told}");
    assert_eq!(told_in(&place.join("seen")), [""; 0]);
}
