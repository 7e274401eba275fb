import { messageOf } from '../lib/error-message.js'
import { loadKoffi } from './koffi.js'
import { layoutOf, type Layout } from './layout.js'
import type { FfiLibrary, Libc } from './libc.js'
import { loadNodeFfi } from './node-ffi.js'
import { proveLibc } from './self-test.js'
import { UdpBatches } from './udp-batches.js'

export interface OpenedBatches {
  batches: UdpBatches
  /** Why an earlier choice is not used. */
  unusable: Partial<Record<FfiLibrary, string>>
}

/** In order of preference. */
const LOADERS: Readonly<Record<FfiLibrary, () => Libc>> = { 'node:ffi': loadNodeFfi, koffi: loadKoffi }

/** Chooses how datagrams are sent and read together: by the first way that passes a self-test on the loopback interface. */
export async function openUdpBatches(
  loaders: Readonly<Partial<Record<FfiLibrary, () => Libc>>> = LOADERS,
  findLayout: () => Layout | undefined = layoutOf,
): Promise<OpenedBatches> {
  const unusable: OpenedBatches['unusable'] = {}
  const layout = findLayout()
  for (const [via, load] of Object.entries(loaders) as [FfiLibrary, () => Libc][]) {
    if (layout === undefined) {
      unusable[via] = 'the structures of the kernel are not known for this processor'
      continue
    }
    try {
      const proven = await proveLibc(load(), layout)
      if (proven !== undefined) return { batches: new UdpBatches(proven), unusable }
      unusable[via] = 'the self-test failed'
    } catch (error) {
      unusable[via] = messageOf(error).split('\n')[0]!
    }
  }
  return { batches: new UdpBatches(), unusable }
}
