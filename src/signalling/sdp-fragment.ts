import { AppError } from '../errors.js'
import { MAX_CANDIDATE_CHARS, MAX_CANDIDATES } from './wire-limits.js'

/** Trickled candidates (RFC 8840 section 9). */
export interface SdpFragment {
  /** The ICE session of the candidates; a new one means an ICE restart. */
  iceUfrag: string | undefined
  /** Candidate lines, `candidate:...`, of all sections: they share one transport. */
  candidates: string[]
}

/**
 * Parses an `application/trickle-ice-sdpfrag`; other attributes are ignored.
 * @throws AppError `bad-fragment`.
 */
export function parseSdpFragment(text: string): SdpFragment {
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '')
  if (lines.length === 0) throw badFragment('the fragment is empty')
  const wrong = lines.find((line) => !/^[a-z]=/.test(line) || line.length > MAX_CANDIDATE_CHARS)
  if (wrong !== undefined)
    throw badFragment(`the fragment has a line that is not SDP: ${JSON.stringify(wrong.slice(0, 40))}`)
  const candidates = lines.filter((line) => line.startsWith('a=candidate:')).map((line) => line.slice(2))
  if (candidates.length > MAX_CANDIDATES)
    throw badFragment(`the fragment has more than ${MAX_CANDIDATES} candidates`)
  const ufragLine = lines.find((line) => line.startsWith('a=ice-ufrag:'))
  return { iceUfrag: ufragLine?.slice('a=ice-ufrag:'.length).trim(), candidates }
}

const badFragment = (message: string): AppError => new AppError('bad-fragment', 400, message)
