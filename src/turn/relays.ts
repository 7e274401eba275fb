import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../lib/error-message.js'
import { allocate, type AllocateOptions } from './allocate.js'
import type { Allocation } from './allocation.js'
import { silence, TurnError } from './turn-error.js'
import { turnEndpointOf, type TurnServer } from './turn-server.js'

/** A session without a relayed address is better than one that waits for it. */
const LIMIT_MS = 2500
/** After the first address: UDP, TCP and TLS of one server are about as far away. */
const AFTER_FIRST_MS = 500
/** An offer with more candidates makes more checks; browsers warn above five servers. */
const MAX_SERVERS = 4

export interface Relays {
  allocations: Allocation[]
  /** Of servers that gave none: sentences without a full stop. */
  problems: string[]
}

/**
 * Asks the first four servers at once for relayed addresses, and waits 2.5 s at most. The allocations are the caller's.
 * @throws the reason of the signal.
 */
export async function openRelays(
  servers: readonly TurnServer[],
  signal: AbortSignal,
  options: AllocateOptions & { limitMs?: number },
): Promise<Relays> {
  const stop = new AbortController()
  const abort = (): void => stop.abort(signal.reason)
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort, { once: true })
  const limit = setTimeout(() => stop.abort(), options.limitMs ?? LIMIT_MS)
  let isFirst = true
  const settled = new AbortController()
  const onAllocated = (): void => {
    if (!isFirst) return
    isFirst = false
    void sleep(AFTER_FIRST_MS, undefined, { signal: settled.signal }).then(
      () => stop.abort(),
      () => {},
    )
  }
  try {
    const outcomes = await Promise.all(
      servers
        .slice(0, MAX_SERVERS)
        .map(async (server) => await ask(server, stop.signal, options, onAllocated)),
    )
    const allocations = outcomes.filter((outcome) => typeof outcome !== 'string')
    if (signal.aborted) {
      await Promise.all(allocations.map(async (one) => await one[Symbol.asyncDispose]()))
      throw signal.reason
    }
    return { allocations, problems: outcomes.filter((outcome) => typeof outcome === 'string') }
  } finally {
    clearTimeout(limit)
    settled.abort()
    signal.removeEventListener('abort', abort)
  }
}

/** @returns a sentence if the server gives no address. */
async function ask(
  server: TurnServer,
  signal: AbortSignal,
  options: AllocateOptions,
  onAllocated: () => void,
): Promise<Allocation | string> {
  try {
    const allocation = await allocate(server, signal, options)
    onAllocated()
    return allocation
  } catch (error) {
    if (error instanceof TurnError) return problemOf(server, error)
    const endpoint = turnEndpointOf(server.uri)
    if (signal.aborted && endpoint !== undefined) return problemOf(server, silence(endpoint))
    return problemOf(server, new TurnError(`cannot be used (${messageOf(error)})`, 'report it')) // a bug of ours
  }
}

/** What to do is for servers of the configuration. */
const problemOf = ({ uri, namedBy }: TurnServer, { message, what }: TurnError): string =>
  namedBy === undefined
    ? `The TURN server ${uri} ${message}`
    : `The TURN server ${uri}, which ${namedBy.host} named, ${what}`
