import { messageOf } from '../../lib/error-message.js'
import { poll } from '../../lib/deadline.js'
import type { Log } from '../../log.js'
import type { UdpMux } from './udp-mux.js'

const POLL_INTERVAL_MS = 1000

export interface MediaEndpoint {
  /** 0: any free port. */
  port: number
  address: string
}

/** The UDP socket for new viewers. After a move, existing viewers keep the old one. */
export interface MediaPort extends AsyncDisposable {
  readonly mux: UdpMux
  /**
   * Moves to another endpoint. If that cannot be bound, the old one stays and the log says so.
   * @param endViewers called when the port stays and only its address changes: both cannot be bound at once.
   */
  move(next: MediaEndpoint, endViewers: () => Promise<void>): Promise<void>
}

/**
 * @param open binds an endpoint.
 * @throws Error of `open`.
 */
export async function openMediaPort(
  first: MediaEndpoint,
  open: (endpoint: MediaEndpoint) => Promise<UdpMux>,
  log: Log,
): Promise<MediaPort> {
  let endpoint = first
  let mux = await open(first)
  const old = new Map<UdpMux, Disposable>()

  const close = async (one: UdpMux): Promise<void> => {
    old.get(one)?.[Symbol.dispose]()
    if (old.delete(one)) await one[Symbol.asyncDispose]()
  }

  const retire = (one: UdpMux): void => {
    const unused = poll(POLL_INTERVAL_MS, () => (one.held.agents === 0 ? true : undefined))
    old.set(one, unused)
    void unused.answered.then(async () => await close(one))
  }

  const moveBeside = async (next: MediaEndpoint): Promise<void> => {
    const opened = await open(next)
    retire(mux)
    mux = opened
  }

  const moveInPlace = async (next: MediaEndpoint, endViewers: () => Promise<void>): Promise<void> => {
    await endViewers()
    await mux[Symbol.asyncDispose]()
    try {
      mux = await open(next)
    } catch (error) {
      mux = await open(endpoint)
      throw error
    }
  }

  return {
    get mux() {
      return mux
    },
    async move(next, endViewers) {
      if (next.port === endpoint.port && next.address === endpoint.address) return
      try {
        await (next.port === endpoint.port && next.port !== 0
          ? moveInPlace(next, endViewers)
          : moveBeside(next))
        endpoint = next
      } catch (error) {
        log.error(`${messageOf(error)}; the media port stays ${mux.port}`)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...old.keys()]) await close(one)
      await mux[Symbol.asyncDispose]()
    },
  }
}
