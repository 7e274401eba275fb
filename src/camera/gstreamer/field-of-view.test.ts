import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { exampleCamera, exampleEncoder, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import type { Sensor } from '../sensors/sensor.js'
import { sensorOf, viewsOf, type View } from './field-of-view.js'
import type { Machine } from './machine.js'
import { buildPipeline } from './pipeline.js'
import { parsePluginVersion, parseProperties } from './probe.js'

/** A machine with the libcamerasrc of a release, as gst-inspect-1.0 describes it. */
function machineWith(libcamera: string): Machine {
  const text = readFileSync(`test/fixtures/inspect/libcamerasrc-${libcamera}.txt`, 'utf8')
  return exampleMachine({
    libcamerasrcProperties: parseProperties(text),
    libcamera: parsePluginVersion(text),
  })
}

const moduleCamera = (name: string, about: Partial<CameraConfig> = {}): CameraConfig =>
  exampleCamera({ device: { kind: 'libcamera', name: `/base/soc/i2c0mux/i2c@1/${name}` }, ...about })

function viewsFor(camera: CameraConfig, machine: Machine): View[] {
  const views = viewsOf(camera, machine)
  if ('cause' in views) throw new Error(views.message)
  return views
}

const stepsOf = (views: readonly View[]): string[] => views.map(({ step }) => step)

/** The line of `rpi-webrtc pipeline`, from the source to the first queue, and the second stream. */
function linesOf(camera: CameraConfig, machine: Machine): { source: string; second: string | undefined } {
  const [view] = viewsFor(camera, machine)
  const ports = { rtpPort: 1, rtcpPort: 2, feedbackPort: 3 }
  const line = buildPipeline(camera, exampleEncoder('v4l2h264enc'), machine, {
    ports,
    view,
    snapshots: false,
  }).join(' ')
  return {
    source: /libcamerasrc .*?(?= ! tee)/.exec(line)![0],
    second: /cam\.src_0 ! .*?fakesink(?: \S+=\S+)*/.exec(line)?.[0],
  }
}

const percents = ({ share }: View): [number, number] => [
  Math.round(share!.width * 100),
  Math.round(share!.height * 100),
]

const SIZES = { small: { width: 640, height: 480 }, large: { width: 1280, height: 720 } }
const [IMX219, IMX708] = ['imx219@10', 'imx708@1a']

describe('the field of view by libcamera, sensor and size', () => {
  test.each([
    // libcamera, sensor, size, step, second stream or sensor mode, share of the width and height
    ['0.0.3', IMX219, 'small', 'second-pad', '768x576', 100, 100],
    ['0.0.3', IMX219, 'large', 'plain', undefined, 59, 44],
    ['0.0.3', IMX708, 'small', 'second-pad', '1344x1008', 75, 100],
    ['0.0.3', IMX708, 'large', 'second-pad', '1632x918', 100, 100],
    ['0.4.0', IMX219, 'small', 'second-pad', '768x576', 100, 100],
    ['0.4.0', IMX219, 'large', 'plain', undefined, 59, 44],
    ['0.4.0', IMX708, 'small', 'second-pad', '1344x1008', 75, 100],
    ['0.4.0', IMX708, 'large', 'second-pad', '1632x918', 100, 100],
    ['0.5.2', IMX219, 'small', 'second-pad', '768x576', 100, 100],
    ['0.5.2', IMX219, 'large', 'plain', undefined, 59, 44],
    ['0.5.2', IMX708, 'small', 'second-pad', '1344x1008', 75, 100],
    ['0.5.2', IMX708, 'large', 'second-pad', '1632x918', 100, 100],
    ['0.7.1', IMX219, 'small', 'sensor-config', '1640x1232x10', 100, 100],
    ['0.7.1', IMX219, 'large', 'sensor-config', '1640x1232x10', 100, 75],
    ['0.7.1', IMX708, 'small', 'sensor-config', '2304x1296x10', 75, 100],
    ['0.7.1', IMX708, 'large', 'sensor-config', '2304x1296x10', 100, 100],
  ] as const)('%s, %s, %s: %s %s', (libcamera, name, size, step, how, width, height) => {
    const camera = moduleCamera(name, SIZES[size])
    const machine = machineWith(libcamera)
    const [view] = viewsFor(camera, machine)
    expect([view!.step, ...percents(view!)]).toEqual([step, width, height])

    const { source, second } = linesOf(camera, machine)
    const video = `width=${camera.width},height=${camera.height},framerate=30/1`
    const rest = 'interlace-mode=progressive,colorimetry=bt709'
    const [w, h, depth] = (how ?? '').split('x')
    expect(source).toBe(
      [
        'libcamerasrc',
        ...(step === 'second-pad' ? ['name=cam'] : []),
        `camera-name=/base/soc/i2c0mux/i2c@1/${name}`,
        ...(step === 'sensor-config'
          ? [`sensor-config="sensor/config,width=${w},height=${h},depth=${depth}"`]
          : []),
        ...(libcamera === '0.0.3' ? [] : ['af-mode=continuous']),
        `! video/x-raw,format=NV12,${video},${rest}`,
      ].join(' '),
    )
    expect(second).toBe(
      step === 'second-pad'
        ? `cam.src_0 ! video/x-raw,format=NV12,width=${w},height=${h},framerate=30/1,${rest} ! ` +
            'queue max-size-buffers=1 max-size-bytes=0 max-size-time=0 leaky=downstream ! ' +
            'fakesink sync=false async=false enable-last-sample=false'
        : undefined,
    )
  })
})

test('the releases of the fixtures are parsed', () =>
  expect(['0.0.3', '0.4.0', '0.5.2', '0.7.1'].map((release) => machineWith(release).libcamera)).toEqual([
    '0.0.3',
    '0.4.0',
    '0.5.2+99-bfd68f78',
    '0.7.1+rpt20260429',
  ]))

test('each way is followed by the next simpler one', () => {
  expect(stepsOf(viewsFor(moduleCamera(IMX708), machineWith('0.7.1')))).toEqual([
    'sensor-config',
    'second-pad',
    'plain',
  ])
  expect(stepsOf(viewsFor(moduleCamera(IMX708), machineWith('0.5.2')))).toEqual(['second-pad', 'plain'])
})

test('nothing is requested where libcamera selects the best mode by itself', () => {
  for (const [name, width, height] of [
    [IMX708, 1920, 1080],
    [IMX219, 1280, 960],
    [IMX219, 3280, 2464], // 21 frames per second; a faster mode would have to be scaled up
    ['imx477@1a', 640, 480],
    ['imx296@1a', 640, 480],
  ] as const)
    expect(stepsOf(viewsFor(moduleCamera(name, { width, height }), machineWith('0.7.1')))).toEqual(['plain'])
})

test('a frame rate that no wide mode reaches gets the widest mode that does', () => {
  const camera = moduleCamera(IMX708, { ...SIZES.large, fps: { min: 100, max: 100 } })
  expect(viewsFor(camera, machineWith('0.7.1'))).toMatchObject([{ step: 'plain', mode: { width: 1536 } }])
})

test('field-of-view = "auto" leaves the choice to libcamera', () => {
  const views = viewsFor(moduleCamera(IMX708, { fieldOfView: 'auto' }), machineWith('0.7.1'))
  expect(views).toMatchObject([{ step: 'plain', mode: { width: 1536, height: 864 } }])
  expect(percents(views[0]!)).toEqual([50, 67])
})

describe('field-of-view = "WxH"', () => {
  const withMode = (width: number, height: number): CameraConfig =>
    moduleCamera(IMX219, { fieldOfView: { width, height } })

  test('selects that mode', () =>
    expect(viewsFor(withMode(3280, 2464), machineWith('0.7.1'))).toMatchObject([
      { step: 'sensor-config', mode: { width: 3280, height: 2464, bitDepth: 10 } },
      { step: 'second-pad', mode: { width: 3280, height: 2464 } },
      { step: 'plain', mode: { width: 640, height: 480 } },
    ]))

  test('a mode that the sensor does not have is a failure that lists those it has', () =>
    expect(viewsOf(withMode(1234, 567), machineWith('0.7.1'))).toMatchObject({
      cause: 'unknown-sensor-mode',
      message: 'The sensor of camera1 has no mode 1234x567.',
      hint: expect.stringContaining('1640x1232 at 41.85, 1920x1080 at 47.57') as string,
    }))

  test('a sensor whose modes are unknown is a failure', () =>
    expect(
      viewsOf(moduleCamera('mira220@54', { fieldOfView: { width: 640, height: 480 } }), machineWith('0.7.1')),
    ).toMatchObject({ cause: 'unknown-sensor-mode', hint: expect.stringContaining('rpicam-apps') as string }))
})

test('the listed modes take precedence over the table', () => {
  const camera = moduleCamera(IMX708)
  const crop = { x: 0, y: 0, width: 4608, height: 2592 }
  const sensor: Sensor = {
    width: 4608,
    height: 2592,
    modes: [{ width: 2304, height: 1296, bitDepth: 10, fps: 30, crop }],
  }
  const machine = machineWith('0.7.1')
  const device = camera.device.kind === 'libcamera' ? camera.device.name : ''
  expect(viewsFor(camera, { ...machine, sensors: new Map([[device, sensor]]) })).toMatchObject([
    { step: 'plain', mode: { width: 2304 } },
  ])
})

test('a camera whose path the kernel changed has the modes that are listed for its tail', () => {
  const sensor: Sensor = { width: 100, height: 100, modes: [] }
  const camera = moduleCamera('imx708@1a')
  const path = '/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a'
  const one = exampleMachine({ sensors: new Map([[path, sensor]]) })
  expect(sensorOf(camera, one)).toBe(sensor)
  const two = exampleMachine({ sensors: new Map([...one.sensors, [`/other${path}`, sensor]]) })
  expect(sensorOf(camera, two)).not.toBe(sensor)
})

test('an unknown sensor, and a camera that is no module, are asked for nothing', () => {
  const machine = machineWith('0.7.1')
  expect(viewsFor(moduleCamera('mira220@54'), machine)).toEqual([
    { step: 'plain', mode: undefined, share: undefined },
  ])
  expect(viewsFor(exampleCamera({ device: { kind: 'v4l2', path: '/dev/video0' } }), machine)).toEqual([])
  expect(viewsFor(exampleCamera(), machine)).toEqual([])
})
