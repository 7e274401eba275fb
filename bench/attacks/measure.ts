import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { freePorts, startProgram, until, type Program } from '../../test/support/program.js'
import { watch, type Watcher } from '../../test/support/watcher.js'
import { startLoad } from '../load/child.js'
import { sleep } from '../load/external-camera.js'
import type { Sent } from '../load/source.js'
import type { Attack, Tally } from './attack.js'

const BEFORE_MS = 5000
const AFTER_MS = 10_000
/** The camera: 30 frames a second of 8 packets. */
const [PACKETS_PER_SECOND, BURST_MS] = [240, 33]
/** The attack itself ends by then, a program that is blocked answers no more, and its sockets are closed. */
const TALLY_AFTER_MS = 500

export interface Settings {
  /** The main.js of the build that is attacked; this one's unless told. */
  main: string | undefined
  nodeFlags: string[]
  seconds: number
}

/** What an honest viewer and the machine see of one attack. */
export interface Measured {
  attack: string
  fps: [before: number, during: number, after: number]
  longestGapMs: number
  /** Of the Node.js process: before, the peak while the attack goes on, 10 s after it. Undefined where it is dead. */
  rssMb: [before: number, peak: number, after: number | undefined]
  /** Of GET /health on a connection of its own, while the attack goes on: how long the event loop lets it wait. */
  healthMs: { median: number; max: number; asked: number }
  /** How it ended within the attack, and after how many seconds; undefined: it lives. */
  died: { how: string; afterS: number } | undefined
  /** The longest time for which the measuring process itself stood still: gaps up to this say nothing. */
  ownLagMs: number
  tally: Tally
}

/** Starts the program anew, lets somebody watch, and attacks. */
export async function measure(attack: Attack, { main, nodeFlags, seconds }: Settings): Promise<Measured> {
  const [rtpPort] = await freePorts(1)
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
    nodeFlags,
    ...(main === undefined ? {} : { main }),
  })
  await using _source = startLoad<Sent>('source.ts', rtpPort!, PACKETS_PER_SECOND, BURST_MS)
  await using watcher = await watch(program.url, 'camera1')
  await until(() => watcher.seen().frames > 30, 20_000)
  await using attacker = startLoad<Tally>('../attacks/attacker.ts', attack.name, program.webPort, seconds)

  const fpsBefore = await framesPerSecond(watcher, BEFORE_MS)
  const rssBefore = await residentMb(program)
  const startedMs = performance.now()
  let died: Measured['died']
  void program.exit.then(({ code, signal }) => {
    died = { how: signal ?? `exit code ${code}`, afterS: Math.round((performance.now() - startedMs) / 1000) }
  })
  const peak = watchPeak(program)
  const health = askHealth(program)
  const ownLag = watchOwnLag()
  await attacker.ask()
  const fpsDuring = await framesPerSecond(watcher, seconds * 1000)
  const { longestGapMs } = watcher.seen()
  const healthMs = health.stop()
  const peakMb = peak.stop()
  const ownLagMs = ownLag.stop()
  const diedWithin = died
  await sleep(TALLY_AFTER_MS)
  const tally = await attacker.ask()
  const fpsAfter = await framesPerSecond(watcher, AFTER_MS)
  return {
    attack: attack.name,
    fps: [fpsBefore, fpsDuring, fpsAfter],
    longestGapMs: Math.round(longestGapMs),
    rssMb: [rssBefore!, peakMb, await residentMb(program)],
    healthMs,
    died: diedWithin ?? died,
    ownLagMs,
    tally,
  }
}

async function framesPerSecond(watcher: Watcher, ms: number): Promise<number> {
  watcher.beginAnew()
  const startedMs = performance.now()
  await sleep(ms)
  return Math.round((watcher.seen().frames * 10_000) / (performance.now() - startedMs)) / 10
}

async function residentMb({ pid }: Program): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kilobytes = /VmRSS:\s+(\d+)/.exec(status)?.[1]
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024)
}

function watchPeak(program: Program): { stop: () => number } {
  let peakMb = 0
  const look = setInterval(() => {
    void residentMb(program).then((mb) => (peakMb = Math.max(peakMb, mb ?? 0)))
  }, 100)
  return {
    stop: () => {
      clearInterval(look)
      return peakMb
    },
  }
}

/** Asks one after the other; what was not answered in the end counts with the time it has waited. */
function askHealth({ webPort }: Program): { stop: () => Measured['healthMs'] } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const times: number[] = []
  let askedAtMs: number | undefined
  let timer: NodeJS.Timeout | undefined
  const ask = (): void => {
    const startedMs = (askedAtMs = performance.now())
    const answered = (): void => {
      times.push(performance.now() - startedMs)
      askedAtMs = undefined
      timer = setTimeout(ask, 50)
    }
    const options = { port: webPort, host: '127.0.0.1', path: '/health', agent, localAddress: '127.0.0.3' }
    get(options, (response) => response.resume().on('end', answered)).on(
      'error',
      () => (askedAtMs = undefined),
    )
  }
  ask()
  return {
    stop: () => {
      clearTimeout(timer)
      if (askedAtMs !== undefined) times.push(performance.now() - askedAtMs)
      agent.destroy()
      times.sort((a, b) => a - b)
      const rounded = (ms: number | undefined): number => Math.round((ms ?? 0) * 10) / 10
      return {
        median: rounded(times[Math.floor(times.length / 2)]),
        max: rounded(times.at(-1)),
        asked: times.length,
      }
    },
  }
}

function watchOwnLag(): { stop: () => number } {
  let last = performance.now()
  let longest = 0
  const look = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 10)
    last = now
  }, 10)
  return {
    stop: () => {
      clearInterval(look)
      return Math.round(longest)
    },
  }
}
