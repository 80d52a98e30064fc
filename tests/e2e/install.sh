#!/usr/bin/env bash
# Makes a clean Debian machine able to run the suite; safe to run again, and quiet when there is
# nothing left to do. Sourced, it leaves SOCKUDO set to the server's path.
set -euo pipefail

SOCKUDO_VERSION=5.2.0
E2E_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${PUSHER_E2E_CACHE:-$HOME/.cache/pusher-http-e2e}
SOCKUDO_ROOT=$CACHE/sockudo-$SOCKUDO_VERSION
SOCKUDO=$SOCKUDO_ROOT/bin/sockudo

complain() {
    echo "install.sh: $*" >&2
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# An install's pages of output matter only when it fails.
logged() {
    local log=$CACHE/logs/$1.log
    shift
    mkdir -p "$CACHE/logs"
    if ! "$@" >"$log" 2>&1; then
        complain "failed: $*"
        complain "the end of $log:"
        tail -n 40 "$log" >&2
        return 1
    fi
}

as_root() {
    if [ "$(id -u)" -ne 0 ] && has sudo; then
        sudo -- env DEBIAN_FRONTEND=noninteractive "$@"
    else
        env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install_packages() {
    local missing=()
    if [ ! -x "$SOCKUDO" ]; then
        has protoc || missing+=(protobuf-compiler)
        has cmake || missing+=(cmake)
    fi
    [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing+=(chromium)
    [ ${#missing[@]} -gt 0 ] || return 0

    logged apt-update as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
    logged apt-install as_root apt-get -o DPkg::Lock::Timeout=300 install -y -qq "${missing[@]}"
}

# The profile spares the build's time: no test here needs the server's speed.
install_sockudo() {
    [ ! -x "$SOCKUDO" ] || return 0
    has cargo || { complain "cargo is missing"; return 1; }

    complain "building Sockudo $SOCKUDO_VERSION once; this takes 5 to 20 minutes"
    logged sockudo env \
        CARGO_PROFILE_RELEASE_LTO=off \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
        CARGO_PROFILE_RELEASE_DEBUG=false \
        cargo install sockudo --version "$SOCKUDO_VERSION" \
        --no-default-features --features local,v2 --locked --root "$SOCKUDO_ROOT"
}

# npm writes this file last, so that an interrupted install is begun again.
install_node_modules() {
    has npm || { complain "Node 20 or newer, with npm, is missing"; return 1; }
    local done=$E2E_DIR/node_modules/.package-lock.json
    [ ! -e "$done" ] || [ "$E2E_DIR/package-lock.json" -nt "$done" ] || return 0

    logged npm npm ci --prefix "$E2E_DIR" --no-audit --no-fund
}

install_packages
install_sockudo
install_node_modules
