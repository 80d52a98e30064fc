#!/usr/bin/env bash
# The end-to-end suite, in one command on a clean machine: installs what it needs, then runs the
# crate against a real server with pusher-js in Node and in Chromium. Everything listens on
# 127.0.0.1 and ends with the test that started it. Arguments go to the test runner.
set -euo pipefail
cd "$(dirname "$0")/../.."

source tests/e2e/install.sh

cargo build --features local --example auth_server
AUTH_SERVER=$(cargo build --features local --example auth_server --message-format=json 2>/dev/null |
    node -e 'for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
        const message = line.startsWith("{") ? JSON.parse(line) : {};
        if (message.executable) console.log(message.executable);
    }')
export SOCKUDO AUTH_SERVER

for E2E_SERVER in ${E2E_SERVERS:-sockudo local}; do
    echo "== the server is $E2E_SERVER"
    export E2E_SERVER
    cargo test --features local --test e2e -- --ignored --test-threads=2 "$@"
done
