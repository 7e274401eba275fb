import * as v from 'valibot'
import { parseBoundedJson } from '../lib/bounded-json.js'
import { messageOf } from '../lib/error-message.js'
import { MAX_CANDIDATE_CHARS, MAX_SDP_CHARS } from './wire-limits.js'

/** What a client can say on the WebSocket. */
export type ClientMessage =
  | { type: 'offer'; sdp: string }
  | { type: 'candidate'; candidate: string }
  | { type: 'time'; clientMs: number }

/** What we say on it. */
export type ServerMessage =
  | { answer: { type: 'answer'; sdp: string } }
  | { iceCandidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number } }
  | { error: { code: string; message: string } }
  | { camera: CameraState }
  | { time: TimeAnswer }
  | { viewer: ViewerStatus }

/**
 * One exchange of clocks, as NTP makes them (RFC 5905 section 8): with its own clock at sending and at arrival a client knows what
 * ours says, and so how old a picture is that it sees.
 */
export interface TimeAnswer {
  /** As the client sent it. */
  clientMs: number
  /** Unix time of our answer in milliseconds, by a clock that nobody sets while we run. */
  serverMs: number
  /** The RTP timestamp of a picture that is captured at this moment; absent before the first packet. */
  rtpTimestamp?: number
  /** What that timestamp rests on: `arrival` where nobody tells when pictures are captured, only when they reach us. */
  since?: 'capture' | 'arrival'
}

/** State of the path to a viewer, sent at changes. */
export interface ViewerStatus {
  /** Frames are dropped because the path is too slow. */
  congested: boolean
  availableBitrateBps?: number
  /** The deprecated name of `availableBitrateBps`, for one release. */
  estimateBps?: number
}

/** Sent on opening and at every change, so that a page can say why there is no picture. */
export interface CameraState {
  key: string
  /** `idle`: nobody watches, so nothing is captured; the first viewer starts it. */
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
}

const OfferSchema = v.object({
  offer: v.object(
    {
      type: v.optional(v.literal('offer', 'offer.type has to be "offer"')),
      sdp: v.pipe(
        v.string('offer.sdp has to be a string'),
        v.maxLength(MAX_SDP_CHARS, `offer.sdp has to be at most ${MAX_SDP_CHARS} characters`),
      ),
    },
    'offer has to be an object with the sdp',
  ),
})

const CandidateSchema = v.object({
  // null, and an empty candidate, are the end of candidates (RFC 8838 section 8.2): nothing to do.
  iceCandidate: v.nullable(
    v.object(
      {
        candidate: v.pipe(
          v.string('iceCandidate.candidate has to be a string'),
          v.maxLength(
            MAX_CANDIDATE_CHARS,
            `iceCandidate.candidate has to be at most ${MAX_CANDIDATE_CHARS} characters`,
          ),
        ),
      },
      'iceCandidate has to be an object with the candidate, or null',
    ),
  ),
})

const TimeSchema = v.object({
  time: v.object(
    {
      clientMs: v.pipe(
        v.number('time.clientMs has to be a number of milliseconds'),
        v.finite('time.clientMs has to be a number of milliseconds'),
      ),
    },
    'time has to be an object with clientMs',
  ),
})

/** The JSON of a ClientMessage; the page's type check reads it. Browsers add sdpMid and sdpMLineIndex, which are not used. */
export type ClientMessageJson = v.InferInput<typeof OfferSchema | typeof CandidateSchema | typeof TimeSchema>

/** @throws Error with a sentence that says what is wrong with the message. */
export function parseClientMessage(text: string): ClientMessage {
  const message = parseJson(text)
  if ('offer' in message) return { type: 'offer', sdp: check(OfferSchema, message).offer.sdp }
  if ('iceCandidate' in message) {
    return { type: 'candidate', candidate: check(CandidateSchema, message).iceCandidate?.candidate ?? '' }
  }
  if ('time' in message) return { type: 'time', clientMs: check(TimeSchema, message).time.clientMs }
  throw new Error(
    'a message has to be {"offer":{"type":"offer","sdp":"..."}}, {"iceCandidate":{"candidate":"..."}} or {"time":{"clientMs":0}}',
  )
}

function parseJson(text: string): object {
  let message: unknown
  try {
    message = parseBoundedJson(text)
  } catch (error) {
    throw new Error(`the message ${messageOf(error)}`, { cause: error })
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    throw new Error('the message has to be a JSON object')
  }
  return message
}

function check<S extends v.GenericSchema>(schema: S, message: object): v.InferOutput<S> {
  const result = v.safeParse(schema, message)
  if (result.success) return result.output
  throw new Error(result.issues[0].message)
}
