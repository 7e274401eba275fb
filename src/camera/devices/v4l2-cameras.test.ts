import { describe, expect, test } from 'vitest'
import { chooseV4l2Cameras, type InspectedNode } from './v4l2-cameras.js'
import { parseV4l2Formats } from './v4l2-modes.js'

const YUYV =
  "\t[0]: 'YUYV' (YUYV 4:2:2)\n\t\tSize: Discrete 640x480\n\t\t\tInterval: Discrete 0.033s (30.000 fps)\n"
const MJPG = YUYV.replace('YUYV', 'MJPG')
const H264 = YUYV.replace('YUYV', 'H264')
const HEVC = YUYV.replace('YUYV', 'HEVC')
const GREY = YUYV.replace('YUYV', 'GREY')
const BAYER = YUYV.replace('YUYV', 'BA81')

const node = (path: string, list: string | undefined, about: Partial<InspectedNode> = {}): InspectedNode => ({
  path,
  name: 'Some camera',
  index: '0',
  parent: '/sys/devices/usb1/1-1/1-1:1.0',
  hasSubdevices: false,
  isClosed: false,
  use: list === undefined ? undefined : 'capture',
  formats: list === undefined ? undefined : parseV4l2Formats(list),
  ...about,
})
const metadata = (path: string, about: Partial<InspectedNode> = {}): InspectedNode =>
  node(path, '', { use: 'metadata', index: '1', ...about })
const devices = (nodes: InspectedNode[]): string[] =>
  chooseV4l2Cameras(nodes).cameras.map(({ device }) => device)
const refusal = (nodes: InspectedNode[], path: string) =>
  chooseV4l2Cameras(nodes).refused.find((one) => one.node === path)

describe('a camera with several nodes', () => {
  test('has its picture on the first and metadata on the second one', () => {
    const nodes = [node('/dev/video0', MJPG), metadata('/dev/video1')]
    expect(devices(nodes)).toEqual(['/dev/video0'])
    expect(refusal(nodes, '/dev/video1')).toMatchObject({
      why: 'metadata',
      detail: 'carries metadata, not the picture',
      hint: 'Write the node of the picture: /dev/video0, or its name that ends in -video-index0',
    })
  })

  test('is offered by the node with MJPEG if its first one has H.264 and HEVC only', () => {
    const nodes = [
      node('/dev/video0', H264 + HEVC, { name: 'Creality CAM: Creality CAM' }),
      metadata('/dev/video1', { name: 'Creality CAM: Creality CAM' }),
      node('/dev/video2', MJPG, { name: 'Creality CAM: Creality CAM', index: '2' }),
      metadata('/dev/video3', { name: 'Creality CAM: Creality CAM', index: '3' }),
    ]
    expect(devices(nodes)).toEqual(['/dev/video2'])
    expect(refusal(nodes, '/dev/video0')).toMatchObject({ why: 'second-node', modes: [{ format: 'h264' }] })
    expect(refusal(nodes, '/dev/video3')!.hint).toContain('/dev/video2')
  })

  test('can have them on two interfaces of one USB device', () => {
    const nodes = [
      node('/dev/video0', MJPG),
      node('/dev/video2', H264, { parent: '/sys/devices/usb1/1-1/1-1:1.2' }),
    ]
    expect(devices(nodes)).toEqual(['/dev/video0'])
  })

  test('can be recognised by its name where sysfs has no device', () => {
    const nodes = [
      node('/dev/video0', H264, { parent: undefined }),
      node('/dev/video2', MJPG, { parent: undefined, index: '2' }),
    ]
    expect(devices(nodes)).toEqual(['/dev/video2'])
  })

  test('that each have a picture is offered by all of them, like a card with four inputs', () => {
    const nodes = ['0', '1', '2'].map((index) => node(`/dev/video${index}`, YUYV, { index }))
    expect(devices(nodes)).toHaveLength(3)
  })

  test('next to another camera with H.264 only leaves that one alone', () => {
    const nodes = [
      node('/dev/video0', MJPG),
      node('/dev/video2', H264, { parent: '/sys/devices/usb1/1-2/1-2:1.0' }),
    ]
    expect(devices(nodes)).toEqual(['/dev/video0', '/dev/video2'])
  })
})

describe('a format', () => {
  test.each([
    ['H.264 only is a camera', H264, [{ format: 'h264' }]],
    ['H.264 and HEVC is a camera by its H.264', H264 + HEVC, [{ format: 'h264' }]],
    ['grey only is a camera', GREY, [{ format: 'raw' }]],
  ])('%s', (_what, list, modes) =>
    expect(chooseV4l2Cameras([node('/dev/video0', list)]).cameras).toMatchObject([{ modes }]),
  )

  test.each([
    ['HEVC', HEVC, /^delivers only HEVC, and browsers do not play H\.265/],
    ['Bayer', BAYER, /^delivers only raw Bayer data \(BA81\), which cannot be used through V4L2/],
    ['10 bit grey', YUYV.replace('YUYV', 'Y10 '), /^delivers only Y10, which GStreamer cannot convert/],
    ['none', '', /^lists no video format/],
  ])('%s only is named as not usable', (_what, list, detail) => {
    const nodes = [node('/dev/video0', list)]
    expect(devices(nodes)).toEqual([])
    expect(refusal(nodes, '/dev/video0')).toMatchObject({
      why: 'no-usable-format',
      detail: expect.stringMatching(detail) as string,
    })
  })

  test('whose sizes are not listed leaves the sizes open', () =>
    expect(chooseV4l2Cameras([node('/dev/video0', "\t[0]: 'YUYV' (x)\n")]).cameras).toEqual([
      { kind: 'v4l2', device: '/dev/video0', name: 'Some camera', node: '/dev/video0' },
    ]))
})

describe('a node that is no camera', () => {
  test.each([
    ['an encoder by its capabilities', { use: 'codec' as const }, 'codec'],
    ['an encoder by its name', { name: 'bcm2835-codec-encode' }, 'codec'],
    ['an output', { use: 'output' as const }, 'output'],
    ['an idle loopback device', { use: 'idle-loopback' as const }, 'idle-loopback'],
    ['a sensor of a Pi', { name: 'unicam-image' }, 'sensor'],
    [
      'a raw node next to subdevices, whatever its name',
      { name: 'Raw Capture 0', hasSubdevices: true },
      'sensor',
    ],
    ['an image processor of another board', { name: 'rkisp_mainpath', hasSubdevices: true }, 'processor'],
    ['one that this user may not open', { isClosed: true, use: undefined, formats: undefined }, 'closed'],
    ['a VBI node', { use: 'other' as const }, 'other'],
  ])('is %s', (_what, about, why) => {
    const nodes = [node('/dev/video0', YUYV, about)]
    expect(devices(nodes)).toEqual([])
    expect(refusal(nodes, '/dev/video0')!.why).toBe(why)
  })

  test('without v4l2-ctl is every node but the first of a camera', () => {
    const nodes = [
      node('/dev/video0', undefined),
      node('/dev/video1', undefined, { index: '1' }),
      node('/dev/video2', undefined, { index: '' }),
    ]
    expect(devices(nodes)).toEqual(['/dev/video0', '/dev/video2'])
    expect(refusal(nodes, '/dev/video1')!.hint).toBe('Write the name that ends in -video-index0')
  })
})
