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
/** Until the attacker has closed its sockets. */
const TALLY_AFTER_MS = 500

export interface Settings {
  /** The main.js to attack; undefined for this build. */
  main: string | undefined
  nodeFlags: string[]
  seconds: number
}

/** Effects of an attack on a viewer and on the process. */
export interface Measured {
  attack: string
  fps: [before: number, during: number, after: number]
  longestGapMs: number
  /** RSS before, peak during the attack, and 10 s after it; undefined if the process has died. */
  rssMb: [before: number, peak: number, after: number | undefined]
  /** Response time of GET /health on another connection during the attack. */
  healthMs: { median: number; max: number; asked: number }
  /** Set if the process died. */
  died: { how: string; afterS: number } | undefined
  /** Longest delay of the measuring process itself. Gaps up to this are not significant. */
  ownLagMs: number
  tally: Tally
}

/** Starts the program and a viewer, and attacks. */
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
  watcher.restart()
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
  const timer = setInterval(() => {
    void residentMb(program).then((mb) => (peakMb = Math.max(peakMb, mb ?? 0)))
  }, 100)
  return {
    stop: () => {
      clearInterval(timer)
      return peakMb
    },
  }
}

/** Sends one request at a time. A pending one counts with the time it has waited. */
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
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 10)
    last = now
  }, 10)
  return {
    stop: () => {
      clearInterval(timer)
      return Math.round(longest)
    },
  }
}
