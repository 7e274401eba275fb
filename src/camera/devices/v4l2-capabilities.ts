/** What a V4L2 node does, by VIDIOC_QUERYCAP. */
export type NodeUse = 'capture' | 'output' | 'codec' | 'metadata' | 'idle-loopback' | 'other'

/** linux/videodev2.h, V4L2_CAP_...: with one plane and with several. */
const CAPTURE = 0x1 | 0x1000
const OUTPUT = 0x2 | 0x2000
const MEMORY_TO_MEMORY = 0x8000 | 0x4000
const METADATA = 0x0080_0000 | 0x0800_0000

/** @param text the output of `v4l2-ctl -D`. @returns undefined if it has no capabilities in it. */
export function parseNodeUse(text: string): NodeUse | undefined {
  // "Capabilities" are those of all nodes of the device. Kernels before 3.4 have no "Device Caps".
  const hex = (/^\s*Device Caps\s*: 0x([0-9a-f]{8})/m.exec(text) ??
    /^\s*Capabilities\s*: 0x([0-9a-f]{8})/m.exec(text))?.[1]
  if (hex === undefined) return undefined
  const has = (bits: number): boolean => (Number.parseInt(hex, 16) & bits) !== 0
  const isLoopback = /^\s*Driver name\s*: v4l2 ?loopback/m.test(text)
  if (has(CAPTURE) && (isLoopback || !has(MEMORY_TO_MEMORY | OUTPUT))) return 'capture'
  // With exclusive_caps=1 a loopback device captures only while a program feeds it.
  if (isLoopback) return 'idle-loopback'
  if (has(MEMORY_TO_MEMORY) || (has(CAPTURE) && has(OUTPUT))) return 'codec'
  if (has(OUTPUT)) return 'output'
  return has(METADATA) ? 'metadata' : 'other'
}
