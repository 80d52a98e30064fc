#!/usr/bin/env bash
# The end-to-end suite, in one command on a clean machine: installs what it needs, then runs the
# crate against a real server with pusher-js in Node and in Chromium, and in a Worker. Everything
# listens on 127.0.0.1 and ends with the test that started it. Arguments go to the test runner.
set -euo pipefail
cd "$(dirname "$0")/../.."

source tests/e2e/install.sh

# Gives the path of an example, built.
example() {
    cargo build --features axum --example "$1" --message-format=json |
        node -e 'for (const line of require("fs").readFileSync(0, "utf8").split("\n")) {
            const { executable } = line.startsWith("{") ? JSON.parse(line) : {};
            if (executable) console.log(executable);
        }'
}

AUTH_SERVER=$(example auth_server)
QUICKSTART=$(example quickstart)

# The example for Cloudflare Workers, optimised, as it would be deployed.
build_worker() (
    local tools=$E2E_DIR/node_modules/.bin
    cd "$WORKER_EXAMPLE"
    WASM_BINDGEN_BIN=$WASM_BINDGEN WASM_OPT_BIN=$tools/wasm-opt ESBUILD_BIN=$tools/esbuild \
        "$WORKER_BUILD" --release
)
logged cloudflare-worker build_worker
WORKERD=$(cd "$E2E_DIR" && node -p 'require("workerd").default')
export SOCKUDO WORKERD AUTH_SERVER QUICKSTART

for E2E_SERVER in ${E2E_SERVERS:-sockudo local}; do
    echo "== the server is $E2E_SERVER"
    export E2E_SERVER
    cargo test --features axum --test e2e -- --ignored --test-threads=2 "$@"
done
