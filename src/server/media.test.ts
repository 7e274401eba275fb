import { expect, test } from 'vitest'
import { silentLog } from '../log.js'
import type { Implementations } from '../http/routes/metrics-facts.js'
import { logImplementations } from './media.js'

function logged(implementations: Implementations, unusable = {}): string[] {
  const lines: string[] = []
  const note = (level: string, message: string, about?: Record<string, unknown>): void =>
    void lines.push([level, message, ...(about === undefined ? [] : [JSON.stringify(about)])].join(' '))
  const log = {
    ...silentLog,
    info: (message: string, about?: Record<string, unknown>) => note('INFO', message, about),
    warn: (message: string, about?: Record<string, unknown>) => note('WARN', message, about),
  }
  logImplementations(implementations, unusable, log)
  return lines
}

test('each fast implementation is a line of the log', () =>
  expect(logged({ srtp: 'simd', udpSend: 'koffi' })).toEqual([
    'INFO SRTP: WebAssembly SIMD',
    'INFO UDP: several packets per system call, through koffi',
  ]))

test('without a library for several packets per system call, the log has the reason', () =>
  expect(logged({ srtp: 'simd', udpSend: 'direct' }, { koffi: 'not installed' })).toEqual([
    'INFO SRTP: WebAssembly SIMD',
    'INFO UDP: one system call per packet, which costs more CPU time {"unusable":{"koffi":"not installed"}}',
  ]))

test('each fallback is a warning', () => {
  const [srtp, , udpSend, ...more] = logged({ srtp: 'openssl', udpSend: 'documented' })
  expect(srtp).toMatch(/^WARN this CPU has no WebAssembly SIMD; SRTP uses OpenSSL/)
  expect(udpSend).toMatch(/^WARN the direct UDP send does not fit this version of Node.js/)
  expect(more).toEqual([])
})
