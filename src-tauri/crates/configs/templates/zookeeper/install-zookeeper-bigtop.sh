#!/bin/bash
# startline-provision: zookeeper
# Made by Startline: installs ZooKeeper from Apache Bigtop's packages. Run it as root; running it again changes nothing.
# Another release or mirror: set BIGTOP to the folder that holds GPG-KEY-bigtop and DISTRIBUTION/bigtop.list.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
bigtop=${BIGTOP:-https://archive.apache.org/dist/bigtop/bigtop-3.3.0/repos}

if ! command -v zookeeper-server-initialize >/dev/null; then
  # shellcheck source=/dev/null
  . /etc/os-release
  apt-get update -q
  apt-get install -y -q --no-install-recommends ca-certificates curl gnupg default-jre-headless netcat-openbsd
  list=$(curl -fsSL "$bigtop/$ID-$VERSION_ID/bigtop.list") \
    || { echo "Bigtop has no packages for $ID $VERSION_ID at $bigtop" >&2; exit 1; }
  curl -fsSL "$bigtop/GPG-KEY-bigtop" | gpg --dearmor --yes -o /etc/apt/trusted.gpg.d/bigtop.gpg
  echo "$list" > /etc/apt/sources.list.d/bigtop.list
  apt-get update -q
  apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold zookeeper-server
fi

install -d -o zookeeper -g zookeeper -m 755 /var/lib/zookeeper /var/log/zookeeper
# The package starts its own script; the unit zookeeper-server takes its place.
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "ZooKeeper $(dpkg-query -W -f '${Version}' zookeeper-server) is installed" | tee /var/lib/startline/zookeeper.installed
