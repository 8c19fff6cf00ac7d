#!/bin/sh
# Sees to it that a Node.js of version 20.19 or newer, with npm, is there: on PATH, or put into .venv from the package index.
# `make` runs it before anything is built for the browser.
set -eu
right='const [major, minor] = process.versions.node.split(".").map(Number);
process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'
bin="$(dirname "$0")/../.venv/bin"
for folder in "$bin" ""; do
  node="${folder:+$folder/}node"
  if command -v "$node" >/dev/null 2>&1 && "$node" -e "$right" && command -v "${folder:+$folder/}npm" >/dev/null 2>&1; then
    exit 0
  fi
done
echo "Putting Node.js into .venv from the package index (60 MB, once) ..."
"$bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$(dirname "$0")/../requirements-node.lock"
