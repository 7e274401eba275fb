#!/bin/sh
# make.sh RELEASE FOLDER INIT: compiles FOLDER/drivers for Debian's kernel and packs INIT with the modules that mount the root.
set -eu
release=$1 folder=$2 init=$3
PATH=$PATH:/usr/sbin:/sbin
cd "$folder"

make -s -C "/usr/src/linux-headers-$release" M="$folder/drivers" CONFIG_VIDEO_VIMC=m modules > make.log 2>&1 || {
  cat make.log >&2
  exit 1
}
mkdir -p "lib/modules/$release/extra"
find drivers -name '*.ko' -exec cp {} "lib/modules/$release/extra/" ';'
strip --strip-debug "lib/modules/$release/extra/"*.ko
depmod -b "$folder" "$release"

rm -rf initrd && mkdir -p initrd/bin initrd/lib initrd/proc initrd/sys initrd/dev
cp "$init" initrd/init
chmod 755 initrd/init
cp "$(command -v busybox)" initrd/bin/busybox
for module in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe -d "$folder" -S "$release" -D "$module"
done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' | while read -r file; do
  # Debian 13 compresses modules.
  case $file in
    *.xz) xz -dc "$file" > "initrd/lib/$(basename "$file" .xz)" && basename "$file" .xz ;;
    *) cp "$file" initrd/lib/ && basename "$file" ;;
  esac
done > initrd/modules
(cd initrd && find . | cpio -o -H newc --quiet | gzip -1) > initrd.img
rm -rf initrd
