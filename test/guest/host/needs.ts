import { existsSync } from 'node:fs'

/** A file -> the Debian package that has it. */
const NEEDED_HERE: Record<string, string> = {
  '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
}

/** The same for the root file system of the guest, in which its kernel is compiled too. */
const NEEDED_IN_ROOT: Record<string, string> = {
  '/usr/bin/busybox': 'busybox-static',
  '/usr/sbin/modprobe': 'kmod',
  '/usr/bin/cpio': 'cpio',
  '/usr/bin/xz': 'xz-utils',
  '/usr/bin/make': 'make',
  '/usr/bin/gcc': 'gcc',
  '/usr/bin/udevadm': 'udev',
  '/usr/bin/v4l2-ctl': 'v4l-utils',
  '/usr/bin/cam': 'libcamera-tools',
  '/usr/bin/gst-launch-1.0': 'gstreamer1.0-tools',
  '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstlibcamera.so': 'gstreamer1.0-libcamera',
  '/usr/lib/x86_64-linux-gnu/libcamera': 'libcamera-ipa',
  '/usr/lib/x86_64-linux-gnu/gstreamer-1.0/libgstopenh264.so': 'gstreamer1.0-plugins-bad',
}

export const NEEDS = `npm run guest starts Debian's own kernel in an emulated machine (qemu, KVM not needed) with virtual cameras
(vimc, vivid) and a virtual H.264 encoder, and runs this checkout in it. It takes some minutes.
It needs an amd64 machine with Debian 12 or 13, and these packages:
  ${[...Object.values(NEEDED_HERE), ...Object.values(NEEDED_IN_ROOT), 'linux-headers-amd64'].join(' ')}
It installs nothing. The first run downloads the kernel and its source with apt-get (210 MB) and keeps 420 MB in
`

/** @returns the packages that are missing on this machine, and in the guest's root file system. */
export function missingPackages(
  root: string,
  exists: (path: string) => boolean = existsSync,
): { host: string[]; root: string[] } {
  const missing = (needed: Record<string, string>, below: string): string[] =>
    Object.entries(needed)
      .filter(([path]) => !exists(below + path))
      .map(([, name]) => name)
  return { host: missing(NEEDED_HERE, ''), root: missing(NEEDED_IN_ROOT, root === '/' ? '' : root) }
}
