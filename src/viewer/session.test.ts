import { wordsOf } from '../rtp/packet.js'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { RtpFanout } from '../rtp/fanout.js'
import { writePli } from '../rtp/rtcp.js'
import type { PeerEnd } from './peer.js'
import { runSession, sessionTiming, type EndReason, type SessionPeer } from './session.js'

const SSRC = 99
const receiverReport = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1])
const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1])

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

class FakePeer implements SessionPeer {
  connect = (): void => {}
  end: (reason: PeerEnd) => void = () => {}
  readonly connected = new Promise<void>((resolve) => (this.connect = resolve))
  readonly ended = new Promise<PeerEnd>((resolve) => (this.end = resolve))
  lastHeardAtMs = performance.now()
  lastRtcpAtMs = performance.now()
  onRtcp: (compound: Buffer) => void = () => {}
  sent = 0
  reports = 0
  isDisposed = false

  sendRtp(): void {
    if (this.isDisposed) throw new Error('the peer is gone')
    this.sent++
  }

  sendRtcp(): void {
    this.reports++
  }

  /** As after an authenticated connectivity check. */
  check(): void {
    this.lastHeardAtMs = performance.now()
  }

  receiveRtcp(compound: Buffer = receiverReport): void {
    this.lastHeardAtMs = this.lastRtcpAtMs = performance.now()
    this.onRtcp(compound)
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.isDisposed = true
    return Promise.resolve()
  }
}

function start() {
  const peer = new FakePeer()
  const fanout = new RtpFanout()
  const leave = new AbortController()
  const requestKeyframe = vi.fn()
  const onLive = vi.fn()
  const onStatus = vi.fn()
  let reason: EndReason | undefined
  void runSession({
    peer,
    stream: {
      clock: { timestampAt: () => 0, captureMonotonicMs: () => 0 },
      fanout,
      requestKeyframe,
      keyframesOnDemand: true,
    },
    format: { payloadType: 96, ssrc: SSRC, rtx: undefined, extensions: new Map() },
    cname: 'camera1',
    leave: leave.signal,
    onLive,
    onStatus,
    timing: sessionTiming,
  }).then((ended) => (reason = ended))
  const wait = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms)
  }
  const live = async (): Promise<void> => {
    peer.connect()
    await wait(0)
  }
  let index = 0
  const packet = (): void => {
    const payload = Buffer.from('picture')
    fanout.send({
      index: index++,
      timestamp: 0,
      marker: true,
      startsKeyframe: true,
      payload,
      words: wordsOf(payload),
    })
  }
  /** Seconds of a viewer that answers checks, with or without pictures and reports. */
  const seconds = async (count: number, { packets = false, reports = false } = {}): Promise<void> => {
    for (let i = 0; i < count; i++) {
      peer.check()
      if (packets) packet()
      if (reports) peer.receiveRtcp()
      await wait(1000)
    }
  }
  const isReleased = () => fanout.viewers === 0 && peer.isDisposed
  return {
    peer,
    fanout,
    leave,
    requestKeyframe,
    onLive,
    wait,
    live,
    packet,
    seconds,
    isReleased,
    reason: () => reason,
  }
}

test('a viewer that has not connected within the limit never connected', async () => {
  const session = start()
  await session.wait(sessionTiming.connectLimitMs - 1)
  expect(session.reason()).toBeUndefined()
  await session.wait(1)
  expect(session.reason()).toBe('never-connected')
  expect(session.onLive).not.toHaveBeenCalled()
  expect(session.isReleased()).toBe(true)
})

test.each(['left', 'connection-lost', 'handshake-failed', 'impostor'] as const)(
  'a peer that ends with %s ends the session with it, before and after it is live',
  async (end) => {
    for (const isLive of [false, true]) {
      const session = start()
      if (isLive) await session.live()
      session.peer.end(end)
      await session.wait(0)
      expect(session.reason()).toBe(end)
      expect(session.isReleased()).toBe(true)
    }
  },
)

test('a session that is asked to leave does so, at any time', async () => {
  for (const isLive of [false, true]) {
    const session = start()
    if (isLive) await session.live()
    session.leave.abort()
    await session.wait(0)
    expect(session.reason()).toBe('asked-to-leave')
    expect(session.isReleased()).toBe(true)
  }
})

test('pictures are sent from the moment that it is live, until it is over', async () => {
  const session = start()
  await session.live()
  expect(session.onLive).toHaveBeenCalledOnce()
  session.packet()
  session.peer.receiveRtcp(bye)
  await session.wait(0)
  session.packet()
  expect(session.peer.sent).toBe(1)
  expect(session.reason()).toBe('left')
  expect(session.isReleased()).toBe(true)
})

test('a keyframe is asked for on joining, on PLI and on FIR', async () => {
  const session = start()
  expect(session.requestKeyframe).not.toHaveBeenCalled()
  await session.live()
  expect(session.requestKeyframe).toHaveBeenCalledTimes(1)
  session.peer.receiveRtcp(Buffer.concat([receiverReport, writePli(1, SSRC)]))
  expect(session.requestKeyframe).toHaveBeenCalledTimes(2)
  session.peer.receiveRtcp(writePli(1, SSRC + 1))
  expect(session.requestKeyframe).toHaveBeenCalledTimes(2)
  const fir = Buffer.from([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, SSRC, 5, 0, 0, 0])
  session.peer.receiveRtcp(fir)
  session.peer.receiveRtcp(fir) // the same command again
  expect(session.requestKeyframe).toHaveBeenCalledTimes(3)
  fir[16] = 6
  session.peer.receiveRtcp(fir)
  expect(session.requestKeyframe).toHaveBeenCalledTimes(4)
})

test('a viewer of whom nothing is heard is silent', async () => {
  const session = start()
  await session.live()
  await session.wait(sessionTiming.silenceLimitMs - 1000)
  expect(session.reason()).toBeUndefined()
  await session.wait(3000)
  expect(session.reason()).toBe('silent')
  expect(session.isReleased()).toBe(true)
})

test('a viewer that answers checks but reports nothing of its pictures is silent', async () => {
  const session = start()
  await session.live()
  await session.seconds(19, { packets: true })
  expect(session.reason()).toBeUndefined()
  await session.seconds(4, { packets: true })
  expect(session.reason()).toBe('silent')
})

test('a viewer that stops reporting is silent, counted from its last report', async () => {
  const session = start()
  await session.live()
  await session.seconds(60, { packets: true, reports: true })
  await session.seconds(19, { packets: true })
  expect(session.reason()).toBeUndefined()
  await session.seconds(4, { packets: true })
  expect(session.reason()).toBe('silent')
})

test('while the camera sends nothing, nobody has to report', async () => {
  const session = start()
  await session.live()
  await session.seconds(300)
  expect(session.reason()).toBeUndefined()
})

test('a viewer has time to report when the camera comes back after a long pause', async () => {
  const session = start()
  await session.live()
  await session.seconds(10, { packets: true, reports: true })
  await session.seconds(300)
  await session.seconds(15, { packets: true })
  expect(session.reason()).toBeUndefined()
  await session.seconds(15, { packets: true, reports: true })
  expect(session.reason()).toBeUndefined()
})
