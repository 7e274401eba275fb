import { expect, test, vi } from 'vitest'
import { AppError, cameraFull } from '../../errors.js'
import { fakeMediaSocket, fakeMseViewers } from '../../../test/fakes/mse.js'
import type { SignallingViewer } from '../signalling-viewer.js'
import { serveGo2rtc } from './go2rtc-websocket.js'

/** A client of go2rtc without a network, and viewers that are not there. */
function connect(refuse?: Error) {
  const sent: unknown[] = []
  const events: string[] = []
  const error = vi.fn()
  let hear = (_text: string): void => {}
  let leave = (): void => {}
  const candidateListeners = new Set<Parameters<SignallingViewer['onCandidate']>[0]>()
  let admitted = 0
  serveGo2rtc(
    {
      ...fakeMediaSocket(),
      address: '192.0.2.1',
      reachedAt: [],
      countOffer: () => {},
      send: (text) => void sent.push(JSON.parse(text)),
      close: vi.fn(),
      onMessage: (listener) => (hear = listener),
      onClose: (listener) => (leave = listener),
    },
    'camera1',
    {
      ...fakeMseViewers(),
      admit: (camera, offerSdp) => {
        if (refuse !== undefined) throw refuse
        const number = ++admitted
        return {
          answerSdp: `${camera}: answer ${number} to ${offerSdp}`,
          candidates: [{ candidate: `candidate:${number}`, sdpMid: '0', sdpMLineIndex: 0 }],
          onCandidate: (listener) => {
            candidateListeners.add(listener)
            return { [Symbol.dispose]: () => void candidateListeners.delete(listener) }
          },
          addCandidate: (line) => void events.push(`${number} has ${line}`),
          dismiss: async () => {
            await Promise.resolve()
            events.push(`${number} dismissed`)
          },
        }
      },
    },
    { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error },
  )
  const send = (message: unknown) => hear(typeof message === 'string' ? message : JSON.stringify(message))
  return { sent, events, error, send, candidateListeners, leave: () => leave() }
}

test('an offer is answered, and our candidates follow the answer', () => {
  const { sent, send } = connect()
  send({ type: 'webrtc/offer', value: 'v=0' })
  expect(sent).toEqual([
    { type: 'webrtc/answer', value: 'camera1: answer 1 to v=0' },
    { type: 'webrtc/candidate', value: 'candidate:1' },
  ])
})

test('candidates of ours that become known later are sent for the last offer, until the socket is closed', () => {
  const { sent, send, candidateListeners, leave } = connect()
  send({ type: 'webrtc/offer', value: 'v=0' })
  send({ type: 'webrtc/offer', value: 'v=1' })
  expect(candidateListeners.size).toBe(1)
  for (const listener of candidateListeners)
    listener({ candidate: 'candidate:late', sdpMid: '0', sdpMLineIndex: 0 })
  expect(sent.at(-1)).toEqual({ type: 'webrtc/candidate', value: 'candidate:late' })
  leave()
  expect(candidateListeners.size).toBe(0)
})

test('an offer of the second form is answered in that form', () => {
  const { sent, send } = connect()
  send({ type: 'webrtc', value: { type: 'offer', sdp: 'v=0', ice_servers: [{ urls: 'stun:x' }] } })
  expect(sent[0]).toEqual({ type: 'webrtc', value: { type: 'answer', sdp: 'camera1: answer 1 to v=0' } })
})

test('candidates reach the session, the empty one and none among them; before an offer they go nowhere', () => {
  const { sent, events, send } = connect()
  send({ type: 'webrtc/candidate', value: 'early' })
  send({ type: 'webrtc/offer', value: 'v=0' })
  for (const value of ['candidate:9', '', null]) send({ type: 'webrtc/candidate', value })
  expect(events).toEqual(['1 has candidate:9', '1 has ', '1 has '])
  expect(JSON.stringify(sent)).not.toContain('error')
})

test('a second offer replaces the first session; closing the socket ends none', async () => {
  const { events, send, leave } = connect()
  send({ type: 'webrtc/offer', value: 'one' })
  send({ type: 'webrtc/offer', value: 'two' })
  await vi.waitFor(() => expect(events).toEqual(['1 dismissed']))
  leave()
  await Promise.resolve()
  expect(events).toEqual(['1 dismissed'])
})

test.each([
  ['{', 'message: the body is not JSON'],
  ['[]', 'message: the body has to be a JSON object'],
  [{ value: 'v=0' }, 'message: type is missing'],
  [{ type: 'webrtc/offer' }, 'webrtc/offer: value is missing'],
  [{ type: 'webrtc/offer', value: {} }, 'webrtc/offer: value has to be a string'],
  [{ type: 'webrtc', value: 'v=0' }, 'webrtc: value has a wrong type'],
  [{ type: 'webrtc', value: { type: 'answer', sdp: '' } }, 'webrtc: value.type has to be "offer"'],
  [{ type: 'mp4', value: '' }, 'mp4: this server supports WebRTC and MSE only'],
  [{ type: 'x'.repeat(65) }, 'message: type has to be at most 64 characters'],
])('%.60j is answered with an error in the manner of go2rtc', (message, value) => {
  const { sent, error, send } = connect()
  send(message)
  expect(sent).toEqual([{ type: 'error', value }])
  expect(error).not.toHaveBeenCalled()
})

test.each([
  [cameraFull('camera1', 4), 'camera1 has its maximum of 4 viewers; try again later'],
  [new AppError('no-common-codec', 406, 'the camera sends VP8'), 'the camera sends VP8'],
])('a rejected offer is answered with the reason', (refuse, reason) => {
  const { sent, send } = connect(refuse)
  send({ type: 'webrtc/offer', value: 'v=0' })
  expect(sent).toEqual([{ type: 'error', value: `webrtc/offer: ${reason}` }])
})

test('a bug is logged and tells the client nothing of itself', () => {
  const { sent, error, send } = connect(new TypeError('secret'))
  send({ type: 'webrtc/offer', value: 'v=0' })
  expect(sent).toEqual([{ type: 'error', value: 'webrtc/offer: something went wrong on the server' }])
  expect(error).toHaveBeenCalledOnce()
})
