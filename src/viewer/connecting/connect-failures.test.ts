import { expect, test, vi } from 'vitest'
import { ConnectFailures, type FailedSession } from './connect-failures.js'

const log = () => ({ debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() })
const session = (about: Partial<FailedSession> = {}): FailedSession => ({
  id: 'secret',
  camera: 'camera1',
  via: 'websocket',
  client: '192.0.2.5',
  failure: {
    cause: 'no-reply',
    message: 'No reply gets back.',
    hint: 'Check the firewall.',
    parameters: { port: 8189, transports: 'UDP', addresses: '' },
  },
  facts: { checks: 'udp 3, tcp 0' },
  ...about,
})

test('the log has the cause with the facts, and not the secret of the client', () => {
  const lines = log()
  new ConnectFailures(lines).note(session())
  expect(lines.warn).toHaveBeenCalledExactlyOnceWith('viewer could not connect', {
    camera: 'camera1',
    via: 'websocket',
    cause: 'no-reply',
    checks: 'udp 3, tcp 0',
  })
})

test('a page that tries again fills no log, another network is logged at once', () => {
  let nowMs = 0
  const lines = log()
  const failures = new ConnectFailures(lines, () => nowMs)
  for (; nowMs < 60_000; nowMs += 2000) failures.note(session())
  expect(lines.warn).toHaveBeenCalledTimes(1)
  failures.note(session({ client: '192.0.2.6' }))
  failures.note(session())
  expect(lines.warn).toHaveBeenCalledTimes(3)
  expect(failures.counts).toMatchObject({ 'no-reply': 32, 'small-mtu': 0 })
})

test('the latest failures are kept, and the cause of a session', () => {
  const failures = new ConnectFailures(log())
  for (let i = 0; i < 1000; i++) failures.note(session({ id: `session ${i}`, client: `192.0.2.${i % 200}` }))
  expect(failures.recent).toHaveLength(20)
  expect(failures.recent[0]).toMatchObject({ client: '192.0.2.199', camera: 'camera1' })
  expect(JSON.stringify(failures.recent)).not.toContain('session 999')
  expect(failures.of('session 999')?.cause).toBe('no-reply')
  expect(failures.of('session 0')).toBeUndefined()
})
