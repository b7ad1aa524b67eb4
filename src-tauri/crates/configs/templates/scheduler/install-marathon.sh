#!/bin/bash
# startline-provision: marathon
# Made by Startline: installs Marathon 1.11.24. Run it as root; running it again changes nothing.
# Its packages are gone; the container image is what is left of it.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

if ! command -v docker >/dev/null; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends docker.io ca-certificates curl
fi
systemctl enable --now docker
docker pull mesosphere/marathon:v1.11.24
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "Marathon 1.11.24 is installed" | tee /var/lib/startline/marathon.installed
