import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probePort } from './probe-port.js'

async function holdTcp(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

async function holdUdp(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  return socket.address().port
}

test('a TCP port that is held cannot be had', async () =>
  expect(await probePort(await holdTcp(), 'tcp', '127.0.0.1')).toBe('EADDRINUSE'))

test('a UDP port that is held cannot be had', async () =>
  expect(await probePort(await holdUdp(), 'udp', '127.0.0.1')).toBe('EADDRINUSE'))

test('a port that is held on every address cannot be had on one', async () =>
  expect(await probePort(await holdUdp(), 'udp', '0.0.0.0')).toBe('EADDRINUSE'))

test('a port that is free can be had, and is free afterwards', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await once(server.close(), 'close')
  for (const protocol of ['tcp', 'udp', 'tcp', 'udp'] as const)
    expect(await probePort(port, protocol, '127.0.0.1')).toBeUndefined()
})

test('an address that is not of this machine cannot be had', async () => {
  for (const protocol of ['tcp', 'udp'] as const)
    expect(await probePort(0, protocol, '203.0.113.7')).toBe('EADDRNOTAVAIL')
})
