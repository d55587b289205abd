#!/bin/sh
# Compile pyproject.toml into requirements-dev.txt (everything), requirements.txt (what a reader needs, same versions)
# and requirements-browser.txt (what the Python of the browser needs, for its version).
set -eu
lock="uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate --quiet"
$lock --all-extras -o requirements-dev.txt "$@"
$lock --extra notebooks -c requirements-dev.txt -o requirements.txt
uv pip compile --group browser --python-version 3.14 --no-python-downloads --no-deps --generate-hashes --no-header --no-annotate --quiet \
    -o requirements-browser.txt
