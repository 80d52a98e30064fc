#!/usr/bin/env bash
# Installs the official Node and Python libraries into this folder, each at a version of its own
# choosing; safe to run again. What is missing is left out, with a line that says so.
set -euo pipefail
cd "$(dirname "$0")"

left_out() {
    echo "install.sh: $1 is left out: $2" >&2
}

if ! command -v npm >/dev/null; then
    left_out Node "there is no npm"
elif [ node/package-lock.json -nt node/node_modules/.package-lock.json ]; then
    # npm writes that file last, so that an interrupted install is begun again.
    npm ci --prefix node --no-audit --no-fund --silent || left_out Node "npm has failed"
fi

if ! command -v python3 >/dev/null; then
    left_out Python "there is no python3"
elif [ python/requirements.txt -nt python/venv/installed ]; then
    { python3 -m venv python/venv &&
        python/venv/bin/pip install --quiet --disable-pip-version-check -r python/requirements.txt &&
        touch python/venv/installed; } || left_out Python "venv or pip has failed"
fi
