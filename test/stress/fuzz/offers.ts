import { WebSocket } from 'ws'
import { fluiddOffer, mainsailOffer, octoprintOffer } from '../../compat/offers.js'
import { offers as byClient } from '../../support/viewer-offers.js'
import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import { filledText, mutateBytes, mutateText } from './mutate.js'
import type { Unit } from './meter.js'
import { within, type Target } from './target.js'

const OFFERS = [...Object.values(byClient), mainsailOffer, fluiddOffer, octoprintOffer]
const AT_ONCE = 8
const ANSWER_LIMIT_MS = 5000

type Client =
  | 'whep'
  | 'camera-streamer'
  | 'answer'
  | 'go2rtc'
  | 'go2rtc-json'
  | 'go2rtc-form'
  | 'websocket'
  | 'go2rtc-socket'
const CLIENTS: Client[] = [
  'whep',
  'camera-streamer',
  'answer',
  'go2rtc',
  'go2rtc-json',
  'go2rtc-form',
  'websocket',
  'go2rtc-socket',
]

/** Longer ones are refused without a look. */
const MOST_OFFER_BYTES = 64 * 1024

function mutatedOffer(random: Random): Buffer {
  if (random.happens(0.1)) return Buffer.from(filledText(random.of(OFFERS), MOST_OFFER_BYTES, random))
  const text = mutateText(random.of(OFFERS), random)
  return random.happens(0.2) ? mutateBytes(Buffer.from(text), random) : Buffer.from(text)
}

export const offers: EntryPoint = {
  name: 'sdp',
  about: 'mutated offers of Chrome, Firefox, Safari and others, and answers, in every variant',
  attack: async (target, random, inputs) =>
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const variant = random.of(CLIENTS)
      const camera = random.of(['camera1', 'camera2'])
      const sdp = mutatedOffer(random)
      return {
        entry: variant,
        inputs: 1,
        bytes: sdp.length,
        about: () => `${variant} of ${camera}, ${repeatedIn(sdp.toString('utf8')) || sdp.toString('utf8')}`,
        send: async () => await send(target, variant, camera, sdp),
      }
    }),
}

/** What is repeated in an offer is what makes it slow. */
const repeatedIn = (text: string): string =>
  Array.from(
    text.matchAll(/(.+\r\n)\1{10,}/g),
    ([all, line]) => `${Math.floor(all.length / line!.length)} times ${line!.trimEnd()}`,
  ).join(', ')

async function send(target: Target, variant: Client, camera: string, sdp: Buffer): Promise<void> {
  const { url, webPort } = target.program
  const text = sdp.toString('utf8')
  const json = (type: string): string => JSON.stringify({ type, sdp: text })
  switch (variant) {
    case 'whep':
      return await post(target, `${url}/${camera}/whep`, 'application/sdp', sdp)
    case 'camera-streamer':
      return await post(target, `${url}/${camera}/webrtc`, 'application/json', json('offer'))
    case 'answer':
      return await answer(target, camera, text)
    case 'go2rtc':
      return await post(target, `${url}/api/webrtc?src=${camera}`, 'application/sdp', sdp)
    case 'go2rtc-json':
      return await post(target, `${url}/api/webrtc?src=${camera}`, 'application/json', json('offer'))
    case 'go2rtc-form': {
      const form = new URLSearchParams({ data: sdp.toString('base64') })
      return await post(
        target,
        `${url}/api/webrtc?src=${camera}`,
        'application/x-www-form-urlencoded',
        form.toString(),
      )
    }
    case 'websocket':
      return await speak(
        target,
        `ws://127.0.0.1:${webPort}/${camera}/ws`,
        JSON.stringify({ offer: { type: 'offer', sdp: text } }),
      )
    case 'go2rtc-socket':
      return await speak(
        target,
        `ws://127.0.0.1:${webPort}/api/ws?src=${camera}`,
        JSON.stringify({ type: 'webrtc/offer', value: text }),
      )
  }
}

async function post(target: Target, url: string, type: string, body: string | Buffer): Promise<void> {
  const response = await ask(url, { method: 'POST', headers: { 'content-type': type }, body: body as string })
  if (response === undefined) return
  const text = await response.text()
  judge(target, response.status, `${url} ${text}`)
  const location = response.headers.get('location')
  const session = location === null ? locationOf(url, text) : new URL(location, url).pathname
  if (response.ok && session !== undefined) await end(target, session)
}

/** Undefined where the connection was closed, as it is on who sends more than is read; then the next one may be closed, too. */
async function ask(url: string, init: RequestInit): Promise<Response | undefined> {
  return await fetch(url, init).catch(() => undefined)
}

/** Where camera-streamer's JSON names its session, WHEP ends it as well. */
function locationOf(url: string, text: string): string | undefined {
  const id = /"id":"([\w-]+)"/.exec(text)?.[1]
  const camera = /\/(camera\d)\//.exec(url)?.[1]
  return id === undefined || camera === undefined ? undefined : `/${camera}/whep/${id}`
}

async function end(target: Target, session: string): Promise<void> {
  const response = await ask(target.program.url + session, { method: 'DELETE' })
  if (response === undefined) return
  await response.body?.cancel()
  judge(target, response.status, `DELETE ${session}`)
}

/** An offer of ours, and a mutated description of theirs as the answer to it. */
async function answer(target: Target, camera: string, sdp: string): Promise<void> {
  const url = `${target.program.url}/${camera}/webrtc`
  const headers = { 'content-type': 'application/json' }
  const asked = await ask(url, { method: 'POST', headers, body: '{"type":"request","keepAlive":true}' })
  if (asked === undefined) return
  judge(target, asked.status, `${url} request`)
  const { id } = (await asked.json()) as { id?: string }
  if (id === undefined) return
  const body = JSON.stringify({ type: 'answer', id, sdp: sdp.replaceAll('actpass', 'active') })
  const response = await ask(url, { method: 'POST', headers, body })
  if (response !== undefined) judge(target, response.status, `${url} answer ${await response.text()}`)
  await end(target, `/${camera}/whep/${id}`)
}

async function speak(target: Target, url: string, message: string): Promise<void> {
  const socket = new WebSocket(url)
  let heard = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('open', () => socket.send(message))
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
    socket.on('message', (data: Buffer) => {
      heard += data.toString()
      if (/answer|error/.test(heard)) resolve()
    })
  })
  const about = `${url} for ${message.slice(0, 2000)}`
  await within(ANSWER_LIMIT_MS, `an answer of ${about}`, answered).catch((error: unknown) =>
    target.find(String(error)),
  )
  if (/"internal"|went wrong on the server/.test(heard)) target.find(`${heard} of ${about}`)
  socket.close()
}

/** 500 is a bug of ours, whatever was asked. */
export function judge(target: Target, status: number, about: string): void {
  if (status === 500) target.find(`${status} for ${about.slice(0, 2000)}`)
}
