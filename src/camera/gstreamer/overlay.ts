import { isExternal } from '../../config/device.js'
import { parseOverlayText, type OverlayText } from '../../config/overlay-text.js'
import type { CameraConfig } from '../../config/types.js'
import type { Machine } from './machine.js'
import { aptInstall } from './packages.js'
import { gstValue } from './syntax.js'

/**
 * The text of `overlay`, to be drawn after the flip, so that it is upright. White with a dark outline, which
 * costs half of a shaded background (bench/overlay.ts). Nothing if the element is missing: video without text is better than none.
 */
export function overlayElements(camera: CameraConfig, machine: Pick<Machine, 'elements'>): string[][] {
  const text = overlayText(camera)
  if (text === undefined || !machine.elements.has(elementFor(text))) return []
  const fontPx = Math.max(12, Math.round(Math.min(camera.width, camera.height) / 20))
  return [
    [
      elementFor(text),
      `${text.hasTime ? 'time-format' : 'text'}=${gstValue(text.markup)}`,
      'halignment=left',
      'valignment=top',
      'line-alignment=left',
      `xpad=${Math.round(fontPx / 2)}`,
      `ypad=${Math.round(fontPx / 2)}`,
      'auto-resize=false', // it follows the width, which is short in a portrait picture
      `font-desc="Sans Bold ${fontPx}px"`,
    ],
  ]
}

const elementFor = ({ hasTime }: OverlayText): string => (hasTime ? 'clockoverlay' : 'textoverlay')

const overlayText = ({ overlay, device }: CameraConfig): OverlayText | undefined =>
  overlay === undefined || overlay === '' || isExternal(device) ? undefined : parseOverlayText(overlay)

/** Why the text is missing, or shows another time than the owner's. */
export function overlayProblem(
  camera: CameraConfig,
  machine: Machine,
): { message: string; hint: string } | undefined {
  const text = overlayText(camera)
  if (text === undefined) return undefined
  const element = elementFor(text)
  if (!machine.elements.has(element))
    return {
      message: `the overlay is not drawn: GStreamer has no ${element}`,
      hint: `${aptInstall([element])}, then restart rpi-webrtc.`,
    }
  const unknownZone = machine.time?.unknownZone
  if (unknownZone === undefined || !text.hasTime) return undefined
  return {
    message: `the overlay shows UTC: the time zone ${unknownZone} is not installed`,
    hint: 'sudo apt install tzdata, then restart rpi-webrtc.',
  }
}
