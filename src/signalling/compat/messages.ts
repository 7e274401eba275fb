import * as v from 'valibot'
import { AppError } from '../../errors.js'
import { parseBoundedJson } from '../../lib/bounded-json.js'
import { messageOf } from '../../lib/error-message.js'
import {
  MAX_CANDIDATE_CHARS,
  MAX_CANDIDATES,
  MAX_CODECS_CHARS,
  MAX_ID_CHARS,
  MAX_SDP_CHARS,
  MAX_TYPE_CHARS,
} from '../wire-limits.js'

const text = (chars: number) =>
  v.pipe(v.string('has to be a string'), v.maxLength(chars, `has to be at most ${chars} characters`))
const sdp = text(MAX_SDP_CHARS)
const id = text(MAX_ID_CHARS)

const cameraStreamerTypes = 'has to be "request", "offer", "answer" or "remote_candidate"'
/**
 * `iceServers`, `timeout_s` and `keepAlive` of a request are ignored: client-chosen ICE servers would allow reflection attacks, and
 * silent sessions time out anyway.
 */
const CameraStreamerBody = v.variant(
  'type',
  [
    v.object({ type: v.literal('request') }),
    v.object({ type: v.literal('offer'), sdp }),
    v.object({ type: v.literal('answer'), id, sdp }),
    v.object({
      type: v.literal('remote_candidate'),
      id,
      // Counted before any of them is parsed.
      candidates: v.pipe(
        v.array(v.unknown(), 'has to be a list'),
        v.maxLength(MAX_CANDIDATES, `has to have at most ${MAX_CANDIDATES} entries`),
        v.array(v.object({ candidate: text(MAX_CANDIDATE_CHARS) }, 'has to be a candidate')),
      ),
    }),
  ],
  cameraStreamerTypes,
)
const JsonOffer = v.object({ type: v.literal('offer', 'has to be "offer"'), sdp })
const Go2rtcMessage = v.object({ type: text(MAX_TYPE_CHARS), value: v.optional(v.unknown()) })

export type CameraStreamerBody = v.InferOutput<typeof CameraStreamerBody>

/** @throws AppError `bad-body` that names the field. */
export const parseCameraStreamerBody = (body: string): CameraStreamerBody =>
  check(CameraStreamerBody, parseJson(body))

/** `{"type":"offer","sdp"}`. @throws AppError `bad-body`. */
export const parseJsonOffer = (body: string): string => check(JsonOffer, parseJson(body)).sdp

/** The envelope of go2rtc's WebSocket messages. @throws AppError `bad-body`. */
export const parseGo2rtcMessage = (message: string): { type: string; value?: unknown } =>
  check(Go2rtcMessage, parseJson(message))

/** The value of `webrtc/offer`. @throws AppError `bad-body`. */
export const parseSdpValue = (value: unknown): string => check(sdp, value, 'value')

/** The value of `webrtc`, an offer as an object. @throws AppError `bad-body`. */
export const parseOfferValue = (value: unknown): string => check(JsonOffer, value, 'value').sdp

/** The value of `webrtc/candidate`; none or "" means the end of candidates (RFC 8838 section 8.2). @throws AppError `bad-body`. */
export const parseCandidateValue = (value: unknown): string =>
  check(v.nullish(text(MAX_CANDIDATE_CHARS), ''), value, 'value')

/** The value of `mse`: the codecs that the client decodes; none or "" means any. @throws AppError `bad-body`. */
export const parseCodecsValue = (value: unknown): string =>
  check(v.nullish(text(MAX_CODECS_CHARS), ''), value, 'value')

function parseJson(body: string): unknown {
  let value: unknown
  try {
    value = parseBoundedJson(body)
  } catch (error) {
    throw badBody(`the body ${messageOf(error)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badBody('the body has to be a JSON object')
  return value
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, name = ''): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const [issue] = result.issues
  const path = [name, v.getDotPath(issue) ?? ''].filter(Boolean).join('.')
  const missing = issue.received === 'undefined'
  const problem = missing
    ? 'is missing'
    : issue.message.startsWith('has to')
      ? issue.message
      : 'has a wrong type'
  throw badBody(`${path} ${problem}`)
}

const badBody = (message: string): AppError => new AppError('bad-body', 400, message)
