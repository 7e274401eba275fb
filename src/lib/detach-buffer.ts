import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Transfer = (this: ArrayBufferLike, newBytes: number) => ArrayBuffer

let found: { transfer: Transfer | undefined } | undefined

/** ES2024 has it. Node.js 20 has it behind a flag, which a realm that is created later sees. */
function findTransfer(): Transfer | undefined {
  const { transfer } = ArrayBuffer.prototype as { transfer?: Transfer }
  if (transfer !== undefined) return transfer
  setFlagsFromString('--harmony-rab-gsab-transfer')
  return runInNewContext('ArrayBuffer.prototype.transfer') as Transfer | undefined
}

/**
 * Gives the memory of a buffer back at once, where the garbage collector would do so some megabytes later: the next buffer
 * of its size then gets the same memory, which is still in the CPU's cache. A buffer that shares its memory is left alone.
 * @param buffer must not be used any more by anybody.
 */
export function detachBuffer(buffer: Buffer): void {
  const memory = buffer.buffer
  if (buffer.byteLength !== memory.byteLength) return
  found ??= { transfer: findTransfer() } // not at import: the flag and the realm are for programs that send video
  found.transfer?.call(memory, 0)
}
