import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { discoverCameras, formatCameras, type CameraList } from './discover.js'

interface FakeNode {
  name: string
  index: string
  caps: string
  list?: string
  driver?: string
}

/** What is found on a machine with these nodes, through a program in the place of v4l2-ctl. */
async function found(nodes: Record<string, FakeNode>): Promise<CameraList> {
  const root = await mkdtemp(join(tmpdir(), 'rpi-webrtc-v4l2-'))
  onTestFinished(async () => await rm(root, { recursive: true }))
  const [sys, bin] = [join(root, 'sys'), join(root, 'bin')]
  await mkdir(bin)
  for (const [node, { name, index, caps, list = '', driver = 'uvcvideo' }] of Object.entries(nodes)) {
    await mkdir(join(sys, node), { recursive: true })
    await writeFile(join(sys, node, 'name'), `${name}\n`)
    await writeFile(join(sys, node, 'index'), `${index}\n`)
    await writeFile(
      join(root, node),
      `Driver Info:\n\tDriver name      : ${driver}\n\tDevice Caps      : 0x${caps}\nioctl: VIDIOC_ENUM_FMT\n${list}`,
    )
  }
  const program = join(bin, 'v4l2-ctl')
  await writeFile(program, `#!/bin/sh\nexec /bin/cat "${root}/$(/usr/bin/basename "$2")"\n`)
  await chmod(program, 0o755)
  return await discoverCameras({ PATH: bin }, { sys, dev: join(root, 'dev') })
}

const sizes = (code: string, ...lines: string[]): string =>
  `\t[0]: '${code}' (x)\n` +
  lines
    .map((line) => {
      const [size, ...rates] = line.split(' ')
      return `\t\tSize: Discrete ${size!}\n${rates.map((rate) => `\t\t\tInterval: Discrete 0.033s (${rate} fps)\n`).join('')}`
    })
    .join('')

const [PICTURE, METADATA] = ['04200001', '04a00000']

test('of a composite camera the node with MJPEG is offered, and its H.264 node is named', async () => {
  const name = 'Creality CAM: Creality CAM'
  const { cameras, v4l2Notes: notes = [] } = await found({
    video0: { name, index: '0', caps: PICTURE, list: sizes('H264', '1920x1080 30.000') },
    video1: { name, index: '1', caps: METADATA },
    video2: { name, index: '2', caps: PICTURE, list: sizes('MJPG', '1920x1080 30.000', '1280x720 30.000') },
    video3: { name, index: '3', caps: METADATA },
  })
  expect(cameras).toEqual([
    {
      kind: 'v4l2',
      device: '/dev/video2',
      node: '/dev/video2',
      name,
      modes: [
        { width: 1280, height: 720, rates: [30], format: 'mjpeg' },
        { width: 1920, height: 1080, rates: [30], format: 'mjpeg' },
      ],
    },
  ])
  expect(notes.join('\n')).toMatch(
    /\/dev\/video0 \(Creality CAM.*\) delivers only H\.264; \/dev\/video2 has the picture/,
  )
})

test('loopback devices, a foreign image processor and codecs', async () => {
  const {
    cameras,
    v4l2Notes: notes = [],
    refused,
  } = await found({
    video0: { name: 'OBS Virtual Camera', index: '0', caps: '05208002', driver: 'v4l2 loopback' },
    video1: {
      name: 'Dummy video device (0x0001)',
      index: '0',
      caps: '05200003',
      driver: 'v4l2 loopback',
      list: "\t[0]: 'YU12' (x)\n\t\tSize: Continuous 2x1 - 8192x8192\n",
    },
    video2: { name: 'rkisp_mainpath', index: '0', caps: '04201000', list: sizes('NV12', '1920x1080') },
    video10: { name: 'bcm2835-codec-decode', index: '0', caps: '04204000' },
    video31: { name: 'bcm2835-codec-encode_image', index: '0', caps: '04204000' },
  })
  expect(cameras.map(({ device }) => device)).toEqual(['/dev/video1'])
  expect(notes).toEqual([
    '/dev/video0 (OBS Virtual Camera) is a loopback device that no program feeds. Start the program that feeds it, then run this again.',
  ])
  expect(refused!.map(({ why }) => why)).toEqual(['idle-loopback', 'processor', 'codec', 'codec'])
})

test('a camera whose list fails is offered without its modes', async () => {
  const { cameras } = await found({
    video0: { name: 'Slow one', index: '0', caps: PICTURE, list: sizes('YUYV', '640x480 30.000') },
  })
  expect(cameras).toHaveLength(1)
  const { cameras: unlisted, v4l2Notes: notes = [] } = await discoverUnlisted()
  expect(unlisted).toEqual([{ kind: 'v4l2', device: '/dev/video0', node: '/dev/video0', name: 'Plain' }])
  expect(notes.join('\n')).toContain('v4l2-ctl is not installed. sudo apt install v4l-utils.')
})

async function discoverUnlisted(): Promise<CameraList> {
  const root = await mkdtemp(join(tmpdir(), 'rpi-webrtc-v4l2-'))
  onTestFinished(async () => await rm(root, { recursive: true }))
  await mkdir(join(root, 'sys', 'video0'), { recursive: true })
  await writeFile(join(root, 'sys', 'video0', 'name'), 'Plain\n')
  return await discoverCameras({ PATH: '/nonexistent' }, { sys: join(root, 'sys'), dev: '/nonexistent' })
}

test('missing rights are said, of a USB camera and of camera modules', async () => {
  const root = await mkdtemp(join(tmpdir(), 'rpi-webrtc-v4l2-'))
  onTestFinished(async () => await rm(root, { recursive: true }))
  for (const [node, index] of ['0', '1'].entries()) {
    await mkdir(join(root, 'sys', `video${node}`), { recursive: true })
    await writeFile(join(root, 'sys', `video${node}`, 'name'), 'C920')
    await writeFile(join(root, 'sys', `video${node}`, 'index'), index)
  }
  await mkdir(join(root, 'dev'))
  await writeFile(join(root, 'dev', 'media0'), '')
  const list = await discoverCameras(
    { PATH: '/nonexistent' },
    { sys: join(root, 'sys'), dev: join(root, 'dev'), isForbidden: async () => await Promise.resolve(true) },
  )
  expect(list.cameras).toEqual([])
  expect(list.notes.join('\n')).toContain(
    `This user may not open ${root}/dev/media0, so camera modules cannot be listed. sudo usermod`,
  )
  expect(list.v4l2Notes).toEqual([
    '/dev/video0 (C920) may not be opened by this user. sudo usermod -aG video "$USER", then log out and in again.',
  ])
})

test('an unusable camera is named in the list', async () => {
  const list = await found({
    video0: { name: 'New one', index: '0', caps: PICTURE, list: sizes('HEVC', '1920x1080 30.000') },
  })
  expect(formatCameras(list)).toContain('No camera found.')
  expect(formatCameras(list)).toContain(
    '/dev/video0 (New one) delivers only HEVC, and browsers do not play H.265 over WebRTC.',
  )
})
