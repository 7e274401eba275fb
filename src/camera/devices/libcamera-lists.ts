import type { FoundCamera } from './found-camera.js'
import { parseRpicamModes } from './video-modes.js'

/** `cam -l`: `1: 'imx219' (/base/soc/i2c0mux/i2c@1/imx219@10)`. */
export function parseCam(text: string): FoundCamera[] {
  const found = Array.from(text.matchAll(/^\d+: (.*?)\s*\(([^()\n]+)\)$/gm), ([, label, device]) =>
    libcamera(device!, label!.replaceAll("'", '')),
  )
  return found.filter(isModule)
}

/** `rpicam-hello --list-cameras`: `0 : imx219 [3280x2464 10-bit RGGB] (/base/...)`, then its modes. */
export function parseRpicam(text: string): FoundCamera[] {
  const found = Array.from(
    text.matchAll(/^\d+ : (\S+).*?\(([^()\n]+)\)$((?:\n[ \t].*)*)/gm),
    ([, label, device, below]) => {
      const modes = parseRpicamModes(below!)
      return { ...libcamera(device!, label!), ...(modes.length === 0 ? {} : { modes }) }
    },
  )
  return found.filter(isModule)
}

/** `gst-device-monitor-1.0`: the last line of each device is a command, with `libcamerasrc camera-name=...`. */
export function parseDeviceMonitor(text: string): FoundCamera[] {
  const found = Array.from(
    text.matchAll(/libcamerasrc camera-name=("(?:[^"\\]|\\.)*"|\S+)/g),
    ([, quoted]) => {
      const device = quoted!.replaceAll(/^"|"$/g, '').replaceAll(/\\(.)/g, '$1')
      return libcamera(device, /([^/@]+)(?:@[^/]*)?$/.exec(device)?.[1] ?? device)
    },
  )
  return found.filter(isModule)
}

const libcamera = (device: string, name: string): FoundCamera => ({
  kind: 'libcamera',
  device,
  name: name || device,
})

/** libcamera also lists USB cameras (the name ends in vendor:product), but cannot convert their frames. */
const isModule = ({ device }: FoundCamera): boolean => !/-[0-9a-f]{4}:[0-9a-f]{4}$/i.test(device)
