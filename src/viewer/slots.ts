import { AppError, cameraFull, serverFull, tooManyConnecting } from '../errors.js'
import { networkOf } from '../lib/ip-network.js'
import { NoShows } from './no-shows.js'

/**
 * A session keeps its slot for so long before its first connectivity check, and after it. A browser sends the check after 0.1 s
 * and is connected after 0.3 to 1 s; where 200 come at once, both take longer.
 */
const UNCHECKED_GRACE_MS = 2000
const CHECKED_GRACE_MS = 3000
/**
 * What one address may offer within the grace (limits.offers-per-second): even where it never connects, each has the time for
 * its first check. A session that waits costs 1 ms of CPU a second.
 */
const MAX_CONNECTING_OF_CAMERA = 20

export interface ViewerLimits {
  /** Of all cameras together. */
  maxViewers: number
  /** Viewers with a slot and without a connection. */
  maxConnecting: number
  /** Of one viewer. */
  maxCandidates: number
}

export interface SlotLimits extends Pick<ViewerLimits, 'maxViewers' | 'maxConnecting'> {
  maxClients: number
}

/** One session's place among the others, disposed when the session is over. */
export interface Slot extends Disposable {
  /** How long to wait for the first connectivity check, in milliseconds. */
  readonly reservedMs: number
  /** The first authenticated connectivity check has come. */
  check(): void
  /**
   * The session is connected and wants to be sent pictures.
   * @param absentMs for how long it has been silent, 0 where it has not been silent for long.
   * @returns why not, where others were faster.
   */
  goLive(absentMs: () => number): 'camera-full' | undefined
  /** The session ended by no wish of its client; counts where it had not connected. */
  miss(): void
}

interface Holder {
  camera: string
  network: string
  sinceMs: number
  checkedAtMs: number | undefined
  /** Undefined before it is live. */
  absentMs: (() => number) | undefined
  supersede: () => void
  /** Superseded, but not gone yet: its place is given away. */
  isLeaving: boolean
}

/**
 * Who holds a slot. A session that is connected holds one for as long as it is heard of. One that is not connected holds one
 * for two seconds, then for three from its first connectivity check on, and only while its network has no sessions that failed to
 * connect: after that others are admitted beside it, and the first to connect gets the slot. So sessions that never connect
 * keep no client out. How many may be connecting at once is limited; there the network with the most of them gives way.
 */
export class Slots {
  readonly #holders = new Set<Holder>()
  readonly #noShows: NoShows
  readonly #nowMs: () => number

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
    this.#noShows = new NoShows(nowMs)
  }

  /**
   * Supersedes sessions that have not connected, where they leave no room for a newcomer.
   * @throws AppError `camera-full`, `server-full` or `too-many-connecting`.
   */
  makeRoom(camera: string, address: string, limits: SlotLimits): void {
    const network = networkOf(address)
    const { maxClients, maxViewers, maxConnecting } = limits
    const isOfCamera = (holder: Holder): boolean => holder.camera === camera
    const firm = this.#present(isOfCamera).filter((holder) => this.#isFirm(holder, network)).length
    if (firm >= maxClients) throw cameraFull(camera, maxClients)
    const mostOfCamera = Math.max(maxClients, MAX_CONNECTING_OF_CAMERA)
    const connectingHere = this.#present((holder) => isOfCamera(holder) && isConnecting(holder))
    if (connectingHere.length >= mostOfCamera)
      this.#supersedeOne(connectingHere, network, tooManyConnecting(mostOfCamera))
    const connecting = this.#present(isConnecting)
    if (connecting.length >= maxConnecting)
      this.#supersedeOne(connecting, network, tooManyConnecting(maxConnecting))
    if (this.#present(() => true).length >= maxViewers)
      this.#supersedeOne(this.#present(isConnecting), network, serverFull(maxViewers))
  }

  /** @param supersede ends the session, for another one gets its place. */
  claim(camera: string, address: string, maxClients: () => number, supersede: () => void): Slot {
    const network = networkOf(address)
    const holder: Holder = {
      camera,
      network,
      sinceMs: this.#nowMs(),
      checkedAtMs: undefined,
      absentMs: undefined,
      supersede,
      isLeaving: false,
    }
    this.#holders.add(holder)
    let hasConnected = false
    return {
      reservedMs: this.#noShows.reservedMs(network),
      check: () => (holder.checkedAtMs ??= this.#nowMs()),
      goLive: (absentMs) => {
        hasConnected = true
        this.#noShows.forgive(network)
        if (!this.#roomForLive(camera, maxClients())) return 'camera-full'
        holder.absentMs = absentMs
        return undefined
      },
      miss: () => {
        if (!hasConnected) this.#noShows.note(network)
      },
      [Symbol.dispose]: () => void this.#holders.delete(holder),
    }
  }

  /** A viewer that has been silent for the longest time gives way to one that has just connected. */
  #roomForLive(camera: string, maxClients: number): boolean {
    const live = this.#present((holder) => holder.camera === camera && !isConnecting(holder))
    if (live.length < maxClients) return true
    const [absent] = live
      .map((holder) => ({ holder, absentMs: holder.absentMs!() }))
      .filter(({ absentMs }) => absentMs > 0)
      .sort((a, b) => b.absentMs - a.absentMs)
    if (absent === undefined) return false
    leave(absent.holder)
    return true
  }

  #present(among: (holder: Holder) => boolean): Holder[] {
    return [...this.#holders].filter((holder) => !holder.isLeaving && among(holder))
  }

  /** Whether a session keeps a newcomer out. */
  #isFirm(holder: Holder, newcomer: string): boolean {
    if (!isConnecting(holder)) return holder.absentMs!() === 0
    if (this.#isOverdue(holder) || this.#isSuspect(holder.network)) return false
    return holder.network === newcomer || this.#heldBy(holder.network) <= this.#heldBy(newcomer) + 1
  }

  #isOverdue({ checkedAtMs, sinceMs }: Holder): boolean {
    const now = this.#nowMs()
    return checkedAtMs === undefined
      ? now - sinceMs >= UNCHECKED_GRACE_MS
      : now - checkedAtMs >= CHECKED_GRACE_MS
  }

  #isSuspect(network: string): boolean {
    return this.#noShows.has(network) || this.#connectingOf(network).some((holder) => this.#isOverdue(holder))
  }

  #connectingOf(network: string): Holder[] {
    return this.#present((holder) => holder.network === network && isConnecting(holder))
  }

  #heldBy(network: string): number {
    return this.#connectingOf(network).length
  }

  /**
   * The network that holds most gives way, and never one that holds less than the newcomer's would; of its sessions the oldest
   * without a check.
   */
  #supersedeOne(connecting: Holder[], newcomer: string, refusal: AppError): void {
    const claimOf = ({ network }: Holder): number => this.#heldBy(network) + (network === newcomer ? 1 : 0)
    const ownClaim = this.#heldBy(newcomer) + 1
    const [victim] = connecting
      .filter((holder) => claimOf(holder) >= ownClaim && !this.#isFirm(holder, newcomer))
      .sort(
        (a, b) =>
          claimOf(b) - claimOf(a) ||
          Number(a.checkedAtMs !== undefined) - Number(b.checkedAtMs !== undefined) ||
          a.sinceMs - b.sinceMs,
      )
    if (victim === undefined) throw refusal
    leave(victim)
  }
}

const isConnecting = ({ absentMs }: Holder): boolean => absentMs === undefined

function leave(holder: Holder): void {
  holder.isLeaving = true
  holder.supersede()
}
