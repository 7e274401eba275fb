#!/bin/sh
# fetch.sh RELEASE FOLDER: Debian's kernel and the source of its virtual media drivers, from apt, into FOLDER.
set -eu
release=$1 series=$(echo "$1" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
cd "$2"

if [ ! -e "boot/vmlinuz-$release" ]; then
  apt-get -qq -o APT::Sandbox::User="$(id -un)" download "linux-image-$release"
  dpkg --fsys-tarfile "linux-image-$release"_*.deb | tar -x --wildcards './boot/*' '*lib/modules/*'
  [ -d lib ] || mv usr/lib lib # Debian 13
  rm -f "linux-image-$release"_*.deb
fi
if [ ! -d "source/linux-source-$series/drivers" ]; then
  apt-get -qq -o APT::Sandbox::User="$(id -un)" download "linux-source-$series"
  mkdir -p source
  dpkg --fsys-tarfile "linux-source-$series"_*.deb | tar -xO "./usr/src/linux-source-$series.tar.xz" |
    tar -xJ -C source "linux-source-$series/drivers/media/test-drivers" "linux-source-$series/drivers/media/v4l2-core"
  rm -f "linux-source-$series"_*.deb
fi

# Debian builds vivid. The others are built here.
media=source/linux-source-$series/drivers/media
rm -rf drivers && mkdir drivers
cp -r "$media/test-drivers/vimc" "$media/test-drivers/vicodec" "$media/v4l2-core/v4l2-mem2mem.c" drivers/
