#!/usr/bin/env bash
# Every test there is, against the real servers: what is missing is a failure here, not a skip.
set -euo pipefail
cd "$(dirname "$0")/.."
export STARTLINE_REAL=1
STARTLINE_MESOS=$(xtask/mesos.sh)
export STARTLINE_MESOS
STARTLINE_MESOS_CLIENTS=$(xtask/mesos-clients.sh)
export STARTLINE_MESOS_CLIENTS
# The very program that goes onto the machines, static, is what the tests of crate `node` run.
export STARTLINE_NODE="$PWD/target/node/x86_64/startline-node"
# Debian puts its Python modules beside its own Python, which need not be the first on the PATH.
export STARTLINE_PYTHON="${STARTLINE_PYTHON:-/usr/bin/python3}"
rm -rf ci-output
# The browser keeps its sandbox's bus to itself where there is a session bus.
cargo test --no-fail-fast
cargo test -p ui --no-fail-fast
