export interface CameraProgress {
  /** The slowest rate that is configured, which a camera has in the dark. */
  minFps: number
  /** Whether the supervisor reports it live. Cameras in other states are already being handled. */
  isLive: boolean
  /** In the kernel's queue for the ingest; undefined if unknown. */
  waitingBytes: number | undefined
  /** Read by the ingest, including ignored ones. */
  datagrams: number
  packets: number
  fannedOut: number
  viewers: readonly ViewerProgress[]
}

export interface ViewerProgress {
  id: string
  packets: number
  /** Frames are being dropped for this viewer on purpose. */
  isCongested: boolean
}

export type MediaProgress = Readonly<Record<string, CameraProgress>>

/** Longer than a supervisor needs to report a camera lost: 2 s without a packet, or 5 frames. */
const MIN_INTERVAL_MS = 6000
const FRAMES = 6

/** The time between two samples that can be compared. One frame in ten seconds is no stall. */
export const progressIntervalMs = (progress: MediaProgress): number =>
  Math.max(MIN_INTERVAL_MS, ...Object.values(progress).map(({ minFps }) => (FRAMES * 1000) / minFps))

/**
 * Compares two samples that are further apart than a supervisor needs to report a camera lost. A lost camera is not a
 * stall: the supervisor handles it. A stall is a failure inside this process, which only a restart fixes.
 * @returns where packets stalled; undefined if they move.
 */
export function findStall(before: MediaProgress, now: MediaProgress): string | undefined {
  for (const [key, camera] of Object.entries(now)) {
    const earlier = before[key]
    const stall = earlier && stallOf(earlier, camera)
    if (stall !== undefined) return `${key}: ${stall}`
  }
  return undefined
}

function stallOf(before: CameraProgress, now: CameraProgress): string | undefined {
  const isQueueing = (before.waitingBytes ?? 0) > 0 && (now.waitingBytes ?? 0) > 0
  if (isQueueing && now.datagrams === before.datagrams) return 'packets wait in the socket but are not read'
  if (!before.isLive || !now.isLive) return undefined
  // A new camera with the same key counts from zero.
  if (now.packets < before.packets) return undefined
  if (now.packets === before.packets) return 'the camera is live but no packet arrived'
  if (now.fannedOut === before.fannedOut) return 'packets arrive but are not forwarded'
  // If only some viewers get nothing, the problem is theirs.
  const received = now.viewers.flatMap((viewer) => {
    const earlier = before.viewers.find(({ id }) => id === viewer.id)
    const isExpected =
      earlier !== undefined && earlier.packets > 0 && !earlier.isCongested && !viewer.isCongested
    return isExpected ? [viewer.packets > earlier.packets] : []
  })
  const isStalled = received.length > 0 && !received.includes(true)
  return isStalled ? 'packets are forwarded but not sent to any viewer' : undefined
}
