import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerLines } from '../../../bench/load/child.js'
import { seededRandom } from '../../support/viewer-random.js'
import { enter, type Counting, type Leaving } from './viewer.js'

/**
 * crowd.ts ORIGIN UDP_PORT SEED SECONDS: viewers of camera1 and camera2 who come and go at random, ask for pictures and say
 * what makes no sense. The line on stdin is answered when the last of them is gone.
 */
const [origin, udpPort, seed, seconds] = process.argv.slice(2) as [string, string, string, string]
const random = seededRandom(Number(seed))
const oneOf = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!

const COMING_MS = 1200
const STAYING_MS = 9000
/** What is on its way when a viewer goes still counts. */
const LINGERING_MS = 1000
const GONE_LIMIT_MS = 30_000

export interface Counted {
  admitted: Record<string, number>
  received: Record<string, number>
  missing: number
  refusals: Record<string, number>
  leavings: Record<string, number>
  /** Statuses of pictures, and of requests that are wrong. */
  pictures: Record<string, number>
  nonsense: Record<string, number>
  /** Viewers that were sent packets long after they went. */
  neverLeft: number
  failures: string[]
}

const counted: Counted = {
  admitted: {},
  received: {},
  missing: 0,
  refusals: {},
  leavings: {},
  pictures: {},
  nonsense: {},
  neverLeft: 0,
  failures: [],
}
const add = (to: Record<string, number>, key: string | number, by = 1): void => {
  to[key] = (to[key] ?? 0) + by
}

async function visit(stayMs: number): Promise<void> {
  const camera = oneOf(['camera1', 'camera2'])
  const viewer = await enter({ origin, udpPort: Number(udpPort), camera, via: oneOf(['whep', 'websocket']) })
  if ('refusal' in viewer) return add(counted.refusals, viewer.refusal)
  add(counted.admitted, camera)
  await sleep(stayMs)
  const way = oneOf<Leaving>(['goodbye', 'goodbye', 'goodbye', 'close-notify', 'close-notify', 'silence'])
  add(counted.leavings, way)
  await viewer.leave(way)
  await untilGone(viewer)
  add(counted.received, camera, viewer.packets)
  counted.missing += viewer.missing
  viewer.close()
}

async function untilGone(viewer: Counting): Promise<void> {
  const startedMs = performance.now()
  do await sleep(LINGERING_MS)
  while (viewer.isSentTo() && performance.now() - startedMs < GONE_LIMIT_MS)
  if (viewer.isSentTo()) counted.neverLeft++
}

async function requestSnapshot(): Promise<void> {
  const response = await fetch(`${origin}/${oneOf(['camera1', 'camera2'])}/snapshot.jpg`)
  await response.arrayBuffer()
  add(counted.pictures, response.status)
}

/** What a client of another program, a scanner or a mistake would send; each has to be answered as what it is. */
async function talkNonsense(): Promise<void> {
  const post = async (path: string, body: string, type = 'application/sdp') =>
    await fetch(`${origin}${path}`, { method: 'POST', headers: { 'content-type': type }, body })
  const stray = createSocket('udp4')
  stray.send(
    Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256))),
    Number(udpPort),
    '127.0.0.1',
  )
  const response = await oneOf([
    async () => await post('/camera1/whep', 'v=0'),
    async () => await post('/camera9/whep', 'v=0'),
    async () => await post('/camera1/whep', '{}', 'application/json'),
    async () => await fetch(`${origin}/nowhere`),
    async () => await fetch(`${origin}/camera1/whep/nobody`, { method: 'DELETE' }),
  ])()
  await response.arrayBuffer()
  add(counted.nonsense, response.status)
  stray.close()
}

/** Each at its own random times, until the end. */
async function keepDoing(everyMs: number, what: (leftMs: number) => Promise<void>): Promise<void> {
  const underWay = new Set<Promise<void>>()
  for (;;) {
    await sleep(2 * everyMs * random())
    const leftMs = endMs - performance.now()
    if (leftMs <= 0) break
    const one = what(leftMs)
      .catch(
        (error: unknown) =>
          void counted.failures.push(error instanceof Error ? error.message : String(error)),
      )
      .finally(() => underWay.delete(one))
    underWay.add(one)
  }
  await Promise.all(underWay)
}

const endMs = performance.now() + Number(seconds) * 1000
const done = Promise.all([
  keepDoing(COMING_MS, async (leftMs) => await visit(Math.min(leftMs, 2 * STAYING_MS * random()))),
  keepDoing(5000, requestSnapshot),
  keepDoing(3000, talkNonsense),
])
await answerLines(async () => {
  await done
  return counted
})
