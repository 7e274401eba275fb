/** One look at the way of a camera's packets: what was counted at each of its stations so far. */
export interface CameraProgress {
  /** Whether its supervisor says that it delivers; a camera that is lost, off or starting is looked after already. */
  isLive: boolean
  /** Bytes that wait in the kernel for the ingest; undefined where nobody can tell. */
  waitingBytes: number | undefined
  /** Datagrams that the ingest took, those among them that it ignored included. */
  datagrams: number
  /** RTP packets that the ingest counted. */
  packets: number
  /** Packets that were handed to the fan-out. */
  fannedOut: number
  /** Those to whom packets are sent. */
  viewers: readonly ViewerProgress[]
}

export interface ViewerProgress {
  id: string
  packets: number
  /** Pictures are being left out for this viewer, on purpose. */
  isCongested: boolean
}

/** By the camera's key. */
export type MediaProgress = Readonly<Record<string, CameraProgress>>

/**
 * Whether packets move, between two looks that are longer apart than a supervisor takes to call a camera lost. A camera that
 * delivers nothing is no standstill: that is a state, which is known and handled. A standstill is what nobody handles:
 *
 * - datagrams wait in the kernel at both looks, and none was taken in between;
 * - a camera is called live at both, and no packet was counted;
 * - its packets were counted, and none was fanned out;
 * - packets were fanned out, and of the viewers who were there at both looks, had been sent some and were not congested,
 *   none was sent any. One viewer who gets nothing while others do is that viewer's trouble.
 *
 * @returns a sentence that says where they stand still; undefined where all is well.
 */
export function findStall(before: MediaProgress, now: MediaProgress): string | undefined {
  for (const [key, camera] of Object.entries(now)) {
    const earlier = before[key]
    const where = earlier && whereOf(earlier, camera)
    if (where !== undefined) return `${key}: ${where}`
  }
  return undefined
}

function whereOf(before: CameraProgress, now: CameraProgress): string | undefined {
  const waits = (before.waitingBytes ?? 0) > 0 && (now.waitingBytes ?? 0) > 0
  if (waits && now.datagrams === before.datagrams) return 'packets wait in the socket, and nobody takes them'
  if (!before.isLive || !now.isLive) return undefined
  // Another camera of the same name counts from zero; what it counts says nothing yet.
  if (now.packets < before.packets) return undefined
  if (now.packets === before.packets) return 'it is called live, and no packet came'
  if (now.fannedOut === before.fannedOut) return 'packets come, and none is handed on'
  const steady = now.viewers.flatMap((viewer) => {
    const earlier = before.viewers.find(({ id }) => id === viewer.id)
    const isOwed = earlier !== undefined && earlier.packets > 0 && !earlier.isCongested && !viewer.isCongested
    return isOwed ? [viewer.packets > earlier.packets] : []
  })
  const areStuck = steady.length > 0 && !steady.includes(true)
  return areStuck ? 'packets are handed on, and no viewer is sent any' : undefined
}
