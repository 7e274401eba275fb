import * as v from 'valibot'
import { parseBoundedJson } from '../lib/bounded-json.js'
import { messageOf } from '../lib/error-message.js'
import { QUALITIES, type Quality } from './quality.js'
import { MAX_CANDIDATE_CHARS, MAX_SDP_CHARS, TAB_ID } from './wire-limits.js'

export type ClientMessage =
  | { type: 'offer'; sdp: string; tab?: string | undefined }
  | { type: 'candidate'; candidate: string }
  | { type: 'time'; clientMs: number }
  | { type: 'page-left' }
  | { type: 'connecting'; report: BrowserReport }
  | { type: 'mse'; isWanted: boolean }
  | { type: 'quality'; quality: Quality }
  | { type: 'sound'; isOn: boolean }

export type ServerMessage =
  | { answer: { type: 'answer'; sdp: string } }
  | { iceCandidate: { candidate: string; sdpMid: string | null; sdpMLineIndex: number } }
  | { error: { code: string; message: string } }
  | { camera: CameraState }
  | { time: TimeAnswer }
  | { viewer: ViewerStatus }
  | { mse: MseAnswer }
  | { connectFailure: ConnectFailure }
  | { iceServers: { urls: string; username?: string; credential?: string }[] }

/**
 * An exchange of clocks as in NTP (RFC 5905 section 8). With its own times of sending and receiving, a client computes the offset, and
 * so the age of a displayed frame.
 */
export interface TimeAnswer {
  /** As the client sent it. */
  clientMs: number
  /** Unix time of the answer in milliseconds, from a monotonic clock. */
  serverMs: number
  /** The RTP timestamp of a frame captured at this moment; absent before the first packet. */
  rtpTimestamp?: number
  /** `arrival` if only the arrival time of frames is known. */
  since?: 'capture' | 'arrival'
}

/** Before the first binary message and whenever the type changes; or why there is no video over HTTP, or no more. */
export type MseAnswer = { mimeType: string } | { error: { code: string; message: string } }

/** Why WebRTC does not connect. */
export interface ConnectFailure {
  cause: string
  message: string
  /** What to do. */
  hint: string
  /** The values in the sentences. */
  parameters: object
}

/** State of the path to a viewer, sent at changes. */
export interface ViewerStatus {
  /** Frames are dropped because the path is too slow. */
  congested: boolean
  availableBitrateBps?: number
  /** The size that is sent; absent while the camera has one. */
  size?: 'high' | 'low'
  /** The deprecated name of `availableBitrateBps`, for one release. */
  estimateBps?: number
}

/** Sent on opening and at every change. */
export interface CameraState {
  key: string
  /** `idle`: an on-demand camera without viewers. */
  state: 'starting' | 'live' | 'lost' | 'idle'
  cause?: string
  message?: string
  hint?: string
  /** What a camera module shows of the scene, in percent; unknown values are absent. */
  fieldOfView?: { step: string; widthPercent?: number | undefined; heightPercent?: number | undefined }
  /** What is wrong with video that plays nevertheless. */
  warnings?: readonly { cause: string; message: string; hint: string }[]
}

const BAD_TAB = 'tab has to be a secret of 22 to 64 letters, digits, - and _'

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
  tab: v.optional(v.pipe(v.string(BAD_TAB), v.regex(TAB_ID, BAD_TAB))),
})

const CandidateSchema = v.object({
  // null and an empty candidate mean the end of candidates (RFC 8838 section 8.2).
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

const PageLeftSchema = v.object({ pageLeft: v.literal(true, 'pageLeft has to be true') })

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))

/** What a browser knows of its own side (W3C webrtc-stats). */
const BrowserReportSchema = v.object({
  host: count,
  srflx: count,
  relay: count,
  pairs: count,
  requestsSent: count,
  responsesReceived: count,
  requestsReceived: count,
  dtls: v.picklist(['new', 'connecting', 'connected', 'closed', 'failed']),
  packetsReceived: count,
  bytesReceived: count,
  packetsLost: count,
  framesDecoded: count,
})

export type BrowserReport = v.InferOutput<typeof BrowserReportSchema>

const ConnectingSchema = v.object({ connecting: BrowserReportSchema })

/** null stops the stream. */
const MseSchema = v.object({ mse: v.nullable(v.object({}, 'mse has to be an object, or null')) })

/** Of the next offers too. */
const QualitySchema = v.object({
  quality: v.picklist(QUALITIES, `quality has to be one of ${QUALITIES.map((one) => `"${one}"`).join(', ')}`),
})

/** Of the next offers too. */
const SoundSchema = v.object({ sound: v.boolean('sound has to be true or false') })

/** The JSON of a ClientMessage, for the page's type check. Browsers add sdpMid and sdpMLineIndex, which are ignored. */
export type ClientMessageJson = v.InferInput<
  | typeof OfferSchema
  | typeof CandidateSchema
  | typeof TimeSchema
  | typeof PageLeftSchema
  | typeof MseSchema
  | typeof ConnectingSchema
  | typeof QualitySchema
  | typeof SoundSchema
>

/** @throws Error with a sentence for the client. */
export function parseClientMessage(text: string): ClientMessage {
  const message = parseJson(text)
  if ('offer' in message) {
    const { offer, tab } = check(OfferSchema, message)
    return { type: 'offer', sdp: offer.sdp, ...(tab !== undefined && { tab }) }
  }
  if ('iceCandidate' in message) {
    return { type: 'candidate', candidate: check(CandidateSchema, message).iceCandidate?.candidate ?? '' }
  }
  if ('time' in message) return { type: 'time', clientMs: check(TimeSchema, message).time.clientMs }
  if ('pageLeft' in message) {
    check(PageLeftSchema, message)
    return { type: 'page-left' }
  }
  if ('connecting' in message) {
    const result = v.safeParse(ConnectingSchema, message)
    if (result.success) return { type: 'connecting', report: result.output.connecting }
    throw new Error('connecting has to be an object with the counts of the browser: see docs/signalling.md')
  }
  if ('mse' in message) return { type: 'mse', isWanted: check(MseSchema, message).mse !== null }
  if ('quality' in message) return { type: 'quality', quality: check(QualitySchema, message).quality }
  if ('sound' in message) return { type: 'sound', isOn: check(SoundSchema, message).sound }
  throw new Error(
    'a message has to be {"offer":{"type":"offer","sdp":"..."}}, {"iceCandidate":{"candidate":"..."}}, {"time":{"clientMs":0}}, {"quality":"low"}, {"sound":true} or {"mse":{}}',
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
