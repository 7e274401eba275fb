import { join } from 'node:path'
import type { Env } from '../../lib/env.js'
import { VIEW_STEPS, type ViewStep } from '../gstreamer/field-of-view.js'
import { LOW_STEPS, type LowStep } from '../gstreamer/low.js'
import type { Rung } from '../gstreamer/rung.js'

/** What a remembered rung is good for: another version or another configuration is tried from the top. */
export interface FallbackKey {
  /** The device. */
  camera: string
  libcamera: string
  gstreamer: string
  /** Size, frame rate, codec and field of view. */
  settings: string
}

/** A camera that delivers only without some of its settings. */
export interface FallbackEntry extends FallbackKey {
  rung: Rung
  /** The cause of the failure that led to it. */
  because: string
  /** When it first delivered, in milliseconds since 1970. */
  sinceMs: number
}

/** More cameras than a machine has; the oldest entries go first. */
const MAX_ENTRIES = 32
const MAX_TEXT = 300

/** In the folder of systemd's StateDirectory=, else in that of the user (XDG base directories). */
export function fallbackPath(env: Env): string | undefined {
  const [folder] = (env['STATE_DIRECTORY'] ?? '').split(':')
  if (folder) return join(folder, FILE)
  const state = env['XDG_STATE_HOME'] || (env['HOME'] ? join(env['HOME'], '.local/state') : '')
  return state === '' ? undefined : join(state, 'rpi-webrtc', FILE)
}

const FILE = 'fallbacks.json'

/** A damaged file, or one of another release, has no entries. */
export function parseFallbacks(text: string): FallbackEntry[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  const { cameras } = isRecord(value) ? value : {}
  return Array.isArray(cameras) ? cameras.filter(isEntry).slice(-MAX_ENTRIES) : []
}

export const renderFallbacks = (entries: readonly FallbackEntry[]): string =>
  `${JSON.stringify({ cameras: entries.slice(-MAX_ENTRIES) }, undefined, 2)}\n`

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= MAX_TEXT

function isEntry(value: unknown): value is FallbackEntry {
  if (!isRecord(value)) return false
  const { camera, libcamera, gstreamer, settings, because, sinceMs, rung } = value
  return (
    [camera, libcamera, gstreamer, settings, because].every(isText) &&
    Number.isFinite(sinceMs) &&
    isRung(rung)
  )
}

function isRung(value: unknown): value is Rung {
  if (!isRecord(value)) return false
  const { view, dmabufImport, hardware, convert, size, low } = value
  const isSide = (side: unknown): boolean =>
    Number.isInteger(side) && Number(side) >= 16 && Number(side) <= 16_384
  return (
    (view === undefined || VIEW_STEPS.includes(view as ViewStep)) &&
    typeof dmabufImport === 'boolean' &&
    typeof hardware === 'boolean' &&
    (convert === undefined || typeof convert === 'boolean') &&
    (low === undefined || LOW_STEPS.includes(low as LowStep)) &&
    (size === undefined || (isRecord(size) && isSide(size['width']) && isSide(size['height'])))
  )
}
