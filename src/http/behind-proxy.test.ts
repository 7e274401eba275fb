import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { Hono } from 'hono'
import { expect, onTestFinished, test } from 'vitest'
import { openListener, openTcp, openWebSocket, refusedWebSocket } from '../../test/support/listener.js'
import { defaultConfig } from '../config/parse.js'
import { clientOf } from '../lib/client-address.js'
import { createClients } from './connection/clients.js'
import type { ListenOptions } from './listen.js'

const ME = ['127.0.0.1']

/** A listener that answers with the path, the Host and the client it sees. */
async function open(trusted: string[], about: Partial<ListenOptions> = {}, perAddress = 2): Promise<number> {
  const app = new Hono()
  app.all('*', (c) =>
    c.json({ path: c.req.path, host: c.req.header('host'), address: clientOf(c.env).address }),
  )
  const limits = () => ({ ...defaultConfig().limits, maxConnectionsPerAddress: perAddress })
  return (await openListener({ app, limits, clients: createClients(() => trusted), ...about })).port
}

async function get(port: number, headers: Record<string, string> = {}, path = '/') {
  const asked = request({ host: '127.0.0.1', port, path, headers, agent: false })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode,
    json: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>,
  }
}

test('routes see the client of a trusted proxy, and the path without its prefix', async () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, 192.0.2.1', 'x-forwarded-prefix': '/cams' }
  const [trusted, other] = [await open(ME), await open([])]
  expect((await get(trusted, headers, '/cams/health')).json).toMatchObject({
    path: '/health',
    address: '192.0.2.1',
  })
  expect((await get(other, headers, '/cams/health')).json).toMatchObject({
    path: '/cams/health',
    address: '127.0.0.1',
  })
})

test('the zone of an IPv6 address in Host is dropped', async () => {
  const port = await open([])
  expect(await get(port, { host: '[fe80::1%25eth0]:8080' })).toMatchObject({
    status: 200,
    json: { host: '[fe80::1]:8080' },
  })
})

test('connections of a trusted proxy count in total only', async () => {
  const port = await open(ME)
  for (let i = 0; i < 6; i++) await openTcp(port)
  expect((await get(port)).status).toBe(200)
})

test('requests of one client behind a trusted proxy count as its connections, those of others do not', async () => {
  const app = new Hono()
  let release = (): void => {}
  const released = new Promise<void>((resolve) => (release = resolve))
  onTestFinished(() => release())
  app.get('/slow', async (c) => {
    await released
    return c.json({})
  })
  app.get('/', (c) => c.json({}))
  const port = await open(ME, { app })
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const slow = [1, 2].map(async () => await get(port, from('192.0.2.1'), '/slow'))
  await expect.poll(async () => (await get(port, from('192.0.2.1'))).status).toBe(503)
  expect((await get(port, from('192.0.2.1'))).json).toMatchObject({ error: 'too-many-connections' })
  expect((await get(port, from('192.0.2.2'))).status).toBe(200)
  release()
  await Promise.all(slow)
  await expect.poll(async () => (await get(port, from('192.0.2.1'))).status).toBe(200)
})

test('so do its WebSockets', async () => {
  const port = await open(ME, { socketFor: () => () => {} })
  const url = `ws://127.0.0.1:${port}/`
  const headers = { 'x-forwarded-for': '192.0.2.1' }
  const sockets = [await openWebSocket(url, { headers }), await openWebSocket(url, { headers })]
  expect((await refusedWebSocket(url, { headers })).status).toBe(503)
  await openWebSocket(url, { headers: { 'x-forwarded-for': '192.0.2.2' } })
  sockets[0]!.socket.terminate()
  await expect.poll(async () => (await get(port, headers)).status).toBe(200)
})
