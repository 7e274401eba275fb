import { until } from '../../test/support/program.js'
import { ViewerClient } from '../../test/support/viewer-client.js'
import { answerLines } from './child.js'

/**
 * comers.ts ORIGIN CAMERA: viewers who come, see some packets and go. Each line on stdin is one viewer, answered when it is gone.
 * In turn they leave by DELETE, by saying goodbye on the DTLS connection, and without a word.
 */
const [origin, camera] = process.argv.slice(2) as [string, string]
const ENOUGH_PACKETS = 3
let came = 0

/** Who left without a word keeps a slot for a while, and one address may make so many offers: then the next one waits. */
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

async function comeAndGo(): Promise<void> {
  await using client = await ViewerClient.open()
  const response = await offer(client.offer('vp8'))
  await client.connect(await response.text())
  await until(() => client.received.length >= ENOUGH_PACKETS, 10_000)
  const way = came % 3
  if (way === 0) await fetch(new URL(response.headers.get('location')!, response.url), { method: 'DELETE' })
  else if (way === 1) client.closeNotify()
}

await answerLines(async () => {
  await comeAndGo()
  return ++came
})
