import { mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf } from '../../lib/error-message.js'
import type { Log } from '../../log.js'
import type { Rung } from '../gstreamer/rung.js'
import { parseFallbacks, renderFallbacks, type FallbackEntry, type FallbackKey } from './fallback-file.js'

/** Remembers, across restarts of this program, which settings a camera delivers without. */
export interface FallbackMemory {
  recall(key: FallbackKey): FallbackEntry | undefined
  remember(key: FallbackKey, rung: Rung, because: string): void
  forget(key: FallbackKey): void
  /** Resolves when the file is as it should be, or cannot be written. */
  settled(): Promise<void>
}

const MAX_BYTES = 65_536

/** A fallback after silence may have been bad luck, so the full settings get another chance after a week. */
const SILENCE_HOLDS_MS = 7 * 24 * 3_600_000

const SILENT_CAUSES = new Set(['no-first-packet', 'crashed', 'unknown', 'out-of-memory'])

/** Never throws: without a file, or with one that cannot be written, it remembers until the program ends. */
export async function openFallbackMemory(
  path: string | undefined,
  log: Log,
  nowMs: () => number = Date.now,
): Promise<FallbackMemory> {
  let entries = path === undefined ? [] : await read(path)
  let writing = Promise.resolve()

  const save = (): void => {
    if (path === undefined) return
    writing = writing.then(async () => {
      await write(path, renderFallbacks(entries)).catch((error: unknown) =>
        log.debug(`${path} cannot be written: ${messageOf(error)}`),
      )
    })
  }

  const recall = (key: FallbackKey): FallbackEntry | undefined => {
    const found = entries.find((entry) => isSame(entry, key))
    if (found === undefined) return undefined
    const isStale = SILENT_CAUSES.has(found.because) && nowMs() - found.sinceMs > SILENCE_HOLDS_MS
    return isStale ? undefined : found
  }

  return {
    recall,
    remember(key, rung, because) {
      const before = recall(key)
      if (before !== undefined && JSON.stringify(before.rung) === JSON.stringify(rung)) return
      // Of one camera only the newest version and configuration count.
      entries = [
        ...entries.filter(({ camera }) => camera !== key.camera),
        { ...key, rung, because, sinceMs: nowMs() },
      ]
      save()
    },
    forget(key) {
      if (!entries.some((entry) => isSame(entry, key))) return
      entries = entries.filter((entry) => !isSame(entry, key))
      save()
    },
    settled: async () => await writing,
  }
}

/** Remembers nothing. */
export const noMemory: FallbackMemory = {
  recall: () => undefined,
  remember: () => {},
  forget: () => {},
  settled: async () => await Promise.resolve(),
}

const isSame = (one: FallbackKey, other: FallbackKey): boolean =>
  one.camera === other.camera &&
  one.libcamera === other.libcamera &&
  one.gstreamer === other.gstreamer &&
  one.settings === other.settings

async function read(path: string): Promise<FallbackEntry[]> {
  try {
    if ((await stat(path)).size > MAX_BYTES) return []
    return parseFallbacks(await readFile(path, 'utf8'))
  } catch {
    return []
  }
}

/** Replaces the file at once, so that a power cut leaves the old or the new one. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const next = `${path}.new`
  const file = await open(next, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(next, path)
}
