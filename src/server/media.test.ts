import { expect, test } from 'vitest'
import { silentLog } from '../log.js'
import type { Implementations } from '../http/routes/metrics-facts.js'
import { logImplementations } from './media.js'

function logged(implementations: Implementations): string[] {
  const lines: string[] = []
  const log = {
    ...silentLog,
    info: (message: string) => void lines.push(`INFO ${message}`),
    warn: (message: string) => void lines.push(`WARN ${message}`),
  }
  logImplementations(implementations, log)
  return lines
}

test('the fast implementations are one line of the log', () =>
  expect(logged({ srtp: 'simd', udpSend: 'direct' })).toEqual(['INFO SRTP: WebAssembly SIMD']))

test('each fallback is a warning', () => {
  const [srtp, udpSend, ...more] = logged({ srtp: 'openssl', udpSend: 'documented' })
  expect(srtp).toMatch(/^WARN this CPU has no WebAssembly SIMD; SRTP uses OpenSSL/)
  expect(udpSend).toMatch(/^WARN the direct UDP send does not fit this version of Node.js/)
  expect(more).toEqual([])
})
