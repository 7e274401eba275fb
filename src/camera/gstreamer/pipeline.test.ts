import { describe, expect, test } from 'vitest'
import { exampleCamera, exampleEncoder, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import type { EncoderElement } from '../../config/encoders.js'
import type { Machine } from './machine.js'
import { snapshotBranch } from './snapshot-branch.js'
import { buildPipeline } from './pipeline.js'
import { PAYLOAD_TYPE, cameraSsrc } from './rtp-output.js'

const ports = { rtpPort: 21000, rtcpPort: 21001, feedbackPort: 21002 }

const MODULE = '/base/soc/i2c0mux/i2c@1/imx219@10'
const sources: Record<string, Partial<CameraConfig>> = {
  'camera module': { device: { kind: 'libcamera', name: MODULE } },
  'raw USB camera': { device: { kind: 'v4l2', path: '/dev/video0' } },
  'MJPEG USB camera': { device: { kind: 'v4l2', path: '/dev/video0' }, format: 'mjpeg' },
  'test pattern': { device: { kind: 'test', pattern: 'ball' } },
}
const encoders: EncoderElement[] = ['v4l2h264enc', 'x264enc', 'openh264enc', 'vp8enc']

function build(
  element: EncoderElement,
  about: Partial<CameraConfig> = {},
  machine: Partial<Machine> = {},
): string {
  const camera = exampleCamera(about)
  return buildPipeline(camera, exampleEncoder(element), exampleMachine(machine), { ports }).join(' ')
}

/** The elements of a line in order, without their properties: `videotestsrc`, `video/x-raw`, `queue`, ... */
const shapeOf = (line: string): string[] =>
  line.split(' ! ').map((part) => (/^[^\s,]*\/[^\s,]*(?=,)/.exec(part) ?? /^\S+/.exec(part))![0])

describe.each(encoders)('%s', (element) => {
  const format = element === 'v4l2h264enc' ? 'NV12' : 'I420'

  test.each(Object.entries(sources))('%s is followed by a queue that keeps the latest frame', (_, about) => {
    const line = build(element, about)
    expect(line).toContain(
      ` ! queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 leaky=downstream ! ${element} `,
    )
    expect(line.split(' ! queue')[0]).toContain(`format=${format}`)
  })

  test('packets have our payload type, SSRC and size, and leave unsynchronised', () => {
    const line = build(element)
    expect(line).toContain(`mtu=1200 pt=${PAYLOAD_TYPE} ssrc=${cameraSsrc({ key: 'camera1' })}`)
    expect(line).toContain(
      'r.send_rtp_src ! udpsink host=127.0.0.1 port=21000 bind-address=127.0.0.1 sync=false async=false',
    )
    expect(line).toContain(
      'r.send_rtcp_src ! udpsink host=127.0.0.1 port=21001 bind-address=127.0.0.1 sync=false async=false',
    )
    expect(line).toContain('udpsrc address=127.0.0.1 port=21002 caps=application/x-rtcp ! r.recv_rtcp_sink')
  })

  test('the session reports capture time often and accepts early feedback', () =>
    expect(build(element)).toMatch(
      /^-q -f rtpsession name=r rtp-profile=avpf ntp-time-source=clock-time rtcp-sync-send-time=false rtcp-min-interval=500000000 bandwidth=8000000 /,
    ))
})

test('a camera module sets everything that libcamera would leave open', () => {
  const line = build('v4l2h264enc', sources['camera module'])
  expect(line).toContain(
    `libcamerasrc camera-name=${MODULE} af-mode=continuous ! ` +
      'video/x-raw,format=NV12,width=640,height=480,framerate=30/1,interlace-mode=progressive,colorimetry=bt709 !',
  )
})

test('af-mode is not set on a libcamerasrc without it', () =>
  expect(
    build('v4l2h264enc', sources['camera module'], { libcamerasrcProperties: new Set(['camera-name']) }),
  ).not.toContain('af-mode'))

test('a USB camera is converted from its native format', () => {
  expect(shapeOf(build('x264enc', sources['raw USB camera'])).slice(1, 4)).toEqual([
    'video/x-raw',
    'videoconvert',
    'video/x-raw',
  ])
  expect(shapeOf(build('x264enc', sources['MJPEG USB camera'])).slice(1, 5)).toEqual([
    'image/jpeg',
    'jpegdec',
    'videoconvert',
    'video/x-raw',
  ])
})

test.each([
  [640, 480, 30, 'video/x-raw'],
  [1280, 720, 10, 'video/x-raw'],
  [1280, 720, 30, 'image/jpeg'],
  [1920, 1080, 30, 'image/jpeg'],
])('a USB camera at %ix%i and %i/s delivers %s by itself', (width, height, fps, caps) =>
  expect(
    build('x264enc', { ...sources['raw USB camera'], width, height, fps: { min: fps, max: fps } }),
  ).toContain(`! ${caps},width=${width},height=${height},framerate=${fps}/1;${caps},`),
)

test('a test pattern shows its name and a clock below the bars', () =>
  expect(build('x264enc')).toMatch(
    /videotestsrc is-live=true pattern=smpte ! .* ! timeoverlay text="Camera 1" halignment=center valignment=bottom /,
  ))

test('a name is escaped for Pango', () =>
  expect(build('x264enc', { name: '<Front & back>' })).toContain('text="&lt;Front &amp; back&gt;"'))

test('a machine without timeoverlay shows the pattern without a clock', () =>
  expect(build('x264enc', {}, { elements: new Set() })).not.toContain('timeoverlay'))

test('v4l2h264enc gets its level as a string and parameter sets with each keyframe', () => {
  const line = build('v4l2h264enc')
  expect(line).toContain(
    'v4l2h264enc extra-controls=controls,repeat_sequence_header=1,video_bitrate_mode=1,video_bitrate=1000000,h264_i_frame_period=300 ! ' +
      'video/x-h264,level=(string)4,profile=(string)constrained-baseline ! rtph264pay',
  )
  expect(line).toContain('config-interval=-1')
})

test.each([
  [1_012_499, 1_000_000],
  [1_012_500, 1_025_000],
  [1000, 25_000],
  [99_000_000, 24_975_000],
])('v4l2h264enc is given %i bit/s as %i', (bitrate, given) =>
  expect(build('v4l2h264enc', { bitrate })).toContain(`video_bitrate=${given},`),
)

test('x264enc has its bitrate in kbit/s and no delay', () => {
  const line = build('x264enc', { bitrate: 2_500_000 })
  expect(line).toContain('x264enc tune=zerolatency speed-preset=ultrafast bitrate=2500 vbv-buf-capacity=120')
  expect(line).toContain('key-int-max=300 aud=false threads=2 ! video/x-h264,profile=constrained-baseline')
})

test.each(['x264enc', 'openh264enc'] as const)('%s repeats parameter sets itself', (element) =>
  expect(build(element)).toContain('config-interval=0'),
)

test('openh264enc and vp8enc have their bitrate in bit/s', () => {
  expect(build('openh264enc')).toContain('bitrate=1000000 qp-min=20 gop-size=300')
  expect(build('vp8enc')).toContain('target-bitrate=1000000')
})

test('vp8enc has a fixed speed and numbers its frames', () => {
  const line = build('vp8enc', {}, { cores: 2 })
  expect(line).toContain('vp8enc deadline=1 cpu-used=-8 threads=1 end-usage=cbr')
  expect(line).toContain('keyframe-max-dist=300 lag-in-frames=0')
  expect(line).toContain('picture-id-mode=15-bit')
})

test('frames are flipped after the queue, so that dropped frames are not', () =>
  expect(build('vp8enc', { flipMethod: 'rotate-180' })).toContain(
    'leaky=downstream ! videoflip video-direction=180 ! vp8enc',
  ))

test('without a flip there is no videoflip', () => expect(build('vp8enc')).not.toContain('videoflip'))

describe('the snapshot branch', () => {
  const branchOf = (line: string): string => line.slice(line.indexOf(' raw. !') + 1)

  test('follows the source, flips frames like the video, and never blocks the video', () => {
    const line = build('vp8enc', { flipMethod: 'rotate-180' })
    expect(line).toMatch(/framerate=30\/1 ! (?:timeoverlay .*)?! tee name=raw ! queue max-size-buffers=1 /)
    expect(shapeOf(branchOf(line))).toEqual(
      'raw. queue videoflip videoconvert video/x-raw jpegenc funnel gdppay fdsink application/octet-stream pictures.'.split(
        ' ',
      ),
    )
    expect(branchOf(line)).toMatch(
      /^raw\. ! queue max-size-buffers=1 .*leaky=downstream ! videoflip video-direction=180 !/,
    )
    expect(branchOf(line)).toContain('fdsink fd=3 sync=false async=false fdsrc fd=3 do-timestamp=true !')
  })

  test.each([exampleMachine(), exampleMachine({ without: ['gdppay'] })])(
    'is the only difference that snapshots: false makes',
    (machine) => {
      const camera = exampleCamera({ flipMethod: 'rotate-180' })
      const pipeline = (snapshots: boolean): string[] =>
        buildPipeline(camera, exampleEncoder('vp8enc'), machine, { ports, snapshots })
      const branch = machine.elements.has('gdppay') ? snapshotBranch(camera, machine) : []
      expect([...pipeline(false), ...branch]).toEqual(pipeline(true))
      expect(pipeline(false).at(-1)).toBe('r.recv_rtcp_sink')
    },
  )

  test.each(['jpegenc', 'gdppay', 'funnel', 'fdsrc'])('is left out if %s is missing', (element) => {
    const { elements } = exampleMachine({ without: [element] })
    const line = build('vp8enc', {}, { elements })
    expect(line).not.toMatch(/raw\. |name=raw/)
    expect(line).not.toContain('fd=3')
  })
})

test('a fractional frame rate is written as a fraction', () =>
  expect(build('vp8enc', { fps: { min: 7.5, max: 7.5 } })).toContain('framerate=15/2'))

test('an external camera has no pipeline', () =>
  expect(() => build('vp8enc', { device: { kind: 'rtp', port: 5000 } })).toThrow('has no pipeline'))

test('the SSRC of a camera is constant and differs between cameras', () => {
  expect(cameraSsrc({ key: 'camera1' })).toBe(cameraSsrc({ key: 'camera1' }))
  expect(cameraSsrc({ key: 'camera1' })).not.toBe(cameraSsrc({ key: 'camera2' }))
  expect(cameraSsrc({ key: 'camera1' })).toBeGreaterThan(0)
  expect(cameraSsrc({ key: 'camera1' })).toBeLessThan(2 ** 32)
})
