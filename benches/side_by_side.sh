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

# Runs a command; leaves its seconds and its peak of memory (VmHWM, KiB) in `took` and `peak`.
measure() {
    local began line pid
    began=$EPOCHREALTIME
    "$@" >"$work/output" 2>&1 &
    pid=$!
    peak=0
    while kill -0 "$pid" 2>/dev/null; do
        # The kernel keeps the peak: a look now and then sees it, but for the last few milliseconds.
        line=$(grep -s VmHWM "/proc/$pid/status") && peak=$(tr -dc 0-9 <<<"$line")
        sleep 0.02
    done
    if ! wait "$pid"; then
        cat "$work/output" >&2
        echo "error: $1 failed" >&2
        exit 1
    fi
    took=$(awk -v from="$began" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.2f", to - from }')
}

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
: >"$work/figures"
printf '%-6s %-6s %9s %10s\n' round which seconds 'peak MiB'
for ((round = 1; round <= rounds; round++)); do
    for which in ours other; do
        "run_$which"
        awk -v r="$round" -v w="$which" -v t="$took" -v p="$peak" \
            'BEGIN { printf "%-6d %-6s %9.2f %10.1f\n", r, w, t, p / 1024 }'
        echo "$which $took $peak" >>"$work/figures"
    done
done
awk '
    !($1 in best) || $2 < best[$1] { best[$1] = $2 }
    $3 > peak[$1] { peak[$1] = $3 }
    END {
        printf "\nbest of each: ours %.2f s, the other %.2f s: ", best["ours"], best["other"]
        printf "ours takes %.3f of its time (1/%.1f)\n", best["ours"] / best["other"], best["other"] / best["ours"]
        printf "peak memory: ours %.1f MiB, the other %.1f MiB\n", peak["ours"] / 1024, peak["other"] / 1024
    }' "$work/figures"
