import { describe, expect, test } from 'vitest'
import { isMetadata, metadataFailure, type NodeFacts } from './metadata-node.js'

/** `v4l2-ctl --info` of a node of a USB camera. */
const info = (own: string): string => `Driver Info:
	Driver name      : uvcvideo
	Card type        : HD Pro Webcam C920
	Capabilities     : 0x84a00001
		Video Capture
		Metadata Capture
		Streaming
	Device Caps      : 0x04a00000
		${own}
		Streaming
		Extended Pix Format
Media Driver Info:
	Driver name      : uvcvideo
`
const BY_ID = '/dev/v4l/by-id/usb-046d_C920-video-index'

/** Four nodes of two cameras: video0 and video1, and a composite camera with video2 and video4. */
const facts = (about: Partial<NodeFacts> = {}): NodeFacts => {
  const files: Record<string, string> = {}
  const links: Record<string, string> = { [`${BY_ID}0`]: '/dev/video0', [`${BY_ID}1`]: '/dev/video1' }
  for (const [node, index, device] of [
    ['video0', 0, 'usb1'],
    ['video1', 1, 'usb1'],
    ['video2', 0, 'usb2'],
    ['video4', 2, 'usb2'],
  ] as const) {
    files[`/sys/class/video4linux/${node}/index`] = `${index}\n`
    links[`/sys/class/video4linux/${node}/device`] = `/sys/devices/${device}`
    links[`/dev/${node}`] = `/dev/${node}`
  }
  return {
    resolve: async (path) => await Promise.resolve(links[path]),
    readText: async (path) => await Promise.resolve(files[path]),
    list: async () => await Promise.resolve(['video0', 'video1', 'video2', 'video4', 'v4l-subdev0']),
    describe: async (node) =>
      await Promise.resolve(info(node === '/dev/video1' ? 'Metadata Capture' : 'Video Capture')),
    ...about,
  }
}

test('only the capabilities of the node itself count', () => {
  expect(isMetadata(info('Metadata Capture'))).toBe(true)
  expect(isMetadata(info('Video Capture'))).toBe(false)
  expect(isMetadata('')).toBe(false)
})

describe('a metadata node', () => {
  test('is refused with the node of the picture, in the same form', async () => {
    expect(await metadataFailure(`${BY_ID}1`, facts())).toEqual({
      cause: 'metadata-node',
      message: `${BY_ID}1 is the metadata node of that camera, and has no picture.`,
      hint: `Write device = "${BY_ID}0".`,
    })
    expect(await metadataFailure('/dev/video1', facts())).toMatchObject({
      hint: 'Write device = "/dev/video0".',
    })
  })

  test('without its camera is refused as well', async () => {
    const alone = facts({ list: async () => await Promise.resolve(['video1']) })
    expect(await metadataFailure('/dev/video1', alone)).toMatchObject({
      hint: '"rpi-webrtc cameras" prints the line to write.',
    })
  })
})

describe('no metadata node', () => {
  test.each(['/dev/video0', `${BY_ID}0`, '/dev/video4', '/dev/video9'])('is %s', async (path) =>
    expect(await metadataFailure(path, facts())).toBeUndefined(),
  )

  test('is assumed without v4l2-ctl: the driver refuses it at the start', async () => {
    const mute = facts({ describe: async () => await Promise.resolve(undefined) })
    expect(await metadataFailure('/dev/video1', mute)).toBeUndefined()
  })

  test('is index 0, and the driver is not asked', async () => {
    const busy = facts({
      describe: async () => await Promise.reject(new Error('asked')),
    })
    expect(await metadataFailure('/dev/video0', busy)).toBeUndefined()
  })
})
