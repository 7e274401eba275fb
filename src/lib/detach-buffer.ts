import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Transfer = (this: ArrayBufferLike, newBytes: number) => ArrayBuffer

let lookup: { transfer: Transfer | undefined } | undefined

/** ArrayBuffer.prototype.transfer is ES2024. Node 20 has it behind a flag that only realms created afterwards see. */
function findTransfer(): Transfer | undefined {
  const { transfer } = ArrayBuffer.prototype as { transfer?: Transfer }
  if (transfer !== undefined) return transfer
  setFlagsFromString('--harmony-rab-gsab-transfer')
  return runInNewContext('ArrayBuffer.prototype.transfer') as Transfer | undefined
}

/**
 * Frees the memory of a buffer at once. The next buffer of its size gets the same memory, which is still in the CPU's cache; the
 * garbage collector would free it some megabytes later. Does nothing if the buffer is a view of a larger one.
 * @param buffer must not be used afterwards.
 */
export function detachBuffer(buffer: Buffer): void {
  const memory = buffer.buffer
  if (buffer.byteLength !== memory.byteLength) return
  lookup ??= { transfer: findTransfer() } // not at import: only a server that sends video needs the realm
  lookup.transfer?.call(memory, 0)
}
