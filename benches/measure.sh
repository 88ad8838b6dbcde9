# What the scripts beside this file share: sourced, not run.

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

# Runs `run_NAME` for each NAME in turns, so that all meet the same machine; prints what each took, and leaves it
# in $work/figures.
#
#     take_turns ROUNDS NAME…
take_turns() {
    local rounds=$1 round which
    shift
    : >"$work/figures"
    printf '%-6s %-9s %8s %10s\n' round which seconds 'peak MiB'
    for ((round = 1; round <= rounds; round++)); do
        for which in "$@"; do
            "run_$which"
            awk -v r="$round" -v w="$which" -v t="$took" -v p="$peak" \
                'BEGIN { printf "%-6d %-9s %8.2f %10.1f\n", r, w, t, p / 1024 }'
            echo "$which $took $peak" >>"$work/figures"
        done
    done
}

# The best time and the peak of memory of each of two, and how the first compares with the second.
#
#     compare FIRST SECOND
compare() {
    awk -v one="$1" -v two="$2" '
        !($1 in best) || $2 < best[$1] { best[$1] = $2 }
        $3 > peak[$1] { peak[$1] = $3 }
        END {
            printf "\nbest of each: %s %.2f s, %s %.2f s: ", one, best[one], two, best[two]
            printf "%s takes %.3f of the time of %s\n", one, best[one] / best[two], two
            printf "peak memory: %s %.1f MiB, %s %.1f MiB\n", one, peak[one] / 1024, two, peak[two] / 1024
        }' "$work/figures"
}
