import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { answerLines } from '../../../bench/load/child.js'
import { until } from '../../support/program.js'
import { ViewerClient } from '../../support/viewer-client.js'

/**
 * joiners.ts ORIGIN UDP_PORT COUNT: a process of its own, for it has more to do than a viewer who looks closely can stand. The
 * first line on stdin lets them all come within a second, the second lets them leave, the third takes every slot once more.
 */
const [origin, udpPort, count] = process.argv.slice(2) as [string, string, string]

export interface Crowd {
  /** How many of each of two cameras play. */
  playing: [number, number]
  /** What the others were told. */
  refusals: string[]
  seconds: number
}

const beginnings = [() => come(Number(count)), leave, () => come(8)]
let joiners: (Joiner & { camera: number })[] = []

await answerLines(async () => await beginnings.shift()!())

async function come(many: number): Promise<Crowd> {
  const beganMs = performance.now()
  joiners = await Promise.all(
    Array.from({ length: many }, async (_, i) => {
      await sleep((i * 1000) / many)
      const camera = 1 + (i % 2)
      return { camera, ...(await (i % 4 < 2 ? byWhep(camera) : bySocket(camera))) }
    }),
  )
  const admitted = joiners.filter(({ refusal }) => refusal === undefined)
  await until(() => admitted.every(({ client }) => client.received.length > 20), 10_000)
  const of = (wanted: number): number => admitted.filter(({ camera }) => camera === wanted).length
  const refusals = joiners.map(({ refusal }) => refusal).filter((refusal) => refusal !== undefined)
  return { playing: [of(1), of(2)], refusals, seconds: (performance.now() - beganMs) / 1000 }
}

async function leave(): Promise<Crowd> {
  for (const joiner of joiners) await joiner.leave()
  return { playing: [0, 0], refusals: [], seconds: 0 }
}

interface Joiner {
  client: ViewerClient
  refusal: string | undefined
  leave: () => Promise<void>
}

async function byWhep(camera: number): Promise<Joiner> {
  const client = await ViewerClient.open()
  const response = await fetch(`${origin}/camera${camera}/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  const body = await response.text()
  const session = new URL(response.headers.get('location') ?? '', response.url)
  const isOver = async (): Promise<boolean> => (await fetch(session, { method: 'PATCH' })).status === 404
  const refusal = response.ok
    ? await follow(client, body, async () => ((await isOver()) ? 'camera-full' : undefined))
    : (JSON.parse(body) as { error: string }).error
  return {
    client,
    refusal,
    leave: async () => {
      if (refusal === undefined) await fetch(session, { method: 'DELETE' })
      await client[Symbol.asyncDispose]()
    },
  }
}

/** Connects until pictures come. @returns what it is told instead, where others connected first. */
async function follow(
  client: ViewerClient,
  answerSdp: string,
  refused: () => Promise<string | undefined>,
): Promise<string | undefined> {
  client.connect(answerSdp).catch(() => {
    // Its session is over, which it is told below.
  })
  let refusal: string | undefined
  await until(async () => {
    if (client.received.length === 0) refusal = await refused()
    return client.received.length > 0 || refusal !== undefined
  }, 15_000)
  return refusal
}

interface FromServer {
  answer?: { sdp: string }
  error?: { code: string }
}

async function bySocket(camera: number): Promise<Joiner> {
  const client = await ViewerClient.open()
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/camera${camera}/ws`)
  let later: string | undefined
  const message = new Promise<FromServer>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as FromServer
      later = message.error?.code
      if (message.answer !== undefined || message.error !== undefined) resolve(message)
    })
  })
  socket.on('open', () => socket.send(JSON.stringify({ offer: { type: 'offer', sdp: client.offer('vp8') } })))
  const { answer, error } = await message
  // The address comes in a message of its own, after the answer; both ways lead to the same port.
  const candidate = `a=candidate:1 1 udp 1 127.0.0.1 ${udpPort} typ host\r\n`
  const refused = async (): Promise<string | undefined> => await Promise.resolve(later)
  const refusal = answer && (await follow(client, answer.sdp + candidate, refused))
  return {
    client,
    refusal: error?.code ?? refusal,
    leave: async () => {
      socket.close()
      await client[Symbol.asyncDispose]()
    },
  }
}
