#!/bin/bash
# Made by Startline: puts a machine's files where they belong, with owner and mode, as MANIFEST.tsv says.
# usage: files.sh NODE     on the machine, as root; Vagrant runs it as `vagrant provision --provision-with files`
set -euo pipefail

node=${1:?usage: files.sh NODE}
bundle=${STARTLINE_BUNDLE:-/vagrant}
target=${STARTLINE_TARGET:-}

grep -v '^#' "$bundle/MANIFEST.tsv" | while IFS=$'\t' read -r path of owner mode dest; do
  if [ "$of" != "$node" ] || [ "$dest" = - ]; then
    continue
  fi
  # A file whose owner comes with a package that is not installed yet is root's until then.
  id -u "${owner%%:*}" >/dev/null 2>&1 || owner=root:root
  install -D -o "${owner%%:*}" -g "${owner##*:}" -m "$mode" "$bundle/$path" "$target$dest"
  echo "$dest"
done
