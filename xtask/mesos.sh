#!/usr/bin/env bash
# A real Mesos 1.11.0 for the tests, made by the very installer that real machines get, in target/real/mesos. Prints that folder.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD/target/real/mesos
if [ ! -x "$root/bin/mesos-master" ]; then
  echo "startline: building a real Mesos for the tests (27 MB, half a minute)" >&2
  mkdir -p "$root/src"
  cp src-tauri/crates/configs/templates/mesos/install-mesos-pypi.sh src-tauri/crates/configs/assets/mesosd.cpp "$root/src/"
  STARTLINE_MESOS_ROOT=$root STARTLINE_SKIP_APT=1 bash "$root/src/install-mesos-pypi.sh" >&2
fi
echo "$root"
