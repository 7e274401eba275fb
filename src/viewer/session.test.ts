import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { RtpFanout } from '../rtp/fanout.js'
import { writePli } from '../rtp/rtcp/feedback.js'
import type { ViewerStats } from './stats/stats.js'
import type { PeerEnd } from './werift/peer.js'
import type { RtpSender } from './media/outgoing-stream.js'
import { runSession, sessionTiming, type SessionPeer } from './session.js'
import { type EndReason } from './types.js'

const SSRC = 99
const RESERVED_MS = 5000
const receiverReport = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1])
const bye = Buffer.from([0x81, 203, 0, 1, 0, 0, 0, 1])

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

class FakePeer implements SessionPeer {
  reach = (): void => {}
  firstCheck = (): void => {}
  connect = (): void => {}
  end: (reason: PeerEnd) => void = () => {}
  readonly checked = new Promise<void>((resolve) => (this.firstCheck = resolve))
  readonly reachable = new Promise<void>((resolve) => (this.reach = resolve))
  readonly connected = new Promise<RtpSender>((resolve) => (this.connect = () => resolve(this)))
  readonly ended = new Promise<PeerEnd>((resolve) => (this.end = resolve))
  lastHeardAtMs = performance.now()
  lastRtcpAtMs = performance.now()
  onRtcp: (compound: Buffer) => void = () => {}
  transport: SessionPeer['transport'] = 'udp'
  readonly hasRoom = (): boolean => true
  sent = 0
  reports = 0
  isDisposed = false

  sendRtp(): void {
    if (this.isDisposed) throw new Error('the peer is gone')
    this.sent++
  }

  flush(): void {}

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

function start(timing = sessionTiming) {
  const peer = new FakePeer()
  const fanout = new RtpFanout()
  const leave = new AbortController()
  const requestKeyframe = vi.fn()
  const onLive = vi.fn<(figures: () => ViewerStats, absentMs: () => number) => EndReason | undefined>()
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
    format: () => ({ payloadType: 96, ssrc: SSRC, rtx: undefined, extensions: new Map() }),
    cname: 'camera1',
    leave: leave.signal,
    reservedMs: RESERVED_MS,
    onLive,
    onStatus,
    timing,
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
    onStatus,
    figures: () => onLive.mock.calls[0]![0](),
    absentMs: () => onLive.mock.calls[0]![1](),
    wait,
    live,
    packet,
    seconds,
    isReleased,
    reason: () => reason,
  }
}

test('a viewer without a connectivity check within its reserved time never connected', async () => {
  const session = start()
  await session.wait(RESERVED_MS - 1)
  expect(session.reason()).toBeUndefined()
  await session.wait(1)
  expect(session.reason()).toBe('never-connected')
  expect(session.isReleased()).toBe(true)
})

test('a viewer that has not connected within the limit never connected, whatever it has sent', async () => {
  const session = start()
  await session.wait(RESERVED_MS - 1)
  session.peer.firstCheck()
  await session.wait(0)
  session.peer.check()
  await session.wait(sessionTiming.connectLimitMs - RESERVED_MS)
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
    session.leave.abort('asked-to-leave')
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

test('a viewer that is refused when it has connected is sent nothing', async () => {
  const session = start()
  session.onLive.mockReturnValue('camera-full')
  session.packet()
  await session.live()
  expect(session.reason()).toBe('camera-full')
  expect(session.peer.sent).toBe(0)
  expect(session.isReleased()).toBe(true)
})

test('a viewer is absent after three seconds of silence, where nothing is sent to it after eight', async () => {
  const session = start()
  await session.live()
  await session.seconds(5, { packets: true, reports: true })
  await session.wait(2000)
  session.packet()
  await session.wait(999)
  expect(session.absentMs()).toBe(0)
  session.packet()
  await session.wait(1000)
  expect(session.absentMs()).toBeGreaterThan(3000)
  session.peer.check()
  expect(session.absentMs()).toBe(0)
  await session.wait(8000)
  expect(session.absentMs()).toBe(0)
  await session.wait(1000)
  expect(session.absentMs()).toBeGreaterThan(8000)
})

test('a keyframe is asked for on joining, on PLI and on FIR', async () => {
  const session = start()
  await session.live()
  const onJoining = session.requestKeyframe.mock.calls.length
  expect(onJoining).toBeGreaterThan(0)
  session.requestKeyframe.mockClear()
  session.peer.receiveRtcp(Buffer.concat([receiverReport, writePli(1, SSRC)]))
  expect(session.requestKeyframe).toHaveBeenCalledTimes(1)
  session.peer.receiveRtcp(writePli(1, SSRC + 1))
  expect(session.requestKeyframe).toHaveBeenCalledTimes(1)
  const fir = Buffer.from([0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, SSRC, 5, 0, 0, 0])
  session.peer.receiveRtcp(fir)
  session.peer.receiveRtcp(fir) // the same command again
  expect(session.requestKeyframe).toHaveBeenCalledTimes(2)
  fir[16] = 6
  session.peer.receiveRtcp(fir)
  expect(session.requestKeyframe).toHaveBeenCalledTimes(3)
})

test('the keyframe for a viewer is asked for with its offer, and no other when it joins in time', async () => {
  const session = start()
  expect(session.requestKeyframe).toHaveBeenCalledTimes(1)
  session.packet()
  session.peer.reach()
  await session.live()
  expect(session.requestKeyframe).toHaveBeenCalledTimes(1)
  expect(session.peer.sent).toBe(1)
})

test('a viewer whose reports say that its path is too slow is sent less, and told so', async () => {
  const session = start()
  await session.live()
  let index = 1_000_000
  let lost = 0
  /** A picture of ten packets 30 times a second, and a report five times a second that three quarters of them are lost. */
  const seconds = async (count: number, lossOfFour: number): Promise<void> => {
    for (let frame = 0; frame < count * 30; frame++) {
      for (let i = 0; i < 10; i++) {
        const payload = Buffer.alloc(800)
        const startsKeyframe = frame % 60 === 0 && i === 0
        session.fanout.send({
          index: index++,
          timestamp: frame * 3000,
          marker: i === 9,
          startsKeyframe,
          payload,
        })
      }
      lost += 10 * (lossOfFour / 4)
      if (frame % 6 === 5) {
        const report = Buffer.alloc(32)
        report.set([0x81, 201, 0, 7])
        report.writeUInt32BE(SSRC, 8)
        report.writeIntBE(Math.floor(lost), 13, 3)
        report.writeUInt32BE(index, 16)
        session.peer.receiveRtcp(report)
      }
      await session.wait(1000 / 30)
    }
  }
  await seconds(3, 0)
  expect(session.figures()).toMatchObject({ congested: false, framesDropped: 0, packets: 900 })
  await seconds(4, 3)
  expect(session.fanout.viewers).toBe(0)
  expect(session.onStatus).toHaveBeenCalledWith(expect.objectContaining({ congested: true }))
  expect(session.figures().framesDropped).toBeGreaterThan(20)
  session.peer.receiveRtcp(bye)
  await session.wait(0)
  expect(vi.getTimerCount()).toBe(0)
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

test('a media server may never report, but one that has reported has to go on', async () => {
  const mute = start({ ...sessionTiming, reportsExpected: false })
  await mute.live()
  await mute.seconds(120, { packets: true })
  expect(mute.reason()).toBeUndefined()
  await mute.seconds(5, { packets: true, reports: true })
  await mute.seconds(19, { packets: true })
  expect(mute.reason()).toBeUndefined()
  await mute.seconds(4, { packets: true })
  expect(mute.reason()).toBe('silent')
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
