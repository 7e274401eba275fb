import { MAX_OVERLAY_BYTES, parseOverlayText } from './overlay-text.js'
import { isIP } from 'node:net'
import { didYouMean } from '../lib/suggest.js'

/** A value as the file would have it, at most one line long. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Date) return 'a date'
  if (typeof value === 'bigint') return 'a number of more than 15 digits'
  if (typeof value === 'object' && value !== null) return 'a table'
  if (value === Infinity || value === -Infinity) return value > 0 ? 'inf' : '-inf'
  if (typeof value !== 'string') return String(value)
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value)
}

type Wanted = 'a whole number' | 'a number' | 'text in quotes' | 'a list' | 'a table' | 'true or false'

export function wrongType(value: unknown, wanted: Wanted): string {
  if (wanted === 'a whole number' && typeof value === 'string') {
    const number = /^\s*\d+(?=\s*[a-z%/]*\s*$)/i.exec(value)?.[0].trim()
    return number === undefined
      ? 'is text, but has to be a whole number'
      : `is text: write ${number} without quotes or unit`
  }
  if (wanted === 'text in quotes' && ['number', 'boolean'].includes(typeof value)) {
    return `has to be text: write it in quotes, "${shown(value)}"`
  }
  if (wanted === 'true or false') {
    const no = ['false', 'no', 'off', '0'].includes(String(value).toLowerCase())
    const yes = ['true', 'yes', 'on', '1'].includes(String(value).toLowerCase())
    if (no || yes) return `has to be ${wanted}: write ${yes} without quotes`
  }
  if (wanted === 'a list' && typeof value === 'string') return `has to be a list: write [${shown(value)}]`
  return `has to be ${wanted}`
}

export const notOneOf = (value: unknown, what: string, words: readonly string[]): string =>
  typeof value === 'string'
    ? `is not ${what}${didYouMean(value, words) || `: write ${listed(words)}`}`
    : wrongType(value, 'text in quotes')

const listed = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`

// Each parser below throws an Error whose message is the rest of a sentence that begins with the value.

export const MAX_NAME_LENGTH = 60

/** Of a camera or of the site. */
export function parseDisplayName(text: string): string {
  if (text.trim() === '') throw new Error('is empty: write a name or delete the line')
  if (/\p{Cc}/u.test(text))
    throw new Error('has a control character or a line break in it: write it in one line')
  if (text.length > MAX_NAME_LENGTH)
    throw new Error(`has ${text.length} characters: at most ${MAX_NAME_LENGTH} fit the page`)
  return text.trim()
}

export function parseBindAddress(text: string): string {
  if (isIP(text) !== 0) return text
  if (text === 'localhost') throw new Error('is a name: write "127.0.0.1"')
  if (text === '' || text === '*') throw new Error('is not an IP address: "::" listens on all of them')
  throw new Error('is not an IP address: "::" listens on all, "127.0.0.1" only on this machine')
}

/** An absolute path of a camera tuning file. */
export function parseTuningFile(text: string): string {
  if (!text.startsWith('/') || !text.endsWith('.json') || /\p{Cc}/u.test(text))
    throw new Error(
      'is no tuning file: write its absolute path, such as "/usr/share/libcamera/ipa/rpi/vc4/imx219_noir.json"',
    )
  return text
}

const MAX_OVERLAY_LENGTH = 200

/** Text with strftime(3) conversions. */
export function parseOverlay(text: string): string | undefined {
  if (text === '') return undefined
  if (/\p{Cc}/u.test(text))
    throw new Error('has a control character or a line break in it: write it in one line')
  if (text.length > MAX_OVERLAY_LENGTH)
    throw new Error(`has ${text.length} characters: write at most ${MAX_OVERLAY_LENGTH}`)
  const { maxBytes } = parseOverlayText(text)
  if (maxBytes > MAX_OVERLAY_BYTES)
    throw new Error(`can become ${maxBytes} bytes long: write a text of at most ${MAX_OVERLAY_BYTES} bytes`)
  return text
}

/** An address to offer to browsers. */
export function parseReachableAddress(text: string): string {
  if (text === '') throw new Error('is empty: write an address such as "192.168.1.20" or delete the line')
  if (isIP(text) === 0) throw new Error('is not an IP address: write one such as "192.168.1.20"')
  if (text === '0.0.0.0' || text === '::')
    throw new Error('is not an address that a browser can reach: write one such as "192.168.1.20"')
  return text
}

/** RFC 7064 section 3.2. */
const STUN_PORT = 3478

/** @returns `stun:host:port` (RFC 7064), undefined for "". GStreamer's `stun://host:port` is accepted too. */
export function parseStunServer(text: string): string | undefined {
  if (text === '') return undefined
  if (/^(turns?|stuns):/i.test(text))
    throw new Error(
      `is not a STUN server over UDP: write "stun:HOST:PORT", and a TURN server as webrtc.turn-servers`,
    )
  const match =
    /^(stun:(?:\/\/)?)?(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)(?::(\d{1,5}))?$/i.exec(text)
  if (match === null) throw new Error('is not a STUN server: write "stun:HOST:PORT", or "" for none')
  const [, scheme, host = '', port = String(STUN_PORT)] = match
  if (scheme === undefined) throw new Error(`has no scheme: write "stun:${text}"`)
  if (host.startsWith('[') && isIP(host.slice(1, -1)) !== 6)
    throw new Error(`has no IPv6 address in its brackets`)
  if (Number(port) < 1 || Number(port) > 65535) throw new Error(`has port ${port}: ports go from 1 to 65535`)
  return `stun:${host}:${Number(port)}`
}

/** bit/s: the range of the Pi's encoder, in steps of 25,000. */
export const BITRATE = { min: 25_000, max: 25_000_000 } as const

/** Other programs count in kbit/s or Mbit/s. */
export function bitrateHint(value: number): string {
  if (value < 1) return 'write for example 2000000 for 2 Mbit/s'
  const unit =
    value * 1_000_000 <= BITRATE.max ? (['Mbit/s', 1_000_000] as const) : (['kbit/s', 1_000] as const)
  return `write ${Math.round(value * unit[1])} for ${value} ${unit[0]}`
}

/** `2M`, `2000k`, `2000kbps`. */
export function aboutBitrateText(value: unknown): string | undefined {
  const match = typeof value === 'string' ? /^\s*(\d+(?:\.\d+)?)\s*([km])/i.exec(value) : null
  if (match === null) return undefined
  const factor = match[2]!.toLowerCase() === 'k' ? 1000 : 1_000_000
  return `is text with a unit: write ${Math.round(Number(match[1]) * factor)}, in bit/s`
}
