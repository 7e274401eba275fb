import { readdir, readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Program } from '../../support/program.js'

/** What the program holds at a moment. */
export interface Sample {
  atMs: number
  /** Resident memory and heap after a garbage collection, in MB. */
  rssMb: number
  heapMb: number
  externalMb: number
  fileDescriptors: number
  timers: number
  handles: number
}

interface Inside {
  heapUsed: number
  external: number
  timers: number
  handles: number
}

/** @param socket where test/stress/soak/inside.mjs tells. */
export async function sample(program: Program, socket: string): Promise<Sample> {
  const inside = JSON.parse(await text(connect(socket))) as Inside
  const status = await readFile(`/proc/${program.pid}/status`, 'utf8')
  const fileDescriptors = (await readdir(`/proc/${program.pid}/fd`)).length
  return {
    atMs: performance.now(),
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024,
    heapMb: inside.heapUsed / 1e6,
    externalMb: inside.external / 1e6,
    fileDescriptors,
    timers: inside.timers,
    handles: inside.handles,
  }
}

/** The values of a family in /metrics, by camera; a sum where it has further labels. */
export async function metric(program: Program, name: string): Promise<Record<string, number>> {
  const answer = await (await fetch(`${program.url}/metrics`)).text()
  const values: Record<string, number> = {}
  for (const [, labels, value] of answer.matchAll(
    new RegExp(`^rpi_webrtc_${name}\\{(.*)\\} (\\S+)$`, 'gm'),
  )) {
    const camera = /camera="(\w+)"/.exec(labels!)![1]!
    values[camera] = (values[camera] ?? 0) + Number(value)
  }
  return values
}

/** Processor time so far, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
