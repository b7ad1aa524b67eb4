#!/bin/bash
# Made by Startline: initialises ZooKeeper where that was not done, and starts this machine's services, now and at every boot.
# usage: services.sh NODE     on the machine, as root, after software.sh
set -euo pipefail

node=${1:?usage: services.sh NODE}
bundle=${STARTLINE_BUNDLE:-/vagrant}

systemctl daemon-reload
if [ -e /etc/zookeeper/conf/zoo.cfg ] && [ ! -e /var/lib/zookeeper/version-2 ]; then
  myid=$(cat "$bundle/files/$node/var/lib/zookeeper/myid")
  sudo -u zookeeper zookeeper-server-initialize "--myid=$myid"
fi
for unit in zookeeper-server mesos-master mesos-agent pacer marathon; do
  if [ -e "/etc/systemd/system/$unit.service" ]; then
    systemctl enable --now "$unit"
    echo "$unit: $(systemctl is-active "$unit" || true)"
  fi
done
