import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../test/support/program.js'
import { ViewerClient } from '../../test/support/viewer-client.js'
import { answerLines } from './child.js'

/**
 * churn-viewers.ts ORIGIN CAMERA: viewers that join, receive some packets and leave. Each line on stdin is one viewer, answered when
 * it has left. In turn they leave by DELETE, by a DTLS close_notify, and without notice.
 */
const [origin, camera] = process.argv.slice(2) as [string, string]
const ENOUGH_PACKETS = 3
const CONNECT_LIMIT_MS = 10_000
const MAX_FAILED = 3
let joined = 0
let failed = 0

/** Retries while slots of viewers that left without notice time out, or while the rate of offers is limited. */
async function offer(body: string): Promise<Response> {
  const headers = { 'content-type': 'application/sdp' }
  let response: Response | undefined
  await until(async () => {
    response = await fetch(`${origin}/${camera}/whep`, { method: 'POST', headers, body })
    return response.status !== 503 && response.status !== 429
  }, 30_000)
  if (!response?.ok) throw new Error(`${response?.status} ${await response?.text()}`)
  return response
}

/** werift's DTLS client may give up when a server repeats its flight, and says nothing. Few viewers may need another attempt. */
async function connects(client: ViewerClient, answer: string): Promise<boolean> {
  const connected = client.connect(answer).then(() => true)
  const isConnected = await Promise.race([connected, sleep(CONNECT_LIMIT_MS, false, { ref: false })])
  if (!isConnected && ++failed > MAX_FAILED)
    throw new Error(`${failed} of ${joined + failed} viewers did not connect`)
  return isConnected
}

async function joinAndLeave(): Promise<void> {
  await using client = await ViewerClient.open()
  const response = await offer(client.offer('vp8'))
  if (!(await connects(client, await response.text()))) return await joinAndLeave()
  await until(() => client.received.length >= ENOUGH_PACKETS, 10_000)
  const way = joined % 3
  if (way === 0) await fetch(new URL(response.headers.get('location')!, response.url), { method: 'DELETE' })
  else if (way === 1) client.closeNotify()
}

await answerLines(async () => {
  await joinAndLeave()
  return ++joined
})
