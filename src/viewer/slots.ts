import { AppError, cameraFull, serverFull, tooManyConnecting } from '../errors.js'
import { networkOf } from '../lib/ip-network.js'
import { NoShows } from './no-shows.js'

/**
 * How long a session keeps its slot before its first connectivity check, and after it. A browser sends the check after 0.1 s and is
 * connected after 0.3 to 1 s; if 200 arrive at once, both take longer.
 */
const UNCHECKED_GRACE_MS = 2000
const CHECKED_GRACE_MS = 3000
/**
 * As many as one address may offer within the grace (limits.offers-per-second), so each has the time for its first check. A waiting
 * session costs 1 ms of CPU a second.
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

/** One session's claim to a slot, disposed when the session ends. */
export interface Slot extends Disposable {
  /** How long to wait for the first connectivity check, in milliseconds. */
  readonly reservedMs: number
  /** Notes the first authenticated connectivity check. */
  check(): void
  /**
   * The session is connected and wants frames.
   * @param absentMs milliseconds of silence; 0 for a short silence.
   * @returns the refusal if other sessions were faster.
   */
  goLive(absentMs: () => number): 'camera-full' | undefined
  /** Counts a session that failed to connect, against its network. */
  miss(): void
}

interface Holder {
  camera: string
  network: string
  /** Sessions of one client, over WebRTC and over HTTP, share a slot. */
  client: object
  sinceMs: number
  checkedAtMs: number | undefined
  /** Undefined before it is live. */
  absentMs: (() => number) | undefined
  supersede: () => void
  /** Superseded but not yet ended: its slot is free. */
  isLeaving: boolean
}

/**
 * Decides which sessions may stay. A connected session keeps its slot until it is silent for too long. A connecting one keeps it for
 * two seconds, and for three from its first connectivity check, and only while its network has no sessions that failed to connect.
 * After that others are admitted beside it, and the first to connect gets the slot, so sessions that never connect keep no client
 * out. The number of connecting sessions is limited: the network with the most of them gives way.
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
   * Supersedes connecting sessions if they leave no room for another session.
   * @param client whose other sessions on this camera take no further slot.
   * @throws AppError `camera-full`, `server-full` or `too-many-connecting`.
   */
  makeRoom(camera: string, address: string, limits: SlotLimits, client: object = {}): void {
    const network = networkOf(address)
    const { maxClients, maxViewers, maxConnecting } = limits
    const isOfCamera = (holder: Holder): boolean => holder.camera === camera
    const others = this.#present((holder) => isOfCamera(holder) && holder.client !== client)
    const firm = others.filter((holder) => this.#isFirm(holder, network))
    if (countClients(firm) >= maxClients) throw cameraFull(camera, maxClients)
    const mostOfCamera = Math.max(maxClients, MAX_CONNECTING_OF_CAMERA)
    const connectingHere = this.#present((holder) => isOfCamera(holder) && isConnecting(holder))
    if (connectingHere.length >= mostOfCamera)
      this.#supersedeOne(connectingHere, network, tooManyConnecting(mostOfCamera))
    const connecting = this.#present(isConnecting)
    if (connecting.length >= maxConnecting)
      this.#supersedeOne(connecting, network, tooManyConnecting(maxConnecting))
    if (countClients(this.#present((holder) => holder.client !== client)) >= maxViewers)
      this.#supersedeOne(this.#present(isConnecting), network, serverFull(maxViewers))
  }

  /** @param supersede ends the session because another one gets its slot. */
  claim(
    camera: string,
    address: string,
    maxClients: () => number,
    supersede: () => void,
    client: object = {},
  ): Slot {
    const network = networkOf(address)
    const holder: Holder = {
      camera,
      network,
      client,
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
        if (!this.#roomForLive(camera, maxClients(), client)) return 'camera-full'
        holder.absentMs = absentMs
        return undefined
      },
      miss: () => {
        if (!hasConnected) this.#noShows.note(network)
      },
      [Symbol.dispose]: () => void this.#holders.delete(holder),
    }
  }

  /** The viewer with the longest silence gives way to one that has just connected. */
  #roomForLive(camera: string, maxClients: number, client: object): boolean {
    const live = this.#present(
      (holder) => holder.camera === camera && !isConnecting(holder) && holder.client !== client,
    )
    if (countClients(live) < maxClients) return true
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

  /**
   * Whether a session keeps another one out. A connecting session of another network does so only if its network has at most one
   * connecting session more than the new one's, so no network reserves all slots.
   */
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
   * The network with the most sessions gives way, and never one with fewer than the new session's network would have. Of its sessions
   * the oldest without a check ends.
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

const countClients = (holders: readonly Holder[]): number => new Set(holders.map(({ client }) => client)).size

const isConnecting = ({ absentMs }: Holder): boolean => absentMs === undefined

function leave(holder: Holder): void {
  holder.isLeaving = true
  holder.supersede()
}
