import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { rarelyKeyed, standInMachine } from '../../test/fakes/capture.js'
import { captureCommand } from '../camera/gstreamer/command.js'
import type { EncoderElement } from '../config/encoders.js'
import { PAYLOAD_TYPE, cameraSsrc } from '../camera/gstreamer/rtp-output.js'
import { spawnChild } from '../camera/capture/spawn.js'
import { openRtpStream } from './stream.js'

const { machine, env, has } = await standInMachine()

/** A stream from a real pipeline, and the delay of its frames on arrival. */
async function play(encoder: EncoderElement) {
  const camera = rarelyKeyed(encoder)
  const { codec } = camera
  const errors: Error[] = []
  const stream = await openRtpStream({
    codec,
    expected: { ssrc: cameraSsrc(camera), payloadType: PAYLOAD_TYPE },
    preferred: { rtpPort: 0, rtcpPort: 0, feedbackPort: 0 },
    onError: (error) => void errors.push(error),
  })
  onTestFinished(async () => await stream[Symbol.asyncDispose]())
  const agesMs: number[] = []
  let last: number | undefined
  stream.fanout.add({
    send: ({ timestamp }) => {
      if (timestamp === last) return
      last = timestamp
      if (stream.clock.source === 'reports')
        agesMs.push(performance.now() - stream.clock.captureMonotonicMs(timestamp)!)
    },
    flush: () => {},
  })
  const start = async () => {
    const command = captureCommand({
      camera,
      ports: await stream.portsForStart(),
      machine: machine!,
      env,
      debug: false,
    })
    if ('cause' in command) throw new Error(command.message)
    stream.expectNewSender()
    const child = spawnChild(command)
    onTestFinished(() => child.kill('SIGKILL'))
    await stream.nextPacket(AbortSignal.timeout(10_000))
    return child
  }
  const frames = async (count: number): Promise<number[]> => {
    agesMs.length = 0
    await vi.waitFor(() => expect(agesMs.length).toBeGreaterThanOrEqual(count), {
      timeout: 10_000,
      interval: 20,
    })
    return agesMs.slice(0, count).sort((a, b) => a - b)
  }
  return { stream, start, frames, errors }
}

/** The encoder works between capture and arrival; a clock that is off by an epoch is off by years, not by seconds. */
function expectFresh(agesMs: number[]): void {
  expect(agesMs[0]).toBeGreaterThan(0.1)
  expect(agesMs[agesMs.length >> 1]).toBeLessThan(5000)
}

describe.each(['x264enc', 'openh264enc', 'vp8enc'] as const)('%s', (encoder) => {
  test.runIf(has(encoder, 'videotestsrc'))(
    'sender reports date a frame before its arrival, also after a restart',
    async () => {
      const { stream, start, frames, errors } = await play(encoder)
      const first = await start()
      expectFresh(await frames(60))
      first.kill('SIGKILL')
      await first.ended
      await start()
      expect(stream.clock.source).toBe('arrivals')
      expectFresh(await frames(60))
      expect(errors).toEqual([])
    },
  )
})
