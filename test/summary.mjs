// Prints the one line that sums up a run: `rpi-webrtc: N passed, N failed`. Given the exit code of the test command, it counts a
// command that failed without a failed test (format, lint, types, a build) as one failure, and exits with 1 for any.
import { readFileSync } from 'node:fs'

const read = (file) => {
  try {
    return JSON.parse(readFileSync(new URL(`../test-results/${file}`, import.meta.url), 'utf8'))
  } catch {
    return undefined
  }
}

const vitest = [read('vitest.json'), read('interop.json')]
const browser = read('e2e.json')
const sum = (field) => vitest.reduce((total, run) => total + (run?.[field] ?? 0), 0)
const passed = sum('numPassedTests') + (browser?.stats.expected ?? 0)
const failed = sum('numFailedTests') + (browser?.stats.unexpected ?? 0) + (browser?.stats.flaky ?? 0)
const ok = process.argv[2] === '0' && failed === 0 && !vitest.includes(undefined) && browser !== undefined
console.log(`rpi-webrtc: ${passed} passed, ${ok ? 0 : Math.max(1, failed)} failed`)
process.exitCode = ok ? 0 : 1
