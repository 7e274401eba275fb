import { didYouMean } from '../lib/suggest.js'
import { key } from './key.js'
import { anyValue } from './kinds.js'
import { wrongType } from './values.js'

/** Sound of a camera: the table [cameraN.audio]. */
export interface AudioConfig {
  /** `auto`, `test`, or the name of a capture device of ALSA. */
  device: string
  /** In bit/s. */
  bitrate: number
}

export const AUDIO_KEYS = ['device', 'bitrate'] as const

const DEFAULT_BITRATE = 32_000
/** RFC 6716 section 2.1.1; beyond the maximum speech in mono gains nothing. */
const BITRATE = { min: 6000, max: 128_000 }
const MAX_DEVICE_LENGTH = 200
const EXAMPLE = 'device = "auto"'

/**
 * @param value the table, or `false` for no sound.
 * @throws Error whose message is the rest of a sentence about the key.
 */
export function parseAudio(value: unknown): AudioConfig | undefined {
  if (value === false) return undefined
  if (value === true || typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`has to be a table: write [cameraN.audio] on a line of its own, and ${EXAMPLE} below it`)
  const table = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(table))
    if (!AUDIO_KEYS.some((known) => known === key))
      throw new Error(
        `has the key ${key.slice(0, 40)}, which it does not have${didYouMean(key, AUDIO_KEYS) || `: it may have ${AUDIO_KEYS.join(' and ')}`}`,
      )
  const bitrate = parseBitrate(table['bitrate'])
  if (table['device'] === false) return undefined
  return { device: parseAudioDevice(table['device']), bitrate }
}

export const AUDIO_KEY = key(anyValue('table `[cameraN.audio]`, or `false`', parseAudio), {
  applies: 'live',
  about:
    'Microphone whose sound viewers hear with the picture, see [sound](#sound). Without it there is none. A change restarts only the recording of the sound.',
})

function parseBitrate(value: unknown): number {
  if (value === undefined) return DEFAULT_BITRATE
  const range = `write one from ${BITRATE.min} to ${BITRATE.max}, such as ${DEFAULT_BITRATE}`
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new Error(`has a bitrate that ${wrongType(value, 'a whole number')}: ${range}`)
  if (value < BITRATE.min)
    throw new Error(
      `has bitrate = ${value}, which is too small: it is in bit/s, so ${value >= 6 && value <= 128 ? `write ${value * 1000} for ${value} kbit/s` : range}`,
    )
  if (value > BITRATE.max) throw new Error(`has bitrate = ${value}, which is too large: ${range}`)
  return value
}

/** Whether a name exists only ALSA knows: a microphone that is missing is a state of the camera. */
function parseAudioDevice(value: unknown): string {
  const choices = 'write "auto", a device that "rpi-webrtc cameras" lists such as "hw:CARD=C920", or "test"'
  if (value === undefined) throw new Error(`has no device: ${choices}`)
  if (typeof value !== 'string')
    throw new Error(`has a device that ${wrongType(value, 'text in quotes')}: ${choices}`)
  const shown = JSON.stringify(value.slice(0, 60))
  if (value.length > MAX_DEVICE_LENGTH)
    throw new Error(`has a device that is longer than any name of one: ${choices}`)
  const [, card, device] = /^\/dev\/snd\/pcmC(\d+)D(\d+)[cp]$/.exec(value) ?? []
  if (card !== undefined) throw new Error(`has device = ${shown}: ALSA names it "hw:${card},${device}"`)
  const number = /^(?:hw|card)?[ :=]?(\d+)$/i.exec(value)?.[1]
  if (number !== undefined && !/^hw:\d+$/.test(value))
    throw new Error(`has device = ${shown}: write "hw:${number}" for card ${number}`)
  if (/^test:/.test(value)) throw new Error(`has device = ${shown}: the test sound is "test"`)
  if (/^(?:alsa_input\.|pulse:|pipewire:)/.test(value))
    throw new Error(`has device = ${shown}, a name of PulseAudio: ${choices}`)
  if (!/^[\w:=,.@-]+$/.test(value))
    throw new Error(`has device = ${shown}, which is no name of ALSA: ${choices}`)
  return value
}
