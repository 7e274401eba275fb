import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import { captureCommand } from './command.js'
import { chooseEncoder } from './encoder.js'

const ports = { rtpPort: 21000, rtcpPort: 21001, feedbackPort: 21002 }
const camera = exampleCamera({
  device: { kind: 'v4l2', path: '/dev/video2' },
  format: 'h264',
  codec: 'h264',
  width: 1280,
  height: 720,
})
const { elements } = exampleMachine()
const command = (without: string[] = []) => {
  const machine = { ...exampleMachine(), elements: new Set([...elements, 'h264parse']) }
  for (const element of without) machine.elements.delete(element)
  return captureCommand({ camera, ports, machine, env: {}, debug: false })
}

test("a camera's own H.264 is packetised without decoding, encoding or a queue that drops frames", () => {
  const line = command()
  if ('cause' in line) throw new Error(line.message)
  expect(line.args.join(' ')).toContain(
    'v4l2src device=/dev/video2 ! video/x-h264,width=1280,height=720,framerate=30/1;',
  )
  expect(line.args.join(' ')).toContain(
    ' ! h264parse config-interval=-1 ! ' +
      'video/x-h264,stream-format=byte-stream,alignment=au ! rtph264pay mtu=1200 pt=96',
  )
  expect(line.args.join(' ')).not.toMatch(/leaky|tee|videoconvert|x264enc|fdsink/)
  expect(line.snapshots).toBe(false)
})

test('a missing h264parse is named with its package', () =>
  expect(command(['h264parse'])).toMatchObject({
    cause: 'missing-plugin',
    hint: 'sudo apt install gstreamer1.0-plugins-bad',
  }))

test('no encoder is needed, and no keyframe is made on demand', () =>
  expect(
    chooseEncoder(camera, exampleMachine({ without: ['x264enc', 'v4l2h264enc', 'openh264enc'] })),
  ).toMatchObject({
    element: 'passthrough',
    keyframesOnDemand: false,
  }))
