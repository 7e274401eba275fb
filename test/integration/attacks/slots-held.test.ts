import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { freePorts, startProgram, type Program } from '../../support/program.js'
import { ViewerClient } from '../../support/viewer-client.js'

const HONEST = '127.0.0.1'
const ROUNDS = 8

interface Ask {
  method?: string
  path: string
  type?: string
  body?: string
}

/** A request from one of this machine's addresses. */
async function ask(
  { webPort }: Program,
  localAddress: string,
  { method = 'POST', path, type = 'application/sdp', body = '' }: Ask,
): Promise<{ status: number; location: string; text: string }> {
  const headers = { 'content-type': type }
  const asked = request({
    host: '127.0.0.1',
    port: webPort,
    localAddress,
    agent: false,
    method,
    path,
    headers,
  })
  asked.end(body)
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode!, location: response.headers.location ?? '', text }
}

async function start(): Promise<Program> {
  const [camera] = await freePorts(1)
  const program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${camera}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

/** Four requests a second that nobody follows up. */
async function attack(program: Program, from: string, offer: string): Promise<void> {
  const bare = { path: '/webrtc', type: 'application/json', body: '{"type":"request"}' }
  const whep = { path: '/camera1/whep', body: offer }
  await Promise.all([bare, bare, bare, whep].map(async (one) => await ask(program, from, one)))
}

/** Watches for a moment. @returns the status of its offer. */
async function visit(program: Program): Promise<number> {
  await using client = await ViewerClient.open()
  const { status, text, location } = await ask(program, HONEST, {
    path: '/camera1/whep',
    body: client.offer('vp8'),
  })
  if (status !== 201) return status
  await client.connect(text)
  const left = await ask(program, HONEST, {
    method: 'DELETE',
    path: new URL(location, `${program.url}/camera1/whep`).pathname,
  })
  expect(left.status).toBe(200)
  return status
}

test.each([
  ['another address', '127.0.0.2'],
  ['its own address, as behind a proxy', HONEST],
])('a viewer is always admitted while four requests a second of %s hold slots', async (_title, attacker) => {
  const program = await start()
  await using blocked = await ViewerClient.open()
  const offer = blocked.offer('vp8')
  await attack(program, attacker, offer)
  // Who shares the address of an attacker is one with it until its first requests have shown that they do not connect.
  if (attacker === HONEST) await sleep(2000)
  const statuses: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const nextRound = sleep(1000)
    await attack(program, attacker, offer)
    statuses.push(await visit(program))
    await nextRound
  }
  expect(statuses).toEqual(Array<number>(ROUNDS).fill(201))
  expect(program.output().match(/viewer joined/g)).toHaveLength(ROUNDS)
})

test('a client whose UDP is blocked, and offers anew every 2 seconds without a goodbye, keeps no other client out', async () => {
  const program = await start()
  await using blocked = await ViewerClient.open()
  const offer = { path: '/camera1/whep', body: blocked.offer('vp8') }
  const statuses: number[] = []
  for (let second = 0; second < 12; second++) {
    const nextSecond = sleep(1000)
    if (second % 2 === 0) expect((await ask(program, HONEST, offer)).status).toBe(201)
    const other = await ask(program, HONEST, offer)
    statuses.push(other.status)
    const session = new URL(other.location, `${program.url}/camera1/whep`).pathname
    expect((await ask(program, HONEST, { method: 'DELETE', path: session })).status).toBe(200)
    await nextSecond
  }
  expect(statuses).toEqual(Array<number>(12).fill(201))
})

test('a client that is killed and comes back every 3 seconds, six times, is not kept out of four slots', async () => {
  const program = await start()
  for (let i = 0; i < 6; i++) {
    const next = sleep(3000)
    const client = await ViewerClient.open()
    const { status, text } = await ask(program, HONEST, { path: '/camera1/whep', body: client.offer('vp8') })
    expect([i, status]).toEqual([i, 201])
    await client.connect(text)
    client.vanish()
    await next
  }
  expect(program.output().match(/viewer joined/g)).toHaveLength(6)
})
