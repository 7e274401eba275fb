import { readdir, readFile } from 'node:fs/promises'
import type { FoundCamera } from './found-camera.js'

export async function listV4l2(root = '/sys/class/video4linux'): Promise<FoundCamera[]> {
  const nodes = (await readdir(root).catch(() => [])).filter((node) => /^video\d+$/.test(node))
  const read = async (path: string): Promise<string> =>
    (await readFile(`${root}/${path}`, 'utf8').catch(() => '')).trim()
  const found = await Promise.all(
    nodes.map(async (node) => ({
      node,
      name: await read(`${node}/name`),
      index: await read(`${node}/index`),
    })),
  )
  return found
    .filter(({ name, index }) => isCaptureDevice(name, index))
    .sort((a, b) => nodeNumber(a.node) - nodeNumber(b.node))
    .map(({ node, name }) => ({ kind: 'v4l2', device: `/dev/${node}`, name: name || node }))
}

/**
 * Excludes a Raspberry Pi's codecs, image processors and raw sensor nodes, and the second node of a USB camera, which
 * carries metadata.
 */
export const isCaptureDevice = (name: string, index: string): boolean =>
  (index === '0' || index === '') &&
  !/^(?:bcm2835-(?:codec|isp)|unicam|rp1-cfe|pispbe|rpi-?hevc|rpivid|hevc_?d)|-(?:enc|dec)\b|stateful-|stateless-/i.test(
    name,
  )

const nodeNumber = (node: string): number => Number(node.slice('video'.length))
