#!/usr/bin/env bash
# Installs what is missing on this machine, and says what it does: `setup.sh run` for building and running the program, `setup.sh test`
# for its tests as well (real ZooKeeper, Vagrant, Mesos, WebDriver). Where apt-get is not there, it lists what to install by hand.
set -euo pipefail
what=${1:-run}
cd "$(dirname "$0")/.."

need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }

missing=()
need cc build-essential
need pkg-config pkg-config
need musl-gcc musl-tools
pkg-config --exists webkit2gtk-4.1 2>/dev/null || missing+=(libwebkit2gtk-4.1-dev)
if [ "$what" = test ]; then
  need WebKitWebDriver webkit2gtk-driver
  need Xvfb xvfb
  need xauth xauth
  need dbus-run-session dbus
  need import imagemagick
  need java default-jre-headless
  [ -e /usr/share/java/zookeeper.jar ] || missing+=(zookeeper)
  [ -x /usr/lib/zookeeper/bin/cli_mt ] || missing+=(zookeeper-bin)
  "${STARTLINE_PYTHON:-/usr/bin/python3}" -c 'import kazoo' 2>/dev/null || missing+=(python3-kazoo)
  "${STARTLINE_PYTHON:-/usr/bin/python3}" -c 'import http_parser' 2>/dev/null || missing+=(python3-http-parser)
  need vagrant vagrant
  need ruby ruby
  need shellcheck shellcheck
  need g++ g++
  need pip3 python3-pip
  [ -e /usr/share/doc/libsvn1 ] || missing+=(libsvn1)
  [ -e /usr/share/doc/libsasl2-modules ] || missing+=(libsasl2-modules)
fi

if [ ${#missing[@]} -gt 0 ]; then
  root=()
  [ "$(id -u)" = 0 ] || root=(sudo)
  if command -v apt-get >/dev/null 2>&1; then
    echo "startline: installing ${missing[*]}"
    "${root[@]}" apt-get update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "startline: this system has no apt-get. Install these (Debian's names), then run the same command again:" >&2
    printf '  %s\n' "${missing[@]}" >&2
    exit 1
  fi
fi

if ! command -v cargo >/dev/null 2>&1; then
  echo "startline: Rust is missing. Install it with rustup (rustup.rs), then run the same command again." >&2
  exit 1
fi
if command -v rustup >/dev/null 2>&1 && ! rustup target list --installed | grep -qx wasm32-unknown-unknown; then
  echo "startline: adding Rust's WebAssembly target"
  rustup target add wasm32-unknown-unknown
fi
