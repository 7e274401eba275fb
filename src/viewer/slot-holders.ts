/** Why a session loses its slot: to another client, or to the next session of its tab. */
export type Eviction = 'superseded' | 'replaced'

/** One session with a slot, or the slot that is kept for a page. */
export interface Holder {
  camera: string
  network: string
  client: object
  sinceMs: number
  checkedAtMs: number | undefined
  /** Undefined before it is live. */
  absentMs: (() => number) | undefined
  tab: string | undefined
  evict: (reason: Eviction) => void
  /** Superseded but not yet ended: its slot is free. */
  isEvicted: boolean
  /** Until then the slot is that of a tab that was connected before. */
  reservedUntilMs: number
  /** The page has left; its slot is kept. */
  isReserved: boolean
}

export const isLive = ({ absentMs }: Holder): boolean => absentMs !== undefined

export const isConnecting = (holder: Holder): boolean => !isLive(holder) && !holder.isReserved

export const isOfTab = (holder: Holder, camera: string, tab: string | undefined): boolean =>
  tab !== undefined && holder.tab === tab && holder.camera === camera

/** The sessions of one client share a slot. */
export const countClients = (holders: readonly Holder[]): number =>
  new Set(holders.map(({ client }) => client)).size

/** A client is silent while each of its sessions is. */
export function silenceOfClients(holders: readonly Holder[]): { holders: Holder[]; absentMs: number }[] {
  const byClient = new Map<object, Holder[]>()
  for (const holder of holders) {
    const others = byClient.get(holder.client)
    if (others === undefined) byClient.set(holder.client, [holder])
    else others.push(holder)
  }
  return Array.from(byClient.values(), (ofClient) => ({
    holders: ofClient,
    absentMs: Math.min(...ofClient.map(({ absentMs }) => absentMs?.() ?? 0)),
  }))
}

export function givesWayBefore(one: Holder, other: Holder, claimOf: (holder: Holder) => number): boolean {
  if (claimOf(one) !== claimOf(other)) return claimOf(one) > claimOf(other)
  const [isChecked, isOtherChecked] = [one.checkedAtMs !== undefined, other.checkedAtMs !== undefined]
  return isChecked === isOtherChecked ? one.sinceMs < other.sinceMs : isOtherChecked
}

export function evict(holder: Holder, reason: Eviction): void {
  holder.isEvicted = true
  holder.evict(reason)
}
