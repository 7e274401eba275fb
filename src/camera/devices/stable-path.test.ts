import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withStablePaths } from './stable-path.js'

/** The folders of udev with these links, each to one of two nodes. */
async function udev(links: { byId: Record<string, string>; byPath: Record<string, string> }) {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'rpi-webrtc-v4l-')))
  onTestFinished(async () => await rm(root, { recursive: true }))
  const [byId, byPath] = [join(root, 'by-id'), join(root, 'by-path')]
  for (const node of ['video0', 'video2']) await writeFile(join(root, node), '')
  for (const [folder, all] of [
    [byId, links.byId],
    [byPath, links.byPath],
  ] as const) {
    await mkdir(folder)
    for (const [name, node] of Object.entries(all)) await symlink(`../${node}`, join(folder, name))
  }
  const camera = (node: string, name: string) => ({ device: join(root, node), name })
  return { byId, byPath, camera, folders: [byId, byPath] }
}

test('a device gets a name that survives a reboot', async () => {
  const { byId, camera, folders } = await udev({
    byId: { 'usb-C920-video-index0': 'video0' },
    byPath: { 'usb-0:1.2-video-index0': 'video0' },
  })
  const devices = [camera('video0', 'C920'), camera('video2', 'HDMI')]
  expect(await withStablePaths(devices, folders)).toEqual([
    { device: join(byId, 'usb-C920-video-index0'), name: 'C920' },
    devices[1],
  ])
})

test('two cameras with the same name get their by-path names', async () => {
  const { byPath, camera, folders } = await udev({
    byId: { 'usb-C270-video-index0': 'video2' },
    byPath: { 'plug-a': 'video0', 'plug-b': 'video2' },
  })
  const devices = await withStablePaths([camera('video0', 'C270'), camera('video2', 'C270')], folders)
  expect(devices.map(({ device }) => device)).toEqual([join(byPath, 'plug-a'), join(byPath, 'plug-b')])
})

test('without udev the device keeps its number', async () => {
  const devices = [{ device: '/dev/video0', name: 'a' }]
  expect(await withStablePaths(devices, ['/nonexistent'])).toEqual(devices)
})
