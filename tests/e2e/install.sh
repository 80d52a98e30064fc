#!/usr/bin/env bash
# Makes a clean Debian machine able to run the suite; safe to run again, and quiet when there is
# nothing left to do. Sourced, it leaves SOCKUDO set to the server's path.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/install-browser.sh"

SOCKUDO_VERSION=5.2.0
SOCKUDO_ROOT=$CACHE/sockudo-$SOCKUDO_VERSION
SOCKUDO=$SOCKUDO_ROOT/bin/sockudo

# The profile spares the build's time: no test here needs the server's speed.
install_sockudo() {
    [ ! -x "$SOCKUDO" ] || return 0
    has cargo || { complain "cargo is missing"; return 1; }

    local missing=()
    has protoc || missing+=(protobuf-compiler)
    has cmake || missing+=(cmake)
    install_packages "${missing[@]}"

    complain "building Sockudo $SOCKUDO_VERSION once; this takes 5 to 20 minutes"
    logged sockudo env \
        CARGO_PROFILE_RELEASE_LTO=off \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_DEBUG=false \
        cargo install sockudo --version "$SOCKUDO_VERSION" \
        --no-default-features --features local,v2 --locked --root "$SOCKUDO_ROOT"
}

install_sockudo
