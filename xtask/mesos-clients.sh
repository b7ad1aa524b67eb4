#!/usr/bin/env bash
# Mesos clients that others wrote, at fixed versions with their checksums, in target/real/mesos-clients, for the tests. Prints that folder.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/target/real/mesos-clients
if ! cmp -s xtask/mesos-clients.txt "$root/installed"; then
  echo "startline: installing Mesos clients for the tests" >&2
  rm -rf "$root"
  mkdir -p "$root"
  # They need nothing but what Debian's python3-kazoo and python3-http-parser bring.
  pip3 install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --require-hashes --no-build-isolation --no-compile \
    --target "$root/python" --requirement xtask/mesos-clients.txt >&2
  cp xtask/mesos-clients.txt "$root/installed"
fi
echo "$root"
