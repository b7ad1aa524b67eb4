#!/bin/bash
# startline-provision: pacer
# Made by Startline: installs Pacer, Startline's own scheduler. Run it as root; running it again changes nothing.
# The program is one file without dependencies; Startline lays it beside the Vagrantfile, and Vagrant shows that folder on
# the machine as /vagrant.
set -euo pipefail

program=/vagrant/startline-node
if [ ! -f "$program" ]; then
  echo "install-pacer: $program is missing. Lay startline-node beside the Vagrantfile, then run: vagrant rsync" >&2
  exit 1
fi
install -m 755 "$program" /usr/local/sbin/pacer
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "Pacer is installed" | tee /var/lib/startline/pacer.installed
