// @ts-check
/** Whether the sound that is on arrives. A person who listens cannot tell a quiet room from a microphone that was unplugged. */

/** Longer than the server takes to start a recording again. */
const missingAfterMs = 4000
const intervalMs = 1000

export class SoundWatch {
  /** Whether nothing has arrived for some seconds. */
  isMissing = false
  #now
  /** @type {MediaStreamTrack | null} */
  #track = null
  #packets = 0
  #arrivedMs = 0
  #checkedMs = -Infinity

  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /**
   * May be called often.
   * @param {RTCPeerConnection | null | undefined} peer
   * @param {MediaStreamTrack | null} track that is heard; null for none
   * @returns {Promise<boolean>} whether `isMissing` has changed
   */
  async check(peer, track) {
    const nowMs = this.#now()
    if (track === this.#track && nowMs - this.#checkedMs < intervalMs) return false
    this.#checkedMs = nowMs
    const packets = await packetsOf(peer, track).catch(() => undefined)
    const hasArrived = packets === undefined || packets !== this.#packets || track !== this.#track
    if (hasArrived) this.#arrivedMs = nowMs
    this.#track = track
    this.#packets = packets ?? 0
    const wasMissing = this.isMissing
    this.isMissing = nowMs - this.#arrivedMs >= missingAfterMs
    return this.isMissing !== wasMissing
  }
}

/**
 * @param {RTCPeerConnection | null | undefined} peer
 * @param {MediaStreamTrack | null} track
 * @returns {Promise<number | undefined>} undefined if it is no track of this peer, which tells nothing
 */
async function packetsOf(peer, track) {
  const receiver = track && peer?.getReceivers().find((each) => each.track === track)
  if (!receiver) return undefined
  const stats = [...(await receiver.getStats()).values()]
  return stats.find(({ type }) => type === 'inbound-rtp')?.packetsReceived ?? 0
}
