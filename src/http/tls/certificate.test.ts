import { once } from 'node:events'
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { makeCertificate } from '../../../test/support/certificate.js'
import { openListener, openTcp, openWebSocket } from '../../../test/support/listener.js'
import { defaultConfig } from '../../config/parse.js'
import type { Limits } from '../../config/limits.js'
import type { Log } from '../../log.js'
import type { SignallingSocket } from '../../signalling/websocket.js'
import { openCertificate, type CertificateOptions } from './certificate.js'

const waiting = { timeout: 10_000, interval: 20 }

/** A listener with a certificate for "first", whose WebSockets echo messages. */
async function serve(about: Partial<CertificateOptions> = {}, limits: Partial<Limits> = {}) {
  const files = await makeCertificate('first')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const logged: string[] = []
  const note = (message: string): void => void logged.push(message)
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const certificate = await openCertificate(files, { log, quietMs: 50, pollIntervalMs: 3_600_000, ...about })
  onTestFinished(() => certificate[Symbol.dispose]())
  const socketFor = () => (socket: SignallingSocket) =>
    socket.onMessage((text) => socket.send(JSON.stringify({ heard: text })))
  const { port, ...listener } = await openListener({
    certificate,
    socketFor,
    limits: () => ({ ...defaultConfig().limits, ...limits }),
  })
  return { files, logged, port, listener }
}

/** A TLS connection, and the name in the server's certificate. */
async function connectTo(port: number): Promise<TLSSocket & { peer: string }> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return Object.assign(socket, { peer: String(socket.getPeerCertificate().subject.CN) })
}

const peerOf = async (port: number): Promise<string> => {
  const socket = await connectTo(port)
  socket.destroy()
  return socket.peer
}

const ask = async (socket: TLSSocket): Promise<string> => {
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  return ((await once(socket, 'data')) as [Buffer])[0].toString()
}

test('HTTPS and secure WebSocket share a port, and plain HTTP is redirected there', async () => {
  const { port } = await serve()
  expect(await ask(await connectTo(port))).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  const { socket, messages } = await openWebSocket(`wss://127.0.0.1:${port}/ws`, {
    rejectUnauthorized: false,
  })
  socket.send('text')
  await vi.waitFor(() => expect(messages).toEqual([{ heard: 'text' }]))
  const plain = await fetch(`http://127.0.0.1:${port}/camera1/?stats=true`, { redirect: 'manual' })
  expect(plain.status).toBe(308)
  expect(plain.headers.get('location')).toBe(`https://127.0.0.1:${port}/camera1/?stats=true`)
})

test('new connections get a renewed certificate, and open ones stay', async () => {
  const { files, port, logged } = await serve()
  const old = await connectTo(port)
  const { socket, messages } = await openWebSocket(`wss://127.0.0.1:${port}/ws`, {
    rejectUnauthorized: false,
  })
  await files.make('second')
  await vi.waitFor(async () => expect(await peerOf(port)).toBe('second'), waiting)
  expect(old.peer).toBe('first')
  expect(await ask(old)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  socket.send('still here')
  await vi.waitFor(() => expect(messages).toEqual([{ heard: 'still here' }]))
  expect(logged.filter((line) => line === 'the certificate was renewed')).toHaveLength(1)
})

test('a certificate that is renewed by other links, as certbot does, is noticed', async () => {
  const files = await makeCertificate('first')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const live = join(files.folder, 'live')
  await mkdir(live)
  const link = async (to: string, name: string): Promise<void> => {
    await symlink(join(files.folder, to), join(live, `${name}.new`))
    await rename(join(live, `${name}.new`), join(live, name))
  }
  await link('cert.pem', 'fullchain.pem')
  await link('key.pem', 'privkey.pem')
  const paths = { certPath: join(live, 'fullchain.pem'), keyPath: join(live, 'privkey.pem') }
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  using certificate = await openCertificate(paths, { log, quietMs: 50, pollIntervalMs: 3_600_000 })
  const before = certificate.pem()
  await files.make('second', 'cert2.pem', 'key2.pem')
  await link('cert2.pem', 'fullchain.pem')
  await link('key2.pem', 'privkey.pem')
  await vi.waitFor(() => expect(certificate.pem().cert).not.toBe(before.cert), waiting)
})

test('an invalid new certificate is logged once with its reason, and the old one stays in use', async () => {
  const { files, port, logged } = await serve({ pollIntervalMs: 60 })
  await writeFile(files.certPath, 'half a certifi')
  const refusals = () => logged.filter((line) => line.includes('is rejected, the old one stays in use'))
  await vi.waitFor(() => expect(refusals()).toHaveLength(1), waiting)
  expect(refusals()[0]).toContain(`server.tls-cert: ${files.certPath} is not a PEM file`)
  expect(refusals()[0]).not.toContain('\n')
  expect(await peerOf(port)).toBe('first')
  await rm(files.keyPath)
  await vi.waitFor(() => expect(refusals()).toHaveLength(2), waiting) // another reason, told again
  await files.make('third')
  await vi.waitFor(async () => expect(await peerOf(port)).toBe('third'), waiting)
  expect(refusals().length).toBeLessThanOrEqual(3)
})

test('a change that the file system does not tell of is found by looking', async () => {
  const { files, port } = await serve({ quietMs: 3_600_000, pollIntervalMs: 100 })
  await files.make('second')
  await vi.waitFor(async () => expect(await peerOf(port)).toBe('second'), waiting)
})

test('a certificate that cannot be used to begin with ends the start', async () => {
  const files = await makeCertificate('first')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  await expect(openCertificate({ ...files, keyPath: '/nowhere/key.pem' }, { log })).rejects.toThrow(
    'server.tls-key: /nowhere/key.pem does not exist',
  )
})

test.each([
  ['sends nothing', ''],
  ['has sent half a handshake', '\u0016\u0003\u0001\u0002\u0000\u0001'],
  ['speaks plain HTTP', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
])('a TLS listener closes without waiting for a client that %s and never closes', async (_what, text) => {
  const { port, listener } = await serve({}, { headerTimeoutMs: 3_600_000, requestTimeoutMs: 3_600_000 })
  const tcp = await openTcp(port)
  tcp.write(text)
  await peerOf(port) // what came before it was read
  await listener[Symbol.asyncDispose]()
})

test('a TLS handshake that does not go on is let go, and its place is free', async () => {
  const { port } = await serve({}, { headerTimeoutMs: 300, maxConnectionsPerAddress: 2 })
  const silent = [await openTcp(port), await openTcp(port)]
  silent[1]!.write('\x16\x03\x01\x02\x00\x01') // a record that claims more than comes
  const late = await openTcp(port)
  await vi.waitFor(() => expect(late.readableEnded || late.destroyed).toBe(true), waiting)
  await vi.waitFor(
    () => expect(silent.every((one) => one.readableEnded || one.destroyed)).toBe(true),
    waiting,
  )
  expect(await peerOf(port)).toBe('first')
})

test('a connection above the limit gets 503 over TLS too', async () => {
  const { port } = await serve({}, { maxConnectionsPerAddress: 1 })
  await connectTo(port)
  const refused = await connectTo(port)
  refused.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [answer] = (await once(refused, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 .*/)
})

test('a renewed key that every user can read is warned of', async () => {
  const { files, logged } = await serve()
  await files.make('second')
  await chmod(files.keyPath, 0o644)
  await vi.waitFor(() => expect(logged.join('\n')).toContain('can read'), waiting)
  expect(logged).toContain('the certificate was renewed')
  expect(logged.find((line) => line.includes('can read'))).toContain(`sudo chmod 640 ${files.keyPath}`)
})
