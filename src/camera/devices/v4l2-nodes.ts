import { readdir, readFile, realpath } from 'node:fs/promises'

/** A `/dev/videoN` as sysfs describes it. */
export interface V4l2Node {
  path: string
  name: string
  /** Number among the nodes of one driver instance; a USB camera has its picture on an even one. Empty on old kernels. */
  index: string
  /** The sysfs path of the hardware that the node belongs to; undefined for a node without any. */
  parent: string | undefined
  /** The same hardware has v4l-subdev nodes: a sensor or an image processor that needs a program such as libcamera. */
  hasSubdevices: boolean
}

/** Every `/dev/videoN`, in the order of the numbers. */
export async function listV4l2Nodes(root = '/sys/class/video4linux'): Promise<V4l2Node[]> {
  const entries = await readdir(root).catch(() => [])
  const text = async (path: string): Promise<string> =>
    (await readFile(`${root}/${path}`, 'utf8').catch(() => '')).trim()
  const parentOf = async (entry: string): Promise<string | undefined> =>
    await realpath(`${root}/${entry}/device`).catch(() => undefined)
  const subdevices = entries.filter((entry) => entry.startsWith('v4l-subdev'))
  const withSubdevices = new Set(await Promise.all(subdevices.map(parentOf)))
  const nodes = entries.filter((entry) => /^video\d+$/.test(entry)).sort((a, b) => numberOf(a) - numberOf(b))
  return await Promise.all(
    nodes.map(async (node) => {
      const [name, index, parent] = await Promise.all([
        text(`${node}/name`),
        text(`${node}/index`),
        parentOf(node),
      ])
      const hasSubdevices = parent !== undefined && withSubdevices.has(parent)
      return { path: `/dev/${node}`, name: name || node, index, parent, hasSubdevices }
    }),
  )
}

const numberOf = (node: string): number => Number(node.slice('video'.length))

/** What a node is by its name alone: codecs, image processors and raw sensor nodes of a Raspberry Pi and of other boards. */
export function nodeKindByName(name: string): 'codec' | 'processor' | 'sensor' | undefined {
  if (/^(?:bcm2835-codec|rpi-?hevc|rpivid|hevc_?d)|-(?:enc|dec)\b|stateful-|stateless-/i.test(name))
    return 'codec'
  if (/^(?:bcm2835-isp|pispbe|rkisp)/i.test(name)) return 'processor'
  return /^(?:unicam|rp1-cfe|rkcif|stream_cif)/i.test(name) ? 'sensor' : undefined
}
