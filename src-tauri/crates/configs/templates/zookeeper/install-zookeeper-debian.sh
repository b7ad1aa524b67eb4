#!/bin/bash
# startline-provision: zookeeper
# Made by Startline: installs ZooKeeper from Debian's own packages. Run it as root; running it again changes nothing.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

# logback writes the log, nc asks for four-letter words. Java comes with zookeeper.
packages=(zookeeper liblogback-java libslf4j-java netcat-openbsd)
missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"
fi

# If our configuration was put here before the package came, the package's own settings stay beside it: zkCli.sh wants them.
for file in environment configuration.xsl; do
  if [ ! -e "/etc/zookeeper/conf/$file" ] && [ -e "/etc/zookeeper/conf_example/$file" ]; then
    install -m 644 "/etc/zookeeper/conf_example/$file" "/etc/zookeeper/conf/$file"
  fi
done

install -d -o zookeeper -g zookeeper -m 755 /var/lib/zookeeper /var/log/zookeeper
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "ZooKeeper $(dpkg-query -W -f '${Version}' zookeeper) is installed" | tee /var/lib/startline/zookeeper.installed
