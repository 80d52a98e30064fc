#!/usr/bin/env bash
# Tests the chat's routes, and its page in Chromium. It is the only command needed on a clean
# Debian machine with Rust and Node. Screenshots are saved in the folder screenshots. Arguments are
# passed to the test runner.
set -euo pipefail
cd "$(dirname "$0")"

source ../../tests/e2e/install-browser.sh
install_node_modules "$PWD"

cargo test -- --include-ignored "$@"
