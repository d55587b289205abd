#!/bin/sh
# Create .venv and install exactly what requirements-dev.txt locks; say what to do when that is impossible.
# Usage: sh tools/setup.sh [python]
set -eu
venv=.venv
log=_build/logs/install.log

fail() {
    printf '\n%s\n' "$1" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${1:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

python=$(find_python "${1:-}")
[ -n "$python" ] || fail "Wanted Python 3.11 or newer, found $("${1:-python3}" --version 2>&1 || true)${1:+ ($1)}.
Install one (python.org, apt, brew or pyenv) and name it, for example: make book PYTHON=python3.12"

mkdir -p _build/logs
rm -f "$log"
if ! "$venv/bin/python" -c 'import pip' 2>/dev/null || ! new_enough "$venv/bin/python"; then
    echo "Creating $venv with $("$python" --version)"
    "$python" -m venv --clear "$venv" >"$log" 2>&1 || fail "$python cannot create an environment:
$(tail -n 5 "$log")
On Debian and Ubuntu: apt install python3-venv. Or name another Python, for example: make book PYTHON=python3.12"
fi

pip() {
    "$venv/bin/python" -m pip --disable-pip-version-check --log "$log" "$@" && return
    if grep -qiE 'Temporary failure in name resolution|NewConnectionError|ConnectTimeout|Network is unreachable|ProxyError|nodename nor servname' "$log"; then
        fail "The packages could not be fetched: is this machine online, and does a proxy need HTTPS_PROXY?
Run the same command again when it is; what was fetched is kept. Details: $log"
    elif grep -qiE 'command .*(gcc|cc|clang).* failed|Unable to find a compiler|error: Microsoft Visual' "$log"; then
        fail "A package has no ready-made build for this Python and machine, and no compiler is installed.
Use a Python from 3.11 to 3.14 (make book PYTHON=python3.12), or install a compiler. Details: $log"
    elif grep -qi 'No space left on device' "$log"; then
        fail "The disk is full; the environment needs about 2 GB. Details: $log"
    fi
    fail "The installation failed; the lines above say why. Details: $log"
}

echo "Installing the locked packages (the first time takes some minutes)"
# The lock names every package, so there is nothing to resolve.
pip install --require-hashes --no-deps -r requirements-dev.txt
pip install --quiet --no-deps --no-build-isolation -e .
touch "$venv/installed"
