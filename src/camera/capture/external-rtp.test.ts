import { describe, expect, test, vi, type TestContext } from 'vitest'
import { RtpSender, type StreamKind } from '../../../test/support/rtp-sender.js'
import { silentLog } from '../../log.js'
import { openRtpStream } from '../../rtp/stream.js'
import { watchExternal } from './external-rtp.js'
import type { CameraStatus } from './status.js'

/** @param onTestFinished of the test's context: tests run at the same time. */
async function watch(
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
  codec: 'vp8' | 'h264' = 'h264',
  timing = {},
) {
  const stream = await openRtpStream({
    codec,
    expected: undefined,
    preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
    inspect: true,
    onError: () => {},
  })
  onTestFinished(async () => await stream[Symbol.asyncDispose]())
  const warned: string[] = []
  const log = { ...silentLog, warn: (message: string) => void warned.push(message) }
  const camera = watchExternal({
    source: { key: 'camera1', codec, port: stream.rtpPort },
    stream,
    log,
    timing: { sampleMs: 20, ...timing },
  })
  onTestFinished(async () => await camera[Symbol.asyncDispose]())
  const states: CameraStatus['state'][] = []
  camera.onStatus(({ state }) => void states.push(state))
  const reach = async (expected: Partial<CameraStatus>) =>
    await vi.waitFor(() => expect(camera.status()).toMatchObject(expected), { timeout: 20_000, interval: 10 })
  const send = async (kind: StreamKind) => {
    const sender = await RtpSender.start(stream.rtpPort, kind)
    let isOpen = true
    const stop = async () => {
      if (isOpen) await sender[Symbol.asyncDispose]()
      isOpen = false
    }
    onTestFinished(stop)
    return { sender, stop }
  }
  return { camera, stream, reach, send, states, warned }
}

describe.concurrent('what is no video for the camera is lost, with its own cause', () => {
  test.for<[StreamKind, 'vp8' | 'h264', string, RegExp, RegExp]>([
    ['h265', 'h264', 'h265', /is H\.265, not H\.264/, /libx264/],
    ['h265', 'vp8', 'h265', /is H\.265, not VP8/, /libvpx/],
    ['mpegts', 'h264', 'mpeg-ts', /MPEG transport stream/, /-f rtp .*mpegtsmux/],
    ['mpegts-dynamic', 'h264', 'mpeg-ts', /MPEG transport stream/, /-f rtp /],
    ['mpegts', 'vp8', 'mpeg-ts', /MPEG transport stream/, /-f rtp /],
    ['mpegts-udp', 'h264', 'mpeg-ts', /MPEG transport stream/, /-f mpegts/],
    ['byte-stream-udp', 'h264', 'not-video', /is not RTP/, /-f rtp/],
    ['vp8', 'h264', 'wrong-codec', /is VP8, not H\.264/, /codec = "vp8" in \[camera1\]/],
    ['vp9', 'h264', 'wrong-codec', /is VP9, not H\.264/, /libx264/],
    ['vp9', 'vp8', 'wrong-codec', /is VP9, not VP8/, /libvpx/],
    ['av1', 'vp8', 'wrong-codec', /is AV1, not VP8/, /libvpx/],
    ['av1', 'h264', 'wrong-codec', /is AV1, not H\.264/, /libx264/],
    ['h264', 'vp8', 'wrong-codec', /is H\.264, not VP8/, /codec = "h264" in \[camera1\]/],
    ['h264-aggregated', 'vp8', 'wrong-codec', /is H\.264, not VP8/, /codec = "h264"/],
    ['mpeg4', 'h264', 'wrong-codec', /is MPEG-4 video/, /-c:v libx264/],
    ['mpeg4', 'vp8', 'wrong-codec', /is MPEG-4 video/, /-c:v libvpx/],
    ['byte-stream', 'h264', 'wrong-codec', /start codes/, /rtph264pay/],
    ['jpeg', 'h264', 'wrong-codec', /is JPEG/, /libx264/],
    ['opus', 'h264', 'not-video', /is sound/, /one video stream/],
    ['opus', 'vp8', 'not-video', /is sound/, /one video stream/],
    ['opus-hybrid', 'h264', 'not-video', /is sound/, /one video stream/],
    ['pcmu', 'vp8', 'not-video', /is sound/, /one video stream/],
    ['noise', 'h264', 'not-video', /not H\.264 or any other video .*\(payload type 96\)/, /one video stream/],
    ['noise', 'vp8', 'not-video', /not VP8 or any other video/, /one video stream/],
    [
      'h264-no-sps',
      'h264',
      'no-parameter-sets',
      /without SPS and PPS/,
      /-bsf:v dump_extra.*config-interval=-1/,
    ],
    ['h264-no-pps', 'h264', 'no-parameter-sets', /without PPS/, /config-interval=-1/],
    ['h264-sps-once', 'h264', 'no-parameter-sets', /without SPS and PPS/, /dump_extra/],
    ['h264-high-10', 'h264', 'unsupported-profile', /High 10/, /-pix_fmt yuv420p/],
    ['no-idr', 'h264', 'no-keyframe', /No keyframe has arrived for 10 s/, /-g 60.*key-int-max=60/],
  ])('%s at a camera with codec %s is %s', async ([kind, codec, cause, message, hint], context) => {
    const { reach, send, states, camera } = await watch(context, codec)
    await send(kind)
    await reach({ state: 'lost', cause })
    const status = camera.status()
    expect(status.message).toMatch(message)
    expect(status.hint).toMatch(hint)
    if (kind !== 'h264-sps-once') expect(states).not.toContain('live')
  })
})

describe.concurrent('what plays is live, with a warning for what is wrong', () => {
  test.for<[StreamKind, 'vp8' | 'h264', string | undefined, RegExp]>([
    ['h264', 'h264', undefined, /./],
    ['h264-aggregated', 'h264', undefined, /./],
    ['vp8', 'vp8', undefined, /./],
    ['h264-big', 'h264', 'large-packets', /up to 1472 bytes.*pkt_size=1200.*mtu=1200 to rtph264pay/s],
    ['h264-b-frames', 'h264', 'b-frames', /B-frames.*-bf 0.*bframes=0/s],
    ['two-ssrc', 'h264', 'two-sources', /payload type 111.*ignored/s],
    ['two-types', 'h264', 'two-sources', /payload type 111.*ignored/s],
  ])('%s at a camera with codec %s', async ([kind, codec, cause, text], context) => {
    const { reach, send, camera, warned } = await watch(context, codec)
    await send(kind)
    await reach({ state: 'live' })
    if (cause === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 4000)) // warnings need up to 2 s of packets
      expect(camera.status()).toEqual({ state: 'live', restarts: 0, restartsByCause: {} })
      return
    }
    await vi.waitFor(() => expect(camera.status().warnings?.map((warning) => warning.cause)).toEqual([cause]))
    const [warning] = camera.status().warnings!
    expect(`${warning!.message}\n${warning!.hint}`).toMatch(text)
    expect(warned).toEqual([warning!.message])
  })

  test('a second sender is a warning until it stops', async (context) => {
    const { reach, send, camera } = await watch(context)
    await send('h264')
    await reach({ state: 'live' })
    const { stop } = await send('h264')
    await vi.waitFor(() => expect(camera.status().warnings?.[0]?.cause).toBe('two-sources'))
    await stop()
    await vi.waitFor(() => expect(camera.status().warnings).toBeUndefined())
    expect(camera.status().state).toBe('live')
  })
})

describe.concurrent('the state follows the sender', () => {
  test('an external camera is live, lost and live again with its packets', async (context) => {
    const { camera, reach, send, stream } = await watch(context, 'h264', { silenceMs: 300 })
    expect(camera.status()).toEqual({ state: 'starting', restarts: 0, restartsByCause: {} })
    expect(camera.restart()).toBe(false)
    const { stop } = await send('h264')
    await reach({ state: 'live' })
    await stop()
    await reach({
      state: 'lost',
      cause: 'no-packets',
      message: `No RTP packets arrive on port ${stream.rtpPort}.`,
    })
    await send('h264')
    await reach({ state: 'live' })
    expect(camera.pid).toBeUndefined()
  })

  test('an external camera without packets is lost', async (context) => {
    const { reach } = await watch(context, 'h264', { firstPacketMs: 30 })
    await reach({ state: 'lost', cause: 'no-packets' })
  })

  test.for<StreamKind>(['h264-no-sps', 'h265', 'mpegts', 'mpegts-udp'])(
    'a sender of %s that is restarted with the right options is live',
    async (kind, context) => {
      const { reach, send } = await watch(context)
      const { stop } = await send(kind)
      await reach({ state: 'lost' })
      await stop()
      await send('h264')
      await reach({ state: 'live' })
    },
  )

  test('the state follows a sender that changes without a restart', async (context) => {
    const { reach, send } = await watch(context)
    const { sender } = await send('h264')
    await reach({ state: 'live' })
    sender.become('h264-no-sps')
    await reach({ state: 'lost', cause: 'no-parameter-sets' })
    sender.become('h265')
    await reach({ state: 'lost', cause: 'h265' })
    sender.become('h264')
    await reach({ state: 'live' })
  })

  test('a sender without keyframes is asked for one', async (context) => {
    const { send } = await watch(context)
    const { sender } = await send('no-idr')
    await vi.waitFor(() => expect(sender.requests).toBeGreaterThanOrEqual(2))
  })
})
