#!/bin/bash
# Made by Startline: runs the installers that were put on this machine.
# usage: software.sh NODE     on the machine, as root, after files.sh
set -euo pipefail

for part in zookeeper mesos pacer marathon; do
  installer=/opt/startline/install-$part.sh
  if [ -e "$installer" ]; then
    echo "== $part on ${1:-$(hostname)}"
    bash "$installer"
  fi
done
