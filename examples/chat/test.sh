#!/usr/bin/env bash
# Tests the chat, in one command on a clean Debian machine with Rust and Node: its routes, and its
# page in Chromium. Screenshots go to the folder screenshots. Arguments go to the test runner.
set -euo pipefail
cd "$(dirname "$0")"

source ../../tests/e2e/install-browser.sh
install_node_modules "$PWD"

cargo test -- --include-ignored "$@"
