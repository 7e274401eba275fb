import { onTestFinished } from 'vitest'
import { until, type Program } from './program.js'
import { ViewerClient } from './viewer-client.js'

const REPORT_INTERVAL_MS = 500

/** A viewer that reports and checks its path until the test is over; it may have to wait for frames. */
export async function connectViewer(program: Program, camera: string): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  const response = await fetch(`${program.url}/${camera}/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  await client.connect(await response.text())
  const alive = setInterval(() => {
    client.report()
    client.sendRaw(client.check())
  }, REPORT_INTERVAL_MS)
  onTestFinished(async () => {
    clearInterval(alive)
    await client[Symbol.asyncDispose]()
  })
  return client
}

/** The same viewer, once it has frames. */
export async function watchFrames(program: Program, camera: string): Promise<ViewerClient> {
  const client = await connectViewer(program, camera)
  await until(() => client.received.length > 20, 20_000)
  return client
}

/** Sequence numbers that are missing, in the order of arrival. */
export const gaps = ({ received }: ViewerClient): number =>
  received.slice(1).filter(({ sequence }, i) => ((received[i]!.sequence + 1) & 0xffff) !== sequence).length
