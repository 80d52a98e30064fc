#!/usr/bin/env bash
# Fuzzes each target for SECONDS, JOBS of them at once, and prints statistics for each. Fails if one
# of them finds something. If there is no nightly toolchain and none can be installed, it says so,
# and passes, except on GitHub.
set -euo pipefail
cd "$(dirname "$0")"
export seconds=${1:?usage: fuzz/run.sh SECONDS [JOBS]} RUST_BACKTRACE=0
jobs=${2:-1}

if ! nightly=$(../.ci/nightly); then
    echo "NOT FUZZED: only a nightly toolchain can"
    [ -z "${GITHUB_ACTIONS:-}" ] # A developer may skip this once.
    exit
fi
export nightly
cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked --quiet

fuzz() {
    local target=$1 log crash=no
    log=$(mktemp)
    mkdir -p "corpus/$target" "artifacts/$target"
    # New inputs are written to the first corpus.
    cargo "+$nightly" fuzz run "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -dict=dictionary.txt -print_final_stats=1 >"$log" 2>&1 || crash=yes
    awk -v target="$target" -v crash=$crash '
        /^stat::number_of_executed_units/ { runs = $2 }
        /^stat::average_exec_per_sec/ { speed = $2 }
        /^stat::new_units_added/ { added = $2 }
        { for (i = 1; i < NF; i++) if ($i == "cov:") coverage = $(i + 1) }
        END {
            printf "%s: %d runs, %d a second, coverage %d, %d new inputs, %s\n", target, runs,
                speed, coverage, added, crash == "yes" ? "FAILED" : "no crash"
        }' "$log"
    if [ $crash = yes ]; then
        tail -n 40 "$log"
    fi
    rm -f "$log"
    [ $crash = no ]
}
export -f fuzz

targets=$(sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.toml | tail -n +2)
cargo "+$nightly" fuzz build >/dev/null 2>&1 || cargo "+$nightly" fuzz build
# shellcheck disable=SC2016 # It is the inner shell's argument.
xargs -P "$jobs" -n 1 bash -euo pipefail -c 'fuzz "$0"' <<<"$targets"
