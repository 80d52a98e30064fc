#!/usr/bin/env bash
# Makes a clean Debian machine able to run the suite; safe to run again, and quiet when there is
# nothing left to do. Sourced, it leaves SOCKUDO set to the server's path, and WORKER_BUILD and
# WASM_BINDGEN to the tools that build a Worker.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/install-browser.sh"

SOCKUDO_VERSION=5.2.0
SOCKUDO_ROOT=$CACHE/sockudo-$SOCKUDO_VERSION
SOCKUDO=$SOCKUDO_ROOT/bin/sockudo
WORKER_EXAMPLE=$E2E_DIR/../../examples/cloudflare-worker
WORKER_BUILD_VERSION=0.8.7
WORKER_BUILD_ROOT=$CACHE/worker-build-$WORKER_BUILD_VERSION
WORKER_BUILD=$WORKER_BUILD_ROOT/bin/worker-build
# It has to be that of the library.
WASM_BINDGEN_VERSION=$(sed -n '/^name = "wasm-bindgen"$/{n;s/^version = "\(.*\)"$/\1/p}' "$WORKER_EXAMPLE/Cargo.lock")
WASM_BINDGEN_ROOT=$CACHE/wasm-bindgen-$WASM_BINDGEN_VERSION
WASM_BINDGEN=$WASM_BINDGEN_ROOT/bin/wasm-bindgen

install_build_tools() {
    local missing=()
    if [ ! -x "$SOCKUDO" ]; then
        has protoc || missing+=(protobuf-compiler)
        has cmake || missing+=(cmake)
    fi
    [ -x "$WORKER_BUILD" ] || pkg-config --exists openssl 2>/dev/null ||
        missing+=(libssl-dev pkg-config)
    install_packages "${missing[@]}"
}

# The profile spares the build's time: no test here needs the program's speed.
cargo_install() {
    has cargo || { complain "cargo is missing"; return 1; }

    logged "$1" env \
        CARGO_PROFILE_RELEASE_LTO=off \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_DEBUG=false \
        cargo install "$@"
}

install_sockudo() {
    [ ! -x "$SOCKUDO" ] || return 0
    complain "building Sockudo $SOCKUDO_VERSION once; this takes 5 to 20 minutes"
    cargo_install sockudo --version "$SOCKUDO_VERSION" \
        --no-default-features --features local,v2 --locked --root "$SOCKUDO_ROOT"
}

# worker-build would download the others' binaries, from where not every machine may reach.
install_worker_tools() {
    if has rustup; then
        logged rustup rustup target add wasm32-unknown-unknown
    fi
    if [ ! -x "$WASM_BINDGEN" ]; then
        complain "building wasm-bindgen $WASM_BINDGEN_VERSION once; this takes 1 to 8 minutes"
        cargo_install wasm-bindgen-cli --version "$WASM_BINDGEN_VERSION" \
            --no-default-features --bin wasm-bindgen --root "$WASM_BINDGEN_ROOT"
    fi
    if [ ! -x "$WORKER_BUILD" ]; then
        complain "building worker-build $WORKER_BUILD_VERSION once; this takes 1 to 8 minutes"
        cargo_install worker-build --version "$WORKER_BUILD_VERSION" \
            --bin worker-build --root "$WORKER_BUILD_ROOT"
    fi
}

install_build_tools
install_sockudo
install_worker_tools
install_node_modules "$E2E_DIR"
