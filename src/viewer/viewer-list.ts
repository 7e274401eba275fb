import { noSuchViewer } from '../errors.js'
import type { Transport, ViewerStats } from './stats/stats.js'
import type { Via } from './types.js'

/** A viewer as an administrator sees it. */
export interface ListedViewer {
  /** Counted from the start of the program. The session's own id is a secret of its client. */
  number: number
  camera: string
  via: Via
  /** The destination of its packets; undefined until there is a nominated pair. */
  address: string | undefined
  /** Of that pair; `http` without WebRTC. */
  transport: Transport | undefined
  /** Since its offer, in seconds. */
  forS: number
  /** Undefined until it is connected. */
  stats: ViewerStats | undefined
}

interface Entry extends Pick<ListedViewer, 'camera' | 'via'> {
  path: () => Pick<ListedViewer, 'address' | 'transport'>
  stats: () => ViewerStats | undefined
  remove: () => void
}

/** The present viewers. */
export class ViewerList {
  readonly #entries = new Map<number, Entry & { sinceMs: number }>()
  #last = 0

  /** Lists a viewer until it is disposed. */
  enter(entry: Entry): Disposable {
    const number = ++this.#last
    this.#entries.set(number, { ...entry, sinceMs: performance.now() })
    return { [Symbol.dispose]: () => void this.#entries.delete(number) }
  }

  /** In the order of their offers. */
  list(): ListedViewer[] {
    return Array.from(this.#entries, ([number, { camera, via, sinceMs, path, stats }]) => ({
      number,
      camera,
      via,
      ...path(),
      forS: Math.round((performance.now() - sinceMs) / 1000),
      stats: stats(),
    }))
  }

  /** Ends a viewer's session and notifies its client. @throws AppError `no-such-viewer`. */
  remove(number: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) throw noSuchViewer()
    entry.remove()
  }
}
