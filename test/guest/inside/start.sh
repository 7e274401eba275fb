#!/bin/sh
# Second stage: the virtual cameras and the encoder, then the cases. /run/guest/environment is written by run.ts.
. /run/guest/environment
export HOME=/root TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# gst-inspect-1.0 opens a pager on a serial console, and waits there for a key.
export PAGER=cat LIBCAMERA_LOG_NO_COLOR=1
stty -F /dev/ttyS1 raw

load() {
  modprobe -d /run/kernel -S "$(uname -r)" "$@"
}
load vimc
# The first with an output and metadata nodes, which are no cameras.
load vivid n_devs=2 node_types=0x60101,0x1
load fakeh264 multiplanar=1
for udevd in /lib/systemd/systemd-udevd /usr/lib/systemd/systemd-udevd; do
  [ -x "$udevd" ] && "$udevd" --daemon && break
done
udevadm trigger --type=all
udevadm settle --timeout=60

cd /tmp
ln -s /run/checkout/node_modules /run/node_modules
/run/kernel/node /run/guest/cases.mjs > /run/guest/cases.log 2>&1 || echo "the cases ended with $?" >> /run/guest/cases.log
sync
echo o > /proc/sysrq-trigger
while :; do :; done # until the power is off
