import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probePort } from './probe-port.js'

async function bindTcp(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as { port: number }).port
}

async function bindUdp(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  return socket.address().port
}

test('a TCP port in use is reported', async () =>
  expect(await probePort(await bindTcp(), 'tcp', '127.0.0.1')).toBe('EADDRINUSE'))

test('a UDP port in use is reported', async () =>
  expect(await probePort(await bindUdp(), 'udp', '127.0.0.1')).toBe('EADDRINUSE'))

test('a port in use on one address is in use for all addresses', async () =>
  expect(await probePort(await bindUdp(), 'udp', '0.0.0.0')).toBe('EADDRINUSE'))

test('a free port is free afterwards', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await once(server.close(), 'close')
  for (const protocol of ['tcp', 'udp', 'tcp', 'udp'] as const)
    expect(await probePort(port, protocol, '127.0.0.1')).toBeUndefined()
})

test('an address of another machine is reported', async () => {
  for (const protocol of ['tcp', 'udp'] as const)
    expect(await probePort(0, protocol, '203.0.113.7')).toBe('EADDRNOTAVAIL')
})
