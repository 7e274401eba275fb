#!/bin/sh
# debian-13.sh FOLDER: makes a Debian 13 root file system for `npm run guest -- --root FOLDER`, with mmdebstrap, as root. Its libcamera
# has the virtual pipeline handler, whose cameras have more than one stream. 1.4 GB, three minutes.
set -eu
[ $# = 1 ] || { echo 'usage: debian-13.sh FOLDER' >&2; exit 2; }
packages="
  udev kmod procps iproute2 psmisc v4l-utils
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly
  gstreamer1.0-libcamera libcamera-ipa libcamera-tools
  linux-headers-amd64 make gcc busybox-static cpio xz-utils"
mmdebstrap --variant=apt --mode=root --aptopt='APT::Install-Recommends "false"' \
  --include="$(echo $packages | tr ' ' ',')" trixie "$1"
