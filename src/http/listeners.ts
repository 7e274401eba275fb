import type { Log } from '../log.js'
import { listen, type Listener, type ListenOptions } from './listen.js'
import { messageOf } from '../lib/error-message.js'

/** Where a port is, and how it speaks; the rest of a door stays what it is for as long as it is open. */
export type Endpoint = Pick<ListenOptions, 'port' | 'address' | 'certificate'>

export type ListenerOptions = Omit<ListenOptions, keyof Endpoint | 'configKey'>

/** The ports that are listened on, each under the key of the configuration that names it. */
export interface Listeners extends AsyncDisposable {
  /** @throws Error that names the key when the port cannot be bound. */
  open(configKey: string, place: Endpoint, room: ListenerOptions): Promise<void>
  /**
   * Moves every door that is elsewhere, or speaks otherwise, than it is to. Connections that are there go on. A door whose
   * new port cannot be bound stays where it was, with a line in the log.
   */
  move(places: ReadonlyMap<string, Endpoint>): Promise<void>
  close(configKey: string): Promise<void>
  /** Closes every connection to any door, WebSockets with this code and reason; the doors stay open. */
  disconnectAll(code: number, reason: string): void
  /** How many former ports still have open connections. */
  readonly retired: number
  /** The port that is bound; undefined where there is no such door. */
  port(configKey: string): number | undefined
}

interface OpenListener {
  endpoint: Endpoint
  options: ListenerOptions
  listener: Listener
}

export function createListeners(log: Log): Listeners {
  const doors = new Map<string, OpenListener>()
  const retired = new Set<Listener>()

  const openAt = async (configKey: string, place: Endpoint, room: ListenerOptions): Promise<void> =>
    void doors.set(configKey, {
      endpoint: place,
      options: room,
      listener: await listen({ configKey, ...place, ...room }),
    })

  const retire = ({ listener }: OpenListener): void => {
    retired.add(listener)
    const remove = (): void => void retired.delete(listener)
    listener.retire().then(remove, remove)
  }

  return {
    open: openAt,
    async move(places) {
      const moving = [...doors].flatMap(([configKey, door]) => {
        const place = places.get(configKey)
        return place === undefined || isSame(place, door.endpoint) ? [] : [{ configKey, door, place }]
      })
      // All of them first: one may want the port that another leaves.
      for (const { door } of moving) retire(door)
      const failed: typeof moving = []
      for (const one of moving) {
        const { configKey, door, place } = one
        await openAt(configKey, place, door.options).catch((error: unknown) => {
          log.error(`${messageOf(error)}; until then it stays at port ${door.listener.port}`)
          failed.push(one)
        })
      }
      for (const { configKey, door } of failed) {
        await openAt(configKey, door.endpoint, door.options).catch((error: unknown) => {
          log.error(`the port before it is lost as well: ${messageOf(error)}`)
        })
      }
    },
    async close(configKey) {
      await doors.get(configKey)?.listener[Symbol.asyncDispose]()
      doors.delete(configKey)
    },
    disconnectAll: (code, reason) => {
      for (const { listener } of doors.values()) listener.disconnectAll(code, reason)
      for (const listener of retired) listener.disconnectAll(code, reason)
    },
    get retired() {
      return retired.size
    },
    port: (configKey) => doors.get(configKey)?.listener.port,
    async [Symbol.asyncDispose]() {
      const all = [...doors.values()].reverse().map(({ listener }) => listener)
      for (const listener of [...all, ...retired]) await listener[Symbol.asyncDispose]()
    },
  }
}

const isSame = (one: Endpoint, other: Endpoint): boolean =>
  one.port === other.port && one.address === other.address && one.certificate === other.certificate
