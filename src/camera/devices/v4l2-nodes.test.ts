import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listV4l2Nodes, nodeKindByName } from './v4l2-nodes.js'

/** A /sys/class/video4linux with these nodes: name, index and the hardware that each belongs to. */
async function sysfs(
  nodes: Record<string, [name: string, index?: string | undefined, hardware?: string]>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'rpi-webrtc-sysfs-'))
  onTestFinished(async () => await rm(root, { recursive: true }))
  const folder = join(root, 'class')
  await mkdir(folder)
  for (const [node, [name, index, hardware]] of Object.entries(nodes)) {
    await mkdir(join(folder, node))
    await writeFile(join(folder, node, 'name'), `${name}\n`)
    if (index !== undefined) await writeFile(join(folder, node, 'index'), `${index}\n`)
    if (hardware === undefined) continue
    await mkdir(join(root, hardware), { recursive: true })
    await symlink(join(root, hardware), join(folder, node, 'device'))
  }
  return folder
}

test('every video node is listed, in the order of the numbers', async () => {
  const root = await sysfs({
    video10: ['USB Camera', '0', 'usb1'],
    video2: ['HDMI capture', '0', 'usb2'],
    video3: ['HDMI capture', '1', 'usb2'],
    vbi0: ['HDMI capture vbi', '0', 'usb2'],
    'v4l-subdev0': ['imx219', undefined, 'csi'],
    video0: ['raw capture', '0', 'csi'],
    radio0: ['tuner'],
  })
  const nodes = await listV4l2Nodes(root)
  expect(nodes.map(({ path }) => path)).toEqual(['/dev/video0', '/dev/video2', '/dev/video3', '/dev/video10'])
  expect(nodes.map(({ hasSubdevices }) => hasSubdevices)).toEqual([true, false, false, false])
  expect(nodes[1]!.parent).toBe(nodes[2]!.parent)
  expect(nodes[2]).toMatchObject({ name: 'HDMI capture', index: '1' })
})

test('a node of which sysfs knows nothing keeps its number as its name', async () => {
  const root = await sysfs({ video0: [''] })
  expect(await listV4l2Nodes(root)).toEqual([
    { path: '/dev/video0', name: 'video0', index: '', parent: undefined, hasSubdevices: false },
  ])
})

test('a machine without V4L2 has no V4L2 devices', async () =>
  expect(await listV4l2Nodes('/nonexistent')).toEqual([]))

test.each([
  ['HD Pro Webcam C920', undefined],
  ['Dummy video device (0x0000)', undefined],
  ['mmal service 16.1', undefined], // the legacy driver of a Pi, which is a camera
  ['bcm2835-codec-decode', 'codec'],
  ['rpi-hevc-dec', 'codec'],
  ['rpivid', 'codec'],
  ['stateful-encoder-source', 'codec'],
  ['bcm2835-isp0-capture0', 'processor'],
  ['pispbe-output0', 'processor'],
  ['rkisp_mainpath', 'processor'],
  ['rkisp1_selfpath', 'processor'],
  ['unicam-image', 'sensor'],
  ['rp1-cfe-csi2_ch0', 'sensor'],
  ['rkcif-mipi-lvds', 'sensor'],
])('the node "%s" is by its name: %s', (name, kind) => expect(nodeKindByName(name)).toBe(kind))
