import { freePorts, startProgram, until, type Program } from '../../test/support/program.js'
import { startLoad, type Load } from './child.js'
import type { Sent } from './source.js'
import type { Arrived } from './viewers.js'

/** `max-clients` cannot be larger. */
const MOST_VIEWERS_OF_A_CAMERA = 100

/** The program with one camera that receives RTP from `source`, and its connected viewers. More than 100 share several such cameras. */
export interface LoadedProgram extends AsyncDisposable {
  program: Program
  /** Of the cameras; the same packets go to each. */
  rtpPorts: number[]
  source: Load<Sent>
  viewers: Load<Arrived>
}

export async function loadProgram(options: {
  viewers: number
  packetsPerSecond: number
  burstMs: number
  nodeFlags?: string[]
}): Promise<LoadedProgram> {
  const cameras = Math.ceil(options.viewers / MOST_VIEWERS_OF_A_CAMERA)
  const rtpPorts = await freePorts(cameras)
  const tables = rtpPorts.map(
    (port, i) => `[camera${i + 1}]\ndevice = "rtp://127.0.0.1:${port}"\nwebrtc-port = $PORT${i + 1}\n`,
  )
  const program = await startProgram({
    tables: `${tables.join('')}[webrtc]
udp-port = $UDP
max-clients = ${Math.ceil(options.viewers / cameras)}
[limits]
max-viewers = ${options.viewers}
offers-per-second = 1000`,
    ...(options.nodeFlags !== undefined && { nodeFlags: options.nodeFlags }),
  })
  const source = startLoad<Sent>('source.ts', rtpPorts.join(), options.packetsPerSecond, options.burstMs)
  const urls = rtpPorts.map((_, i) => `${program.url}/camera${i + 1}/whep`)
  const viewers = startLoad<Arrived>('viewers.ts', urls.join(), options.viewers)
  await until(async () => (await viewers.ask()).packets > 0, 60_000)
  return {
    program,
    rtpPorts,
    source,
    viewers,
    [Symbol.asyncDispose]: async () => {
      for (const part of [viewers, source, program]) await part[Symbol.asyncDispose]()
    },
  }
}

export const sleep = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms))
