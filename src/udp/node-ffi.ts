import { createRequire } from 'node:module'
import type { Libc } from './libc.js'

type Signature = Record<'arguments', string[]> & Record<'return', string>

/** What we use of node:ffi, which is experimental (Node.js 26.1). */
interface NodeFfi {
  dlopen(
    library: null,
    signatures: Record<string, Signature>,
  ): { functions: Record<string, (...call: unknown[]) => unknown> }
  getRawPointer(memory: ArrayBuffer): bigint
  getInt32(address: bigint): number
}

/** @throws Error when this version of Node.js has it not, or only with a flag. */
export function loadNodeFfi(): Libc {
  const ffi = createRequire(import.meta.url)('node:ffi') as NodeFfi
  const mmsg = ['int32', 'pointer', 'uint32', 'int32']
  const { functions } = ffi.dlopen(null, {
    sendmmsg: { arguments: mmsg, return: 'int32' },
    recvmmsg: { arguments: [...mmsg, 'pointer'], return: 'int32' },
    __errno_location: { arguments: [], return: 'pointer' },
  })
  const recvmmsg = functions['recvmmsg'] as (...call: unknown[]) => number
  const errnoAt = functions['__errno_location']!() as bigint
  return {
    via: 'node:ffi',
    addressOf: (memory) => ffi.getRawPointer(memory),
    sendmmsg: functions['sendmmsg'] as Libc['sendmmsg'],
    recvmmsg: (fd, messages, count, flags) => recvmmsg(fd, messages, count, flags, 0n),
    errno: () => ffi.getInt32(errnoAt),
  }
}
