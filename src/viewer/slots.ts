import { AppError, cameraFull, serverFull, tooManyConnecting } from '../errors.js'
import { networkOf } from '../lib/ip-network.js'
import { NoShows } from './no-shows.js'
import {
  countClients,
  givesWayBefore,
  isConnecting,
  isLive,
  isOfTab,
  evict,
  silenceOfClients,
  type Holder,
  type Eviction,
} from './slot-holders.js'

/**
 * How long a session keeps its slot before its first connectivity check, and after it. A browser sends the check after 0.1 s and is
 * connected after 0.3 to 1 s; if 200 arrive at once, both take longer.
 */
const UNCHECKED_GRACE_MS = 2000
const CHECKED_GRACE_MS = 3000
/** How long the slot of a page that is loaded again is kept. A page offers 0.2 to 2 s after it has left. */
const RETURN_MS = 3000
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
  tryGoLive(absentMs: () => number): 'camera-full' | undefined
  /** Counts a session that failed to connect, against its network. */
  miss(): void
  /** The page left and may return: the slot of a connected session is kept for its tab for some seconds after the end. */
  keep(): void
}

export interface Claim {
  camera: string
  address: string
  /** Of the page, if it has one. The next session of the same tab gets the slot. */
  tab?: string | undefined
  /** Sessions of one client on one camera share a slot: a page has one over HTTP while it tries WebRTC. */
  client?: object | undefined
  maxClients: () => number
  /** Ends the session, whose slot another one gets. */
  evict: (reason: Eviction) => void
}

/** The holders at one moment, counted once: deciding takes linear time. */
interface SlotSnapshot {
  present: readonly Holder[]
  /** Connecting sessions of each network. */
  connecting: ReadonlyMap<string, number>
  /** Networks whose sessions fail to connect. */
  suspects: ReadonlySet<string>
}

/**
 * Decides which sessions may stay. A connected session keeps its slot until it is silent for too long. A connecting one keeps it for
 * two seconds, and for three from its first connectivity check, and only while its network has no sessions that failed to connect.
 * After that others are admitted beside it, and the first to connect gets the slot, so sessions that never connect keep no client
 * out. The number of connecting sessions is limited: the network with the most of them gives way. A tab that was connected and
 * returns gets its own slot.
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
   * @param own the earlier sessions of the tab do not count, because the new one takes their slot; nor do those of the client.
   * @throws AppError `camera-full`, `server-full` or `too-many-connecting`.
   */
  makeRoom(
    camera: string,
    address: string,
    limits: SlotLimits,
    own: Pick<Claim, 'tab' | 'client'> = {},
  ): void {
    const network = networkOf(address)
    const { maxClients, maxViewers, maxConnecting } = limits
    const isOfCamera = (holder: Holder): boolean => holder.camera === camera
    const isOwn = (holder: Holder): boolean =>
      isOfCamera(holder) && (holder.client === own.client || isOfTab(holder, camera, own.tab))
    const snapshot = this.#snapshot((holder) => !isOwn(holder))
    const blocking = snapshot.present.filter(
      (holder) => isOfCamera(holder) && this.#isBlocking(holder, network, snapshot),
    )
    if (countClients(blocking) >= maxClients) throw cameraFull(camera, maxClients)
    const mostOfCamera = Math.max(maxClients, MAX_CONNECTING_OF_CAMERA)
    const supersedeOne = (refusal: AppError, of = (_holder: Holder): boolean => true): void =>
      this.#supersedeOne(snapshot, of, network, refusal)
    const connecting = (): Holder[] =>
      snapshot.present.filter((holder) => !holder.isEvicted && isConnecting(holder))
    if (connecting().filter(isOfCamera).length >= mostOfCamera)
      supersedeOne(tooManyConnecting(mostOfCamera), isOfCamera)
    if (connecting().length >= maxConnecting) supersedeOne(tooManyConnecting(maxConnecting))
    if (countClients(snapshot.present.filter(({ isEvicted }) => !isEvicted)) >= maxViewers)
      supersedeOne(serverFull(maxViewers))
  }

  /** Takes the slot of the tab's earlier sessions, which end unless they are the client's own, or another one. */
  claim({ camera, address, tab, client = {}, maxClients, evict: onEvict }: Claim): Slot {
    const network = networkOf(address)
    const holder: Holder = {
      camera,
      network,
      client,
      sinceMs: this.#nowMs(),
      checkedAtMs: undefined,
      absentMs: undefined,
      tab,
      evict: onEvict,
      isEvicted: false,
      reservedUntilMs: this.#endEarlier(camera, tab, client),
      isReserved: false,
    }
    this.#holders.add(holder)
    let hasConnected = false
    let isKept = false
    return {
      reservedMs: this.#noShows.reservedMs(network),
      check: () => (holder.checkedAtMs ??= this.#nowMs()),
      tryGoLive: (absentMs) => {
        hasConnected = true
        this.#noShows.forgive(network)
        if (!this.#roomForLive(holder, maxClients())) return 'camera-full'
        holder.absentMs = absentMs
        return undefined
      },
      miss: () => {
        if (!hasConnected) this.#noShows.note(network)
      },
      keep: () => (isKept = true),
      [Symbol.dispose]: () => {
        if (isKept && isLive(holder) && !holder.isEvicted && tab !== undefined) this.#reserveForTab(holder)
        else this.#holders.delete(holder)
      },
    }
  }

  /** Ends the earlier sessions of a tab, but not those of the client itself. @returns until when its slot is kept for the next one; 0 if it had none. */
  #endEarlier(camera: string, tab: string | undefined, client: object): number {
    let reservedUntilMs = 0
    for (const holder of this.#holders) {
      if (!isOfTab(holder, camera, tab) || holder.isEvicted) continue
      // A tab that offers again and again without connecting does not prolong it.
      const untilMs = isLive(holder) ? this.#nowMs() + RETURN_MS : holder.reservedUntilMs
      reservedUntilMs = Math.max(reservedUntilMs, untilMs)
      if (holder.isReserved) this.#holders.delete(holder)
      else if (holder.client !== client) evict(holder, 'replaced')
    }
    return reservedUntilMs
  }

  #reserveForTab(holder: Holder): void {
    holder.absentMs = undefined
    holder.isReserved = true
    holder.reservedUntilMs = this.#nowMs() + RETURN_MS
  }

  /** The client with the longest silence gives way to one that has just connected. */
  #roomForLive(newcomer: Holder, maxClients: number): boolean {
    const nowMs = this.#nowMs()
    const taken = this.#snapshot(
      (holder) =>
        holder.camera === newcomer.camera &&
        holder.client !== newcomer.client &&
        (isLive(holder) || holder.reservedUntilMs > nowMs),
    ).present
    if (countClients(taken) < maxClients) return true
    const [absent] = silenceOfClients(taken)
      .filter(({ absentMs }) => absentMs > 0)
      .sort((a, b) => b.absentMs - a.absentMs)
    if (absent === undefined) return false
    for (const holder of absent.holders) evict(holder, 'superseded')
    return true
  }

  #snapshot(among: (holder: Holder) => boolean): SlotSnapshot {
    const present: Holder[] = []
    const connecting = new Map<string, number>()
    const suspects = new Set<string>()
    const nowMs = this.#nowMs()
    for (const holder of this.#holders) {
      if (holder.isReserved && holder.reservedUntilMs <= nowMs) this.#holders.delete(holder)
      else if (!holder.isEvicted && among(holder)) {
        present.push(holder)
        if (!isConnecting(holder)) continue
        const { network } = holder
        connecting.set(network, (connecting.get(network) ?? 0) + 1)
        if (this.#isOverdue(holder) || this.#noShows.has(network)) suspects.add(network)
      }
    }
    return { present, connecting, suspects }
  }

  /**
   * Whether a session keeps another one out. A connecting session of another network does so only if its network has at most one
   * connecting session more than the new one's, so no network reserves all slots.
   */
  #isBlocking(holder: Holder, newcomer: string, { connecting, suspects }: SlotSnapshot): boolean {
    if (isLive(holder)) return holder.absentMs!() === 0
    if (holder.reservedUntilMs > this.#nowMs()) return true
    if (suspects.has(holder.network)) return false
    return (
      holder.network === newcomer ||
      (connecting.get(holder.network) ?? 0) <= (connecting.get(newcomer) ?? 0) + 1
    )
  }

  #isOverdue({ checkedAtMs, sinceMs }: Holder): boolean {
    const now = this.#nowMs()
    return checkedAtMs === undefined
      ? now - sinceMs >= UNCHECKED_GRACE_MS
      : now - checkedAtMs >= CHECKED_GRACE_MS
  }

  /**
   * The network with the most sessions gives way, and never one with fewer than the new session's network would have. Of its sessions
   * the oldest without a check ends.
   */
  #supersedeOne(
    snapshot: SlotSnapshot,
    among: (holder: Holder) => boolean,
    newcomer: string,
    refusal: AppError,
  ): void {
    const claimOf = ({ network }: Holder): number =>
      (snapshot.connecting.get(network) ?? 0) + (network === newcomer ? 1 : 0)
    const ownClaim = (snapshot.connecting.get(newcomer) ?? 0) + 1
    let victim: Holder | undefined
    for (const holder of snapshot.present) {
      if (holder.isEvicted || !isConnecting(holder) || !among(holder)) continue
      if (claimOf(holder) < ownClaim || this.#isBlocking(holder, newcomer, snapshot)) continue
      if (victim === undefined || givesWayBefore(holder, victim, claimOf)) victim = holder
    }
    if (victim === undefined) throw refusal
    evict(victim, 'superseded')
  }
}
