#!/usr/bin/env bash
# The first import into PostgreSQL beside the one into SQLite, of the same files: seconds, memory, the ratio.
#
#     benches/postgres.sh DIR URL [ROUNDS]
#
# DIR holds customers.jsonl.gz and orders.xml. URL is a database in which a schema may be made; the schema
# `shoptet_sync_bench` is removed before and after. Rounds (3) alternate; the best of each counts.
set -euo pipefail
export LC_ALL=C

if [[ $# -lt 2 || $# -gt 3 ]]; then
    echo "usage: $0 DIR URL [ROUNDS]" >&2
    exit 2
fi
files=$(realpath "$1")
url=$2
rounds=${3:-3}
for file in customers.jsonl.gz orders.xml; do
    [[ -r $files/$file ]] || { echo "error: $files/$file is not there" >&2; exit 2; }
done
cd "$(dirname "$0")/.."
cargo build --release --locked
ours=$PWD/target/release/shoptet-sync
[[ -n ${CARGO_TARGET_DIR:-} ]] && ours=$CARGO_TARGET_DIR/release/shoptet-sync

schema=shoptet_sync_bench
drop() { psql --quiet --no-psqlrc "$url" -c "DROP SCHEMA IF EXISTS $schema CASCADE" 2>/dev/null; }
work=$(mktemp -d)
trap 'rm -rf "$work"; drop' EXIT
source benches/measure.sh

# The example for files, with another target.
configure() {
    rm -rf "$work/run"
    mkdir "$work/run"
    awk '/^\[\[target\]\]/ { exit } { print }' config/from-files.toml >"$work/run/shoptet-sync.toml"
    printf '%s\n' '[[target]]' 'name = "contacts"' "$@" >>"$work/run/shoptet-sync.toml"
    chmod 600 "$work/run/shoptet-sync.toml"
}

import() {
    measure env -u STATE_DIRECTORY "$ours" --config "$work/run/shoptet-sync.toml" import \
        --customers "$files/customers.jsonl.gz" --orders "$files/orders.xml"
}

run_sqlite() {
    configure 'kind = "sqlite"' 'path = "contacts.db"'
    import
}

run_postgres() {
    drop
    configure 'kind = "postgres"' "url = \"$url\"" "schema = \"$schema\""
    import
}

# Both read the files from the page cache.
cat "$files/customers.jsonl.gz" "$files/orders.xml" >/dev/null
take_turns "$rounds" sqlite postgres
compare postgres sqlite
