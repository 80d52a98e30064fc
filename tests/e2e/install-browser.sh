#!/usr/bin/env bash
# Chromium, for this suite and for the examples with a page, and what other installs are made of. Safe
# to run again, and quiet when there is nothing left to do.
set -euo pipefail

E2E_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${PUSHER_E2E_CACHE:-$HOME/.cache/pusher-http-e2e}

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
    [ $# -gt 0 ] || return 0
    logged apt-update as_root apt-get -o DPkg::Lock::Timeout=300 update -qq
    logged apt-install as_root apt-get -o DPkg::Lock::Timeout=300 install -y -qq "$@"
}

# npm writes the file last, so that an interrupted install is begun again.
install_node_modules() {
    local folder=$1 done=$1/node_modules/.package-lock.json
    has npm || { complain "Node 20 or newer, with npm, is missing"; return 1; }
    [ ! -e "$done" ] || [ "$folder/package-lock.json" -nt "$done" ] || return 0

    logged npm npm ci --prefix "$folder" --no-audit --no-fund
}

if [ ! -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    install_packages chromium
fi
