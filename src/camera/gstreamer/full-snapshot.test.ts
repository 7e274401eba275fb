import { expect, test } from 'vitest'
import { exampleCamera, exampleMachine } from '../../../test/fakes/examples.js'
import type { CameraConfig } from '../../config/types.js'
import { fullSnapshotCommand, type FullSize } from './full-snapshot.js'

function commandFor(
  about: Partial<CameraConfig>,
  size: FullSize,
  machine = exampleMachine({ setpriv: false }),
) {
  const command = fullSnapshotCommand({ camera: exampleCamera(about), size, machine, env: {}, debug: false })
  return 'cause' in command ? command : { line: command.args.join(' '), snapshots: command.snapshots }
}

test('a camera module delivers its full size, flipped, as JPEG on the snapshot socket, and nothing else', () => {
  const device = { kind: 'libcamera', name: '/base/imx708@1a' } as const
  const size = { width: 4608, height: 2592, fps: 14 }
  const command = commandFor({ device, flipMethod: 'rotate-180', overlay: '%H:%M' }, size)
  expect(command).toMatchObject({ snapshots: true })
  expect((command as { line: string }).line).toMatch(
    /libcamerasrc .*width=4608,height=2592,framerate=10\/1.* ! queue .*videoflip video-direction=180 ! clockoverlay .* ! jpegenc quality=90 ! gdppay ! fdsink fd=3 sync=false async=false$/,
  )
  expect((command as { line: string }).line).not.toMatch(/udpsink|rtpsession|x264enc|fdsrc/)
})

test('a USB camera delivers the format of its largest mode, at a rate that it has', () => {
  const device = { kind: 'v4l2', path: '/dev/video0' } as const
  const size = { width: 1920, height: 1080, fps: 30, format: 'mjpeg' } as const
  expect(commandFor({ device, format: 'raw' }, size)).toMatchObject({
    line: expect.stringContaining(
      'v4l2src device=/dev/video0 ! image/jpeg,width=1920,height=1080,framerate=30/1;',
    ) as string,
  })
})

test('a missing element is reported with its package', () =>
  expect(
    commandFor({}, { width: 640, height: 480, fps: 30 }, exampleMachine({ without: ['gdppay'] })),
  ).toMatchObject({ cause: 'missing-plugin', hint: 'sudo apt install gstreamer1.0-plugins-bad' }))
