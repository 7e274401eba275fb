import { RTCIceGatherer } from 'werift'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { DtlsState } from './internals.js'
import { warmUpDtls } from './dtls-warm-up.js'
import { patchTweetnaclX25519 } from './x25519.js'
import { prepareWerift } from './prepare.js'

vi.mock('./dtls-warm-up.js', { spy: true })
vi.mock('./x25519.js', { spy: true })
beforeEach(() => void vi.resetAllMocks())

const connection = Object.getPrototypeOf(new RTCIceGatherer({}).connection) as object

async function prepare(): Promise<{ fingerprint: string; warnings: string[] }> {
  const warnings: string[] = []
  const fingerprint = await prepareWerift({ warn: (message) => void warnings.push(message) })
  return { fingerprint, warnings }
}

/** The next warm-up handshake succeeds, but its server object is another one. */
const serverBecomes = async (change: (server: DtlsState) => object): Promise<void> => {
  const { warmUpDtls: original } =
    await vi.importActual<typeof import('./dtls-warm-up.js')>('./dtls-warm-up.js')
  vi.mocked(warmUpDtls).mockImplementationOnce(async (...given) => {
    const server = await original(...given)
    return change(server as unknown as DtlsState) as Awaited<ReturnType<typeof original>>
  })
}

test('a werift whose X25519 is not patched is a warning', async () => {
  vi.mocked(patchTweetnaclX25519).mockImplementationOnce(() => {}) // first: the patch of another test would stay
  const { warnings } = await prepare()
  expect(warnings).toEqual([expect.stringContaining('another copy of tweetnacl')])
})

test('werift has every member that we use, and one certificate for the whole process', async () => {
  const { fingerprint, warnings } = await prepare()
  expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i)
  expect(warnings).toEqual([])
  expect((await prepare()).fingerprint).toBe(fingerprint)
})

test('a renamed member of ICE fails the start with its name and the version of werift', async () => {
  const checkComplete = Object.getOwnPropertyDescriptor(connection, 'checkComplete')!
  onTestFinished(() => void Object.defineProperty(connection, 'checkComplete', checkComplete))
  Reflect.deleteProperty(connection, 'checkComplete')
  await expect(prepare()).rejects.toThrow(
    /^werift 0\.\d+\.\d+ does not fit .*: it lacks Connection\.checkComplete \(function\)\. Install/,
  )
})

test('a renamed member of DTLS fails the start too', async () => {
  await serverBecomes(({ cipher, dtls }) => ({
    cipher,
    dtls: { flight: dtls.flight, handshakes: dtls.sortedHandshakeCache },
  }))
  await expect(prepare()).rejects.toThrow('it lacks DtlsServer.dtls.sortedHandshakeCache (array), ')
})

test('a handshake record that does not verify fails the start too', async () => {
  await serverBecomes(({ cipher, dtls }) => ({
    cipher,
    dtls: { flight: dtls.flight, sortedHandshakeCache: dtls.sortedHandshakeCache.slice(1) },
  }))
  await expect(prepare()).rejects.toThrow('does not verify (the client does not have')
})

test('a warm-up handshake that does not complete is a warning, for a slow machine can be the reason', async () => {
  vi.mocked(warmUpDtls).mockResolvedValueOnce(undefined)
  const { warnings } = await prepare()
  expect(warnings).toEqual([expect.stringContaining('did not complete')])
})
