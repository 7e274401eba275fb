import type { Log } from '../log.js'
import { listen, type Listener, type ListenOptions } from './listen.js'
import { messageOf } from '../lib/error-message.js'

/** The options of a listener that a reload may change. */
export type Endpoint = Pick<ListenOptions, 'port' | 'address' | 'certificate'>

export type ListenerOptions = Omit<ListenOptions, keyof Endpoint | 'configKey'>

/** The listening ports, by their configuration key. */
export interface Listeners extends AsyncDisposable {
  /** @throws Error that names the key when the port cannot be bound. */
  open(configKey: string, endpoint: Endpoint, options: ListenerOptions): Promise<void>
  /**
   * Moves every listener whose endpoint differs. Open connections continue. If the new port cannot be bound, the listener stays at the
   * old one, and the log has the reason.
   */
  move(endpoints: ReadonlyMap<string, Endpoint>): Promise<void>
  close(configKey: string): Promise<void>
  /** Closes every connection, WebSockets with this code and reason; the ports stay open. */
  disconnectAll(code: number, reason: string): void
  /** The number of former ports with open connections. */
  readonly retired: number
  /** The bound port; undefined without such a listener. */
  port(configKey: string): number | undefined
}

interface OpenListener {
  endpoint: Endpoint
  options: ListenerOptions
  listener: Listener
}

export function createListeners(log: Log): Listeners {
  const open = new Map<string, OpenListener>()
  const retired = new Set<Listener>()

  const openAt = async (configKey: string, endpoint: Endpoint, options: ListenerOptions): Promise<void> =>
    void open.set(configKey, {
      endpoint,
      options,
      listener: await listen({ configKey, ...endpoint, ...options }),
    })

  const retire = ({ listener }: OpenListener): void => {
    retired.add(listener)
    const remove = (): void => void retired.delete(listener)
    listener.retire().then(remove, remove)
  }

  return {
    open: openAt,
    async move(endpoints) {
      const moving = [...open].flatMap(([configKey, current]) => {
        const endpoint = endpoints.get(configKey)
        return endpoint === undefined || isSame(endpoint, current.endpoint)
          ? []
          : [{ configKey, current, endpoint }]
      })
      // Frees all ports first, because one listener may move to the port of another.
      for (const { current } of moving) retire(current)
      const failed: typeof moving = []
      for (const move of moving) {
        const { configKey, current, endpoint } = move
        await openAt(configKey, endpoint, current.options).catch((error: unknown) => {
          log.error(`${messageOf(error)}; until then it stays at port ${current.listener.port}`)
          failed.push(move)
        })
      }
      for (const { configKey, current } of failed) {
        await openAt(configKey, current.endpoint, current.options).catch((error: unknown) => {
          log.error(`the previous port is lost as well: ${messageOf(error)}`)
        })
      }
    },
    async close(configKey) {
      await open.get(configKey)?.listener[Symbol.asyncDispose]()
      open.delete(configKey)
    },
    disconnectAll: (code, reason) => {
      for (const { listener } of open.values()) listener.disconnectAll(code, reason)
      for (const listener of retired) listener.disconnectAll(code, reason)
    },
    get retired() {
      return retired.size
    },
    port: (configKey) => open.get(configKey)?.listener.port,
    async [Symbol.asyncDispose]() {
      const all = [...open.values()].reverse().map(({ listener }) => listener)
      for (const listener of [...all, ...retired]) await listener[Symbol.asyncDispose]()
    },
  }
}

const isSame = (one: Endpoint, other: Endpoint): boolean =>
  one.port === other.port && one.address === other.address && one.certificate === other.certificate
