import { tooManyCandidates } from '../errors.js'
import { parseCandidate, type RemoteCandidate } from './sdp/candidate.js'
import type { RemoteTransport } from './sdp/client-offer.js'

export interface ViewerLimits {
  /** Of all cameras together. */
  maxViewers: number
  /** Who have a slot and no connection yet. */
  maxConnecting: number
  /** Of one viewer's client. */
  maxCandidates: number
}

/** A description without the candidates that are too many: an honest client may have them, and needs few. */
export function firstCandidates(
  remote: RemoteTransport | Promise<RemoteTransport>,
  maxCandidates: number,
): RemoteTransport | Promise<RemoteTransport> {
  const cut = (whole: RemoteTransport): RemoteTransport => ({
    ...whole,
    candidates: whole.candidates.slice(0, maxCandidates),
  })
  return remote instanceof Promise ? remote.then(cut) : cut(remote)
}

/**
 * Takes candidate lines, of which only those count that can be used.
 * @param known how many came with the description.
 * @returns what throws AppError `too-many-candidates` for the one too many.
 */
export function acceptCandidates(
  maxCandidates: number,
  known: number,
  add: (candidate: RemoteCandidate) => void,
): (line: string) => void {
  let count = known
  return (line) => {
    const candidate = parseCandidate(line)
    if (candidate === undefined) return
    if (count >= maxCandidates) throw tooManyCandidates(maxCandidates)
    count++
    add(candidate)
  }
}
