#!/usr/bin/env bash
# That the comparison still works, its own tests and the peers' libraries included. No time is
# asserted.
set -euo pipefail
cd "$(dirname "$0")"

peers/install.sh
cargo fmt --check
cargo test --release --lib
cargo run --release -- --test
