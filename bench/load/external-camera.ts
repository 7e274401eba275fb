import { freePorts, startProgram, until, type Program } from '../../test/support/program.js'
import { startLoad, type Load } from './child.js'
import type { Sent } from './source.js'
import type { Arrived } from './viewers.js'

/** The program with one camera that receives RTP from `source`, and its connected viewers. */
export interface LoadedProgram extends AsyncDisposable {
  program: Program
  rtpPort: number
  source: Load<Sent>
  viewers: Load<Arrived>
}

export async function loadProgram(options: {
  viewers: number
  packetsPerSecond: number
  burstMs: number
  nodeFlags?: string[]
}): Promise<LoadedProgram> {
  const [rtpPort] = await freePorts(1)
  const program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1
[webrtc]\nudp-port = $UDP\nmax-clients = ${options.viewers}
[limits]
offers-per-second = 1000`,
    ...(options.nodeFlags !== undefined && { nodeFlags: options.nodeFlags }),
  })
  const source = startLoad<Sent>('source.ts', rtpPort!, options.packetsPerSecond, options.burstMs)
  const viewers = startLoad<Arrived>('viewers.ts', `${program.url}/camera1/whep`, options.viewers)
  await until(async () => (await viewers.ask()).packets > 0, 60_000)
  return {
    program,
    rtpPort: rtpPort!,
    source,
    viewers,
    [Symbol.asyncDispose]: async () => {
      for (const part of [viewers, source, program]) await part[Symbol.asyncDispose]()
    },
  }
}

export const sleep = async (ms: number): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, ms))
