#!/bin/bash
# startline-provision: mesos
# Made by Startline: installs AVENTER's packages of Mesos. Run it as root; running it again changes nothing.
# Another mirror: set AVENTER to an apt source line's address, suite and component.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

if ! command -v mesos-master >/dev/null; then
  # shellcheck source=/dev/null
  . /etc/os-release
  case $ID in
    ubuntu) default="https://rpm.aventer.biz/Ubuntu/$VERSION_CODENAME $VERSION_CODENAME main" ;;
    *) default="https://rpm.aventer.biz/Debian $VERSION_CODENAME main" ;;
  esac
  apt-get update -q
  apt-get install -y -q --no-install-recommends ca-certificates curl libcurl4 libsvn1 libapr1
  install -d -m 755 /etc/apt/keyrings
  curl -fsSL https://www.aventer.biz/assets/support_aventer.asc -o /etc/apt/keyrings/aventer.asc
  echo "deb [signed-by=/etc/apt/keyrings/aventer.asc] ${AVENTER:-$default}" > /etc/apt/sources.list.d/aventer.list
  apt-get update -q
  apt-get install -y -q --no-install-recommends aventer-mesos
fi

# The package's own units read other files: ours take their place, under their own names.
systemctl disable --now mesos-slave 2>/dev/null || true
mkdir -p /var/lib/mesos /var/log/mesos
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "Mesos $(dpkg-query -W -f '${Version}' aventer-mesos) is installed" | tee /var/lib/startline/mesos.installed
