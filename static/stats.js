/** What the browser counts of the picture it receives. */

export async function readVideoStats(peer) {
  for (const report of (await peer.getStats()).values()) {
    if (report.type === 'inbound-rtp' && report.kind === 'video') {
      return {
        atMs: report.timestamp,
        framesDecoded: report.framesDecoded ?? 0,
        width: report.frameWidth ?? 0,
        height: report.frameHeight ?? 0,
      }
    }
  }
  return null
}

/** Frames a second between two readings; the browser's own figure is missing in some and jumps in others. */
export function framesPerSecond(before, after) {
  if (!before || !after || after.atMs <= before.atMs) return null
  return ((after.framesDecoded - before.framesDecoded) * 1000) / (after.atMs - before.atMs)
}
