export type FfiLibrary = 'node:ffi' | 'koffi'

/** The C library's functions for several datagrams in one system call (sendmmsg(2), recvmmsg(2)). */
export interface Libc {
  readonly via: FfiLibrary
  /** Valid while the memory is referenced, and neither detached nor resized. */
  addressOf(memory: ArrayBuffer): bigint
  /** HOT: @param messages address of `struct mmsghdr[]`. @returns how many were sent, or -1. */
  sendmmsg(fd: number, messages: bigint, count: number, flags: number): number
  /** HOT: @param messages address of `struct mmsghdr[]`. @returns how many were received, or -1. */
  recvmmsg(fd: number, messages: bigint, count: number, flags: number): number
  /** Of the last call; read at once. */
  errno(): number
}

/** Linux, the same on all of its processors that have prebuilt Node.js binaries. */
export const EINTR = 4
export const EIO = 5
export const EAGAIN = 11
export const EINVAL = 22
export const EMSGSIZE = 90
export const ENOBUFS = 105
export const ECONNREFUSED = 111

export const MSG_DONTWAIT = 0x40
export const SOL_UDP = 17
/** Linux 4.18, include/uapi/linux/udp.h */
export const UDP_SEGMENT = 103
