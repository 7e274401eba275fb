import { vi } from 'vitest'

/** Milliseconds after which a condition is considered false for ever, unless a test names its own limit. */
const PATIENCE_MS = 20_000

// Vitest's limit is 1 s and cannot be configured: on a busy machine that measures the machine, not the program.
const { waitFor, waitUntil } = vi
const patient = (options: number | { timeout?: number; interval?: number } = {}) =>
  typeof options === 'number' ? { timeout: options } : { timeout: PATIENCE_MS, ...options }
vi.waitFor = async (callback, options) => await waitFor(callback, patient(options))
vi.waitUntil = async (callback, options) => await waitUntil(callback, patient(options))
