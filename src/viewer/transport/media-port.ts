import { messageOf } from '../../lib/error-message.js'
import { poll } from '../../lib/deadline.js'
import type { Log } from '../../log.js'
import type { TcpMux } from './tcp-mux.js'
import type { UdpMux } from './udp-mux.js'

const POLL_INTERVAL_MS = 1000

export interface MediaEndpoint {
  /** 0: any free port. */
  port: number
  address: string
  /** Whether clients without UDP may use TCP. */
  tcp: boolean
}

/** How endpoints are bound. */
export interface MediaBinding {
  /** @throws Error */
  udp(endpoint: MediaEndpoint): Promise<UdpMux>
  /** @param port that of the UDP socket. @returns undefined if it cannot be bound: then there is only UDP. */
  tcp(port: number, address: string): Promise<TcpMux | undefined>
}

interface Sockets {
  mux: UdpMux
  tcp: TcpMux | undefined
}

/** The UDP socket for new viewers, and the TCP port of the same number. After a move, existing viewers keep the old ones. */
export interface MediaPort extends AsyncDisposable, Readonly<Sockets> {
  /**
   * Moves to another endpoint. If that cannot be bound, the old one stays and the log says so.
   * @param endViewers called when the port stays and only its address changes: both cannot be bound at once.
   */
  move(next: MediaEndpoint, endViewers: () => Promise<void>): Promise<void>
  /** Closes the TCP ports that an HTTP listener is about to take. Viewers over UDP notice nothing. */
  yieldTcp(ports: ReadonlySet<number>): Promise<void>
}

/** @throws Error of `bind.udp`. */
export async function openMediaPort(first: MediaEndpoint, bind: MediaBinding, log: Log): Promise<MediaPort> {
  const open = async (endpoint: MediaEndpoint): Promise<Sockets> => {
    const mux = await bind.udp(endpoint)
    return { mux, tcp: endpoint.tcp ? await bind.tcp(mux.port, endpoint.address) : undefined }
  }
  let endpoint = first
  let current = await open(first)
  const old = new Map<Sockets, Disposable>()

  const close = async (one: Sockets): Promise<void> => {
    old.get(one)?.[Symbol.dispose]()
    if (old.delete(one)) await closeAll(one)
  }

  const retire = (one: Sockets): void => {
    const unused = poll(POLL_INTERVAL_MS, () => (one.mux.held.agents === 0 ? true : undefined))
    old.set(one, unused)
    void unused.answered.then(async () => await close(one))
  }

  /** Viewers over UDP notice nothing. */
  const switchTcp = async ({ tcp, address }: MediaEndpoint): Promise<void> => {
    const before = current.tcp
    current = { mux: current.mux, tcp: tcp ? await bind.tcp(current.mux.port, address) : undefined }
    await before?.[Symbol.asyncDispose]()
  }

  const moveBeside = async (next: MediaEndpoint): Promise<void> => {
    const opened = await open(next)
    retire(current)
    current = opened
  }

  const moveInPlace = async (next: MediaEndpoint, endViewers: () => Promise<void>): Promise<void> => {
    await endViewers()
    await closeAll(current)
    try {
      current = await open(next)
    } catch (error) {
      current = await open(endpoint)
      throw error
    }
  }

  return {
    get mux() {
      return current.mux
    },
    get tcp() {
      return current.tcp
    },
    async move(next, endViewers) {
      if (next.port === endpoint.port && next.address === endpoint.address) {
        // Another program, or an HTTP listener, may have had the TCP port.
        if (next.tcp !== (current.tcp !== undefined)) await switchTcp(next)
        endpoint = next
        return
      }
      try {
        await (next.port === endpoint.port && next.port !== 0
          ? moveInPlace(next, endViewers)
          : moveBeside(next))
        endpoint = next
      } catch (error) {
        log.error(`${messageOf(error)}; the media port stays ${current.mux.port}`)
      }
    },
    async yieldTcp(ports) {
      for (const one of [current, ...old.keys()]) {
        const { tcp } = one
        if (tcp === undefined || !ports.has(tcp.port)) continue
        one.tcp = undefined // offered to no new viewer while it closes
        await tcp[Symbol.asyncDispose]()
      }
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...old.keys()]) await close(one)
      await closeAll(current)
    },
  }
}

async function closeAll({ mux, tcp }: Sockets): Promise<void> {
  await tcp?.[Symbol.asyncDispose]()
  await mux[Symbol.asyncDispose]()
}
