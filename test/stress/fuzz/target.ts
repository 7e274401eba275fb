import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { freePorts, startProgram, until, type Program } from '../../support/program.js'
import { openHeldFigures } from './held.js'
import { openMeter, type Meter } from './meter.js'
import { openStunServer, type StunServer } from './stun-server.js'
import { rtpPacket, vp8Continuation, vp8Key } from '../../support/rtp.js'
import { ViewerClient, type ClientOptions } from '../../support/viewer-client.js'

/** From the accepted offer to the end of one that never connects, and what a busy machine takes longer. */
const SLOTS_FREE_LIMIT_MS = 25_000
/** Few, so that what they cost the event loop hides nothing of what an input costs it. */
const FRAME_MS = 100
const FRAME_TICKS = 90 * FRAME_MS
const PACKETS_ENOUGH = 20
const MEGABYTE = 1024 * 1024
/**
 * Within the second half of an attack. The first may fill the heap to what so many viewers at once need, which stays (some
 * 230 MB after thousands of offers, and not more after thousands more); what goes on growing is not given back by anybody.
 */
const MOST_GROWTH_MB = 80
const MOST_LOG_BYTES = 2 * MEGABYTE

/** The built program with two cameras whose packets come from here, and what is found out about it. */
export interface Target extends AsyncDisposable {
  readonly program: Program
  /** The same build with name, password and token; started when it is first asked for. */
  readonly locked: () => Promise<Program>
  /** Every input goes through it; there is one meter for each entry point. */
  meter: Meter
  /** Heap and buffers of one of the two, after a garbage collection. */
  heldBytes: (of: Program) => Promise<number>
  /** By codec: sends to the camera's RTP port, from where its packets come. */
  readonly feed: Record<'vp8' | 'h264', (datagram: Buffer) => void>
  readonly findings: string[]
  readonly stunServer: StunServer
  /** Something that must not be. */
  find: (finding: string) => void
  /** Offers by WHEP for a new client, who does nothing yet. */
  admit: (options?: ClientOptions) => Promise<Session>
  /** As `admit`, and connects. */
  join: (options?: ClientOptions) => Promise<Session>
}

export interface Session {
  client: ViewerClient
  leave: () => Promise<void>
}

export const PUBLISHED_CAMERA = 'camera3'
export const WHIP_TOKEN = 'a-token-of-the-camera'
/** A camera that older builds do not know. */
const PUBLISHED = `[${PUBLISHED_CAMERA}]\ndevice = "whip"\nwhip-token = "${WHIP_TOKEN}"\nwebrtc-port = $PORT3\n`

const CAMERAS = { vp8: 'camera1', h264: 'camera2' } as const

/** Of the target, in seconds: long enough for honest clients on a busy machine. */
export const TIMEOUT_S = 5
/** A key that older builds do not know. */
const MESSAGE_TIMEOUT = `message-timeout-seconds = ${TIMEOUT_S}\n`
/** Older builds do not know it either. */
const RTSP = '[rtsp]\nport = $RTSP\n'
/** The attacks come from a trusted proxy, so that what they forward counts. In the table of [server]. */
const TRUSTED = 'trusted-proxies = ["127.0.0.1", "10.0.0.0/8"]\n'

const LIMITS = `[limits]\noffers-per-second = 1000\noffer-burst = 10000\nmax-viewers = 200\nmax-connecting = 200
max-connections-per-address = 1000\nmax-connections = 1000
header-timeout-seconds = ${TIMEOUT_S}\nrequest-timeout-seconds = ${TIMEOUT_S}\nwebsocket-idle-timeout-seconds = ${TIMEOUT_S}\n`

export const LOGIN = { username: 'anna', password: 'correct horse', token: '0123456789abcdef' }
/** It stands in the table of [server]. */
const CREDENTIALS = Object.entries(LOGIN)
  .map(([key, value]) => `${key} = "${value}"\n`)
  .join('')

/** @param main the main.js of another build; this one's unless told. */
export async function openTarget(main?: string): Promise<Target> {
  const rtpPorts = await freePorts(2)
  const figures = await openHeldFigures()
  const stunServer = await openStunServer()
  const cameraTables = `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPorts[0]}"\nwebrtc-port = $PORT1
[camera2]\ndevice = "rtp://127.0.0.1:${rtpPorts[1]}"\nwebrtc-port = $PORT2\ncodec = "h264"
[webrtc]\nudp-port = $UDP\nmax-clients = 100\nstun-server = "${stunServer.uri}"\n${LIMITS}`
  const build = main === undefined ? {} : { main }
  const start = async (tables: string): Promise<Program> =>
    await startProgram({ tables, nodeFlags: figures.nodeFlags, env: figures.env, ...build })
  const program = await start(`${TRUSTED}${cameraTables}${MESSAGE_TIMEOUT}${PUBLISHED}${RTSP}`).catch(
    async () => await start(cameraTables),
  )
  let second: Promise<Program> | undefined
  const locked = async (): Promise<Program> => {
    const [one, other] = await freePorts(2)
    const tables = `${CREDENTIALS}[camera1]\ndevice = "rtp://127.0.0.1:${one}"\nwebrtc-port = $PORT1
[camera2]\ndevice = "rtp://127.0.0.1:${other}"\nwebrtc-port = $PORT2\n[webrtc]\nudp-port = $UDP\n${RTSP}`
    return await (second ??= start(tables))
  }
  const cameras = rtpPorts.map(openCamera)
  const findings: string[] = []
  const find = (finding: string): void => void findings.push(finding)
  const admit = async (options?: ClientOptions): Promise<Session> => {
    const client = await ViewerClient.open(options)
    try {
      const response = await fetch(`${program.url}/${CAMERAS.vp8}/whep`, {
        method: 'POST',
        headers: { 'content-type': 'application/sdp' },
        body: client.offer('vp8'),
      })
      const answer = await response.text()
      if (response.status !== 201) throw new Error(`an honest offer got ${response.status} ${answer}`)
      client.acceptAnswer(answer)
      const session = new URL(response.headers.get('location')!, response.url)
      const leave = async (): Promise<void> => {
        await (await fetch(session, { method: 'DELETE' })).body?.cancel()
        await client[Symbol.asyncDispose]()
      }
      return { client, leave }
    } catch (error) {
      client.vanish()
      throw error
    }
  }
  return {
    program,
    locked,
    meter: await openMeter(program.pid, find),
    heldBytes: async ({ pid }) => await figures.heldBytes(pid),
    feed: { vp8: cameras[0]!.send, h264: cameras[1]!.send },
    stunServer,
    findings,
    find,
    admit,
    join: async (options) => {
      const session = await admit(options)
      await within(
        10_000,
        'connect',
        (async () => {
          await session.client.checkPath()
          await session.client.handshake()
        })(),
      )
      return session
    },
    [Symbol.asyncDispose]: async () => {
      for (const camera of cameras) camera.close()
      await program[Symbol.asyncDispose]()
      stunServer.close()
      await (await second)?.[Symbol.asyncDispose]()
      await figures[Symbol.asyncDispose]()
    },
  }
}

/** A camera's program: keyframes of three packets, for ever. */
function openCamera(port: number) {
  const socket = createSocket('udp4')
  let sequence = 0
  const send = (datagram: Buffer): void => socket.send(datagram, port, '127.0.0.1')
  const timer = setInterval(() => {
    for (const payload of [vp8Key, vp8Continuation, vp8Continuation]) {
      const marker = sequence % 3 === 2
      send(rtpPacket({ sequence, timestamp: Math.floor(sequence / 3) * FRAME_TICKS, marker, payload }))
      sequence++
    }
  }, FRAME_MS)
  return {
    send,
    close: () => {
      clearInterval(timer)
      socket.close()
    },
  }
}

/** What a program is like before and after an attack. */
export interface Condition {
  residentMb: number
  logLength: number
}

export async function conditionOf({ program }: Target): Promise<Condition> {
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8').catch(() => '')
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0)
  return { residentMb: Math.round(kilobytes / 1024), logLength: program.output().length }
}

/** How the finding begins that the program is no more. */
export const EXITED = 'the program ended'
const EXIT_LIMIT_MS = 6000

const sleep = async (ms: number): Promise<undefined> =>
  await new Promise((resolve) => setTimeout(resolve, ms, undefined))

/** What no line of the log may say: the trace of a bug. */
const BUG_IN_LOG =
  /^.*(?:has a bug|no viewer is affected|a request failed|signalling failed|viewer failed|could not be opened|ERROR ).*$/m

/** Lives the program, are its places free, does an honest viewer see the picture, is it no larger and has it nothing to report? */
export async function examine(
  target: Target,
  before: Condition,
  halfway: Condition,
): Promise<Condition & { slots: number }> {
  const { program, find } = target
  const slots = await slotsLeft(target)
  if (slots > 0) find(`${slots} places are still taken after ${SLOTS_FREE_LIMIT_MS} ms`)
  await watchHonestly(target).catch((error: unknown) => find(`an honest viewer: ${String(error)}`))
  // What ended it may have let it close first: nobody says that it lives before somebody has watched.
  await requireAlive(program, find, target.findings.length > 0)
  const after = await conditionOf(target)
  const said = program.output().slice(before.logLength)
  const bug = BUG_IN_LOG.exec(said)
  if (bug !== null) find(`the log says: ${bug[0].slice(0, 2000)}`)
  if (said.length > MOST_LOG_BYTES) find(`the log grew by ${said.length} bytes`)
  if (after.residentMb - halfway.residentMb > MOST_GROWTH_MB)
    find(`the program grew from ${halfway.residentMb} to ${after.residentMb} MB in the second half`)
  return { ...after, slots }
}

/** @param isSuspect whether something speaks for its end, which may be on its way. */
export async function requireAlive(
  program: Program,
  find: Target['find'],
  isSuspect: boolean,
): Promise<void> {
  const gone = await Promise.race([program.exit, sleep(isSuspect ? EXIT_LIMIT_MS : 0)])
  if (gone !== undefined)
    find(`${EXITED} with ${gone.code ?? gone.signal}:\n${program.output().slice(-3000)}`)
}

async function slotsLeft({ program }: Target): Promise<number> {
  let taken = -1
  await until(async () => {
    const { cameras } = await program.health()
    taken = Object.values(cameras).reduce((sum, { viewers }) => sum + viewers, 0)
    return taken === 0
  }, SLOTS_FREE_LIMIT_MS).catch(() => {})
  return taken
}

async function watchHonestly(target: Target): Promise<void> {
  const { client, leave } = await target.join()
  await until(() => client.received.length >= PACKETS_ENOUGH, 10_000)
  await leave()
}

/** @throws Error that says what took longer than `ms`. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
