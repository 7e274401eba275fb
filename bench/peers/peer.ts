import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { until } from '../../test/support/program.js'

/** A program that sends one RTP stream to its viewers. */
export interface Peer extends AsyncDisposable {
  pid: number
  /** On 127.0.0.1, for VP8. */
  rtpPort: number
  /** Of `peer-viewers.ts`: what viewers watch. */
  viewersOf: ['whep' | 'janus', url: string]
}

/** Starts it, and waits until its HTTP server answers. */
export async function startPeer(
  command: string[],
  { rtpPort, viewersOf }: Pick<Peer, 'rtpPort' | 'viewersOf'>,
): Promise<Peer> {
  const [file, ...words] = command
  const child = spawn(file!, words, { stdio: 'ignore' })
  const peer: Peer = {
    pid: child.pid!,
    rtpPort,
    viewersOf,
    [Symbol.asyncDispose]: async () => await end(child),
  }
  try {
    await until(async () => await answers(viewersOf[1]), 10_000)
    return peer
  } catch (error) {
    await end(child)
    throw error
  }
}

const answers = async (url: string): Promise<boolean> =>
  await fetch(url).then(
    () => true,
    () => false,
  )

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill()
  await gone
}
