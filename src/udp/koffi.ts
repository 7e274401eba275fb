import { createRequire } from 'node:module'
import type { Libc } from './libc.js'

/** What we use of koffi, an optional dependency. */
interface Koffi {
  load(library: null): { func(prototype: string): (...call: unknown[]) => number }
  errno(): number
}

/** @throws Error when koffi is not installed, or has no binary for this platform. */
export function loadKoffi(): Libc {
  const koffi = createRequire(import.meta.url)('koffi') as Koffi
  const libc = koffi.load(null)
  const memcpy = libc.func('uintptr_t memcpy(void *to, void *from, size_t bytes)')
  const mmsg = 'int fd, uintptr_t messages, unsigned int count, int flags'
  return {
    via: 'koffi',
    // koffi passes the address of a buffer, and memcpy returns it.
    addressOf: (memory) => BigInt(memcpy(memory, memory, 0)),
    sendmmsg: libc.func(`int sendmmsg(${mmsg})`),
    recvmmsg: withoutTimeout(libc.func(`int recvmmsg(${mmsg}, void *timeout)`)),
    errno: () => koffi.errno(),
  }
}

const withoutTimeout =
  (recvmmsg: (...call: unknown[]) => number): Libc['recvmmsg'] =>
  (fd, messages, count, flags) =>
    recvmmsg(fd, messages, count, flags, null)
