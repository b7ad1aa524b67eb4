#!/bin/sh
# Makes the icons from icon.svg. Needs librsvg2-bin, imagemagick and icnsutils; what it makes is kept in git.
set -eu
cd "$(dirname "$0")"
render() { rsvg-convert --width "$1" --height "$1" icon.svg --output "$2"; }
render 32 32x32.png
render 128 128x128.png
render 256 128x128@2x.png
render 512 icon.png
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for size in 16 24 32 48 64 256; do render "$size" "$folder/$size.png"; done
convert "$folder/16.png" "$folder/24.png" "$folder/32.png" "$folder/48.png" "$folder/64.png" "$folder/256.png" icon.ico
png2icns icon.icns 32x32.png 128x128.png 128x128@2x.png icon.png
