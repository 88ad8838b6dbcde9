#!/usr/bin/env bash
# Two importers on the same files: how long each takes, how much memory, and the ratio.
#
#     benches/side_by_side.sh OTHER_SCRIPT DIR [ROUNDS]
#
# DIR holds customers.jsonl.gz and orders.xml. The other script is called as `OTHER_SCRIPT DIR OUT.db`;
# one that ends in .py is given to $PYTHON (python3). Rounds (3) alternate, so that both meet the same
# machine; the best of each counts. What is written goes to $TMPDIR and is removed.
set -euo pipefail
export LC_ALL=C

if [[ $# -lt 2 || $# -gt 3 ]]; then
    echo "usage: $0 OTHER_SCRIPT DIR [ROUNDS]" >&2
    exit 2
fi
other=$(realpath "$1")
files=$(realpath "$2")
rounds=${3:-3}
for file in customers.jsonl.gz orders.xml; do
    [[ -r $files/$file ]] || { echo "error: $files/$file is not there" >&2; exit 2; }
done
cd "$(dirname "$0")/.."
cargo build --release --locked
ours=$PWD/target/release/shoptet-sync
[[ -n ${CARGO_TARGET_DIR:-} ]] && ours=$CARGO_TARGET_DIR/release/shoptet-sync

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

source benches/measure.sh

run_ours() {
    rm -rf "$work/ours"
    mkdir "$work/ours"
    cp config/from-files.toml "$work/ours/shoptet-sync.toml"
    measure env -u STATE_DIRECTORY "$ours" --config "$work/ours/shoptet-sync.toml" import \
        --customers "$files/customers.jsonl.gz" --orders "$files/orders.xml"
}

run_other() {
    rm -rf "$work/other"
    mkdir "$work/other"
    if [[ $other == *.py ]]; then
        measure "${PYTHON:-python3}" "$other" "$files" "$work/other/out.db"
    else
        measure "$other" "$files" "$work/other/out.db"
    fi
}

# Both read the files from the page cache.
cat "$files/customers.jsonl.gz" "$files/orders.xml" >/dev/null
take_turns "$rounds" ours other
compare ours other
