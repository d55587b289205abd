#!/bin/sh
# Compile pyproject.toml into requirements-dev.txt (everything) and requirements.txt (what a reader needs, same versions).
set -eu
lock="uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate --quiet"
$lock --all-extras -o requirements-dev.txt "$@"
$lock --extra notebooks -c requirements-dev.txt -o requirements.txt
