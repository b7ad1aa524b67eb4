#!/bin/bash
# startline-provision: mesos
# Made by Startline: installs Apache Mesos 1.11.0 in /opt/mesos. Run it as root; running it again changes nothing.
#
# The project is retired and its packages are gone. What is left of its official binaries is the Python package
# mesos.scheduler: its one file holds the whole of libmesos. This script fetches it with pip, checks that it is the very
# file that /opt/startline/mesosd.cpp was written for, and compiles that small program, which starts the library as
# mesos-master, mesos-agent or mesos-containerizer, by the name it is called. It has no fetcher, no Docker executor and
# no web pages of its own.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

here=$(dirname "$(readlink -f "$0")")
root=${STARTLINE_MESOS_ROOT:-/opt/mesos}
library=$root/lib/libmesos.so
checksum=84d7ee9af27e912636b139de40257df1ee4f56c201de6bba834278aa1e8fd64c

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() {
  echo "[$SECONDS s] $*"
}

fail() {
  echo "install-mesos: $*" >&2
  exit 1
}

# The package is not a form that pip installs: pip unpacks it, finds no project in it and gives up. The unpacked folder is
# all that is wanted. Its version has the platform in it, so it is asked for with ===.
fetch_library() {
  say "fetching mesos.scheduler 1.11.0 (27 MB)"
  mkdir "$work/pip"
  TMPDIR=$work/pip pip download --no-deps --no-clean -d "$work/out" 'mesos.scheduler===1.11.0.linux-x86_64' > "$work/pip.log" 2>&1 || true
  local found
  found=$(find "$work/pip" -name _scheduler.so -print -quit)
  if [ -z "$found" ]; then
    tail -n 20 "$work/pip.log" >&2
    fail "pip did not bring mesos.scheduler 1.11.0"
  fi
  echo "$checksum  $found" | sha256sum --check --quiet - || fail "the library is not the one that mesosd.cpp was written for"
  install -D -m 755 "$found" "$library"
}

# stub SONAME VERSION…: a stand-in for a library of 2016 that today's Debian no longer has. Mesos calls it only for what is
# not used here: TLS and the fetcher. A call would say so and end the program.
stub() {
  local soname=$1 version names
  shift
  names=$(IFS='|'; echo "$*")
  grep -E "@($names)\$" "$work/undefined" | sort -u > "$work/symbols" || fail "no symbols for $soname"
  {
    echo 'extern int puts(const char*); extern void abort(void);'
    sed -E 's/@.*//; s/.*/void *&(void) { puts("not in this build of Mesos: &"); abort(); }/' "$work/symbols"
  } > "$work/stub.c"
  for version in "$@"; do
    echo "$version { global:"
    sed -n "s/@$version\$/;/p" "$work/symbols"
    echo '};'
  done > "$work/stub.map"
  gcc -w -fno-builtin -shared -fPIC "-Wl,-soname,$soname" "-Wl,--version-script=$work/stub.map" -o "$root/lib/$soname" "$work/stub.c"
}

# The library was made to be loaded by Python; without one it only needs the names to be there.
stub_python() {
  {
    echo 'extern int puts(const char*); extern void abort(void);'
    grep -E '^_?Py' "$work/undefined" | grep -vE '^(PyExc_|_Py_None)' \
      | sed -E 's/.*/void *&(void) { puts("not in this build of Mesos: &"); abort(); }/'
    echo 'void *PyExc_Exception, *PyExc_TypeError; long _Py_NoneStruct[8];'
  } > "$work/python.c"
  gcc -w -shared -fPIC -Wl,-soname,libpystub.so -o "$root/lib/libpystub.so" "$work/python.c"
}

build_programs() {
  say "building"
  nm -D --undefined-only "$library" | awk '{ print $2 }' > "$work/undefined"
  stub libcurl.so.4 CURL_OPENSSL_3
  stub libssl.so.1.0.0 OPENSSL_1.0.0 OPENSSL_1.0.1 OPENSSL_1.0.2
  stub libcrypto.so.1.0.0 OPENSSL_1.0.0 OPENSSL_1.0.1 OPENSSL_1.0.2
  stub_python
  mkdir -p "$root/bin" "$root/libexec"
  # $ORIGIN is for the loader, not for the shell.
  # shellcheck disable=SC2016
  g++ -O1 -w -o "$work/mesosd" "$here/mesosd.cpp" -Wl,--no-as-needed "-L$root/lib" -l:libpystub.so -l:libmesos.so \
    -Wl,--allow-shlib-undefined -Wl,--disable-new-dtags '-Wl,-rpath,$ORIGIN/../lib'
  install -m 755 "$work/mesosd" "$root/libexec/mesos-containerizer"
  install -m 755 "$work/mesosd" "$root/bin/mesos-agent"
  # The master comes last: it is what a second run looks for.
  install -m 755 "$work/mesosd" "$root/bin/mesos-master"
}

[ "$(uname -m)" = x86_64 ] || fail "the library is for x86_64; this machine is $(uname -m)"
if [ ! -x "$root/bin/mesos-master" ]; then
  if [ -z "${STARTLINE_SKIP_APT:-}" ]; then
    say "installing what it needs"
    apt-get update -q
    apt-get install -y -q --no-install-recommends \
      libsvn1 libsasl2-2 libsasl2-modules zlib1g g++ binutils python3 python3-pip ca-certificates curl
  fi
  [ -f "$library" ] || fetch_library
  build_programs
fi

# Elsewhere than in its own place it is built for trying out: the machine itself is left alone.
[ -z "${STARTLINE_MESOS_ROOT:-}" ] || exit 0

for program in mesos-master mesos-agent; do
  ln -sf "$root/bin/$program" "/usr/local/sbin/$program"
done
mkdir -p /var/lib/mesos /var/log/mesos
# Plain commands are started by mesos-executor, which the library does not have: Startline's program stands in for it.
if [ -e /vagrant/startline-node ]; then
  install -m 755 /vagrant/startline-node "$root/libexec/mesos-executor"
fi
systemctl daemon-reload
mkdir -p /var/lib/startline
echo "Mesos 1.11.0 is installed in $root" | tee /var/lib/startline/mesos.installed
