import { basename, dirname } from 'node:path'
import type { FoundCamera, RefusalReason, RefusedNode } from './found-camera.js'
import type { NodeUse } from './v4l2-capabilities.js'
import type { V4l2Formats } from './v4l2-modes.js'
import { nodeKindByName, type V4l2Node } from './v4l2-nodes.js'
import type { VideoMode } from './video-modes.js'

/** A node and what v4l2-ctl says about it. */
export interface InspectedNode extends V4l2Node {
  isClosed: boolean
  /** undefined if v4l2-ctl is missing or failed. */
  use: NodeUse | undefined
  formats: V4l2Formats | undefined
}

export interface V4l2Cameras {
  cameras: FoundCamera[]
  refused: RefusedNode[]
}

/** Sorts nodes into cameras and the rest. One camera can have several nodes: metadata, H.264, a second picture. */
export function chooseV4l2Cameras(nodes: readonly InspectedNode[]): V4l2Cameras {
  const result: V4l2Cameras = { cameras: [], refused: [] }
  for (const node of nodes) {
    const refusal = refusalOf(node, nodes)
    if (refusal === undefined) result.cameras.push(cameraOf(node))
    else result.refused.push(refusal)
  }
  return result
}

function cameraOf({ path, name, formats }: InspectedNode): FoundCamera {
  const camera: FoundCamera = { kind: 'v4l2', device: path, name, node: path }
  // A list without the sizes of one format would make doctor call a good size wrong.
  const isComplete = formats?.modes.length !== 0 && formats?.unsized.every((format) => format === 'h264')
  return isComplete === true ? { ...camera, modes: formats!.modes } : camera
}

function refusalOf(node: InspectedNode, all: readonly InspectedNode[]): RefusedNode | undefined {
  const pictures = all.filter(
    (other) => other !== node && hardwareOf(other) === hardwareOf(node) && hasPicture(other),
  )
  const picture = pictures[0]
  const refuse = (why: RefusalReason, detail: string, hint: string, modes?: VideoMode[]): RefusedNode => ({
    node: node.path,
    name: node.name,
    why,
    detail,
    hint,
    ...(picture && { picture: picture.path }),
    ...(modes && { modes }),
  })
  const byName = nodeKindByName(node.name)
  if (byName === 'codec' || node.use === 'codec')
    return refuse('codec', 'is a video codec, not a camera', LISTED)
  if (byName === 'processor') return refuse('processor', 'is an image processor, not a camera', LIBCAMERA)
  if (byName === 'sensor' || node.hasSubdevices)
    return refuse('sensor', 'delivers the raw data of a sensor, which needs libcamera', LIBCAMERA)
  if (node.use === undefined && /[^0]/.test(node.index))
    return refuse(
      'metadata',
      'is not the first node of its camera, and most likely carries metadata',
      FIRST_NODE,
    )
  if (node.isClosed) return refuse('closed', 'may not be opened by this user', JOIN_VIDEO)
  switch (node.use) {
    case 'output':
      return refuse('output', 'is a video output, not a camera', LISTED)
    case 'metadata': {
      const hint =
        picture === undefined
          ? FIRST_NODE
          : `Write the node of the picture: ${picture.path}, or its name that ends in -video-index${picture.index}`
      return refuse('metadata', 'carries metadata, not the picture', hint)
    }
    case 'idle-loopback':
      return refuse(
        'idle-loopback',
        'is a loopback device that no program feeds',
        'Start the program that feeds it, then run this again',
      )
    case 'other':
      return refuse('other', 'is not a camera', LISTED)
    case 'capture':
    case undefined:
      break
  }
  if (node.formats === undefined || hasPicture(node)) return undefined
  const { modes, unsized, others } = node.formats
  if (modes.length + unsized.length > 0) {
    // H.264 only. It is a camera of its own unless another node of the camera has the picture too.
    if (picture === undefined) return undefined
    return refuse(
      'second-node',
      `delivers only H.264; ${picture.path} has the picture of the same camera`,
      `Write the name of ${picture.path}, or format = "h264" to use the camera's own H.264`,
      modes,
    )
  }
  return refuse('no-usable-format', ...noUsableFormat(others))
}

/** A USB camera can have several interfaces (`1-1.2:1.0`), each with nodes. */
function hardwareOf({ parent, name }: V4l2Node): string {
  if (parent === undefined) return name
  return /:\d+\.\d+$/.test(basename(parent)) ? dirname(parent) : parent
}

const hasPicture = ({ formats, use }: InspectedNode): boolean =>
  use !== 'metadata' &&
  formats !== undefined &&
  (formats.modes.some(({ format }) => format !== 'h264') ||
    formats.unsized.some((format) => format !== 'h264'))

/** FourCCs of 8 to 16 bit Bayer formats, packed and unpacked, and of the Pi's compressed ones. */
const BAYER =
  /^(?:BA81|GBRG|GRBG|RGGB|BYR2|[aAbp][BGgR][AaCcEe][A-E8]|(?:BG|GB|BA|GR|RG)1[0246]|PC[12][BGgR]M?)$/

function noUsableFormat(others: readonly string[]): [string, string] {
  if (others.length === 0)
    return [
      'lists no video format',
      'If it is a camera or a video grabber, check its cable and its signal, then run this again',
    ]
  const list = others.join(', ')
  if (others.every((code) => BAYER.test(code)))
    return [
      `delivers only raw Bayer data (${list}), which cannot be used through V4L2`,
      'Use the camera through libcamera, if "rpi-webrtc cameras" lists it as a camera module',
    ]
  if (others.some((code) => /^(?:HEVC|H265)$/.test(code)))
    return [
      `delivers only ${list}, and browsers do not play H.265 over WebRTC`,
      'Set the camera to H.264 or MJPEG with its own tool, or use another camera',
    ]
  return [
    `delivers only ${list}, which GStreamer cannot convert`,
    'Have another program convert it and send RTP: device = "rtp://127.0.0.1:PORT"',
  ]
}

const LISTED = '"rpi-webrtc cameras" lists the devices that are cameras'
const LIBCAMERA = 'Write the libcamera name of the camera module: "rpi-webrtc cameras" lists it'
const FIRST_NODE = 'Write the name that ends in -video-index0'
const JOIN_VIDEO = 'sudo usermod -aG video "$USER", then log out and in again'
