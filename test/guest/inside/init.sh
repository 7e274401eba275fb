#!/bin/busybox sh
# The first process of the guest: the host's root file system, read-only, below one in memory that takes every change.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
while read -r module; do insmod "/lib/$module"; done < /modules
mkdir -p /host /changes /new

share() { # TAG FOLDER OPTIONS
  mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$3" "$1" "$2" || poweroff -f
}
share root /host cache=loose,ro
mount -t tmpfs changes /changes
mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/host,upperdir=/changes/upper,workdir=/changes/work overlay /new || poweroff -f

mkdir -p /new/proc /new/sys /new/dev /new/run
mount -t proc proc /new/proc
mount -t sysfs sys /new/sys
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/shm
mount -t tmpfs run /new/run
mount -t tmpfs shm /new/dev/shm
mkdir /new/run/guest /new/run/kernel /new/run/checkout
share guest /new/run/guest rw
share kernel /new/run/kernel cache=loose,ro
share checkout /new/run/checkout cache=loose,ro
ip link set lo up
exec switch_root /new /bin/sh /run/guest/start.sh
