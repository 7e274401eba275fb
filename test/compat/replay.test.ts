import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openWebSocket } from '../support/listener.js'
import { startProgram, until, type Program } from '../support/program.js'
import { ViewerClient } from '../support/viewer-client.js'
import { go2rtc } from '../support/viewer-offers.js'
import { candidateOf, fluiddOffer, inTheNameOf, mainsailOffer, octoprintOffer } from './offers.js'

/** What each client sends, in its order and with its habits, to the whole program; and that pictures come. */

let program: Program
beforeAll(async () => {
  program = await startProgram({
    tables: `[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\nmax-clients = 20\nstun-server = "stun://127.0.0.1:9"\n`,
  })
  await until(async () => (await program.health()).status === 'ok', 20_000)
})
afterAll(async () => await program[Symbol.asyncDispose]())

const LINK = '<stun:127.0.0.1:9>; rel="ice-server"'
const SDP_FRAGMENT = 'application/trickle-ice-sdpfrag'

async function openClient(): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  return client
}

/** Whole frames, decrypted: their last packet came. */
const framesArrive = async (client: ViewerClient): Promise<void> => {
  const frames = (): number => client.received.filter(({ marker }) => marker).length
  await until(() => frames() > 5, 20_000)
  expect(client.undecryptable).toBe(0)
}

/** The credentials, then each section that has candidates, as Mainsail and Fluidd write it. */
const fragmentOf = (client: ViewerClient, offer: string): string => {
  const [media] = /m=.*/.exec(offer)!
  return `a=ice-ufrag:${client.ufrag}\r\na=ice-pwd:${client.password}\r\n${media.trim()}\r\na=mid:0\r\na=${candidateOf(client)}\r\n`
}

const post = async (path: string, body: string, type?: string) =>
  await fetch(`${program.url}${path}`, {
    method: 'POST',
    body,
    ...(type === undefined ? {} : { headers: { 'content-type': type } }),
  })

/** Every track event of such a client takes over the picture: all tracks have to be of one stream. */
const expectOneStream = (answer: string): void =>
  expect([...new Set(Array.from(answer.matchAll(/a=msid:(\S+)/g), ([, id]) => id))]).toHaveLength(1)

test('Mainsail, "WebRTC (MediaMTX)"', async () => {
  const whep = `${program.url}/camera1/whep`
  const options = await fetch(whep, { method: 'OPTIONS' })
  expect([options.status, options.headers.get('link')]).toEqual([204, LINK])
  const client = await openClient()
  const offer = inTheNameOf(client, mainsailOffer)
  const response = await post('/camera1/whep', offer, 'application/sdp')
  expect(response.status).toBe(201)
  const answer = await response.text()
  expectOneStream(answer)
  expect(Array.from(answer.matchAll(/m=(\w+) (\d+)/g), ([, kind, port]) => [kind, port])).toEqual([
    ['video', '9'],
    ['audio', '9'],
  ])
  const location = response.headers.get('location')!
  const session = `${whep}/${location.slice(location.lastIndexOf('/') + 1)}`
  const trickle = async (ifMatch: string) =>
    await fetch(session, {
      method: 'PATCH',
      headers: { 'content-type': SDP_FRAGMENT, 'if-match': ifMatch },
      body: fragmentOf(client, offer),
    })
  expect((await trickle(response.headers.get('etag')!)).status).toBe(204)
  expect((await trickle(String(null))).status).toBe(204)
  await client.connect(answer)
  await framesArrive(client)
  expect((await program.health()).cameras['camera1']!.viewers).toBeGreaterThan(0)
})

test('Fluidd, "WebRTC (MediaMTX)"', async () => {
  const base = new URL('/camera1/', program.url)
  const whep = new URL('whep', base)
  expect((await fetch(whep, { method: 'OPTIONS' })).headers.get('link')).toBe(LINK)
  const client = await openClient()
  const offer = inTheNameOf(client, fluiddOffer)
  const response = await post(whep.pathname, offer, 'application/sdp')
  expect(response.status).toBe(201)
  const session = new URL(response.headers.get('location')!, whep)
  const patched = await fetch(session, {
    method: 'PATCH',
    headers: { 'content-type': SDP_FRAGMENT, 'if-match': '*' },
    body: fragmentOf(client, offer),
  })
  expect(patched.status).toBe(204)
  const answer = await response.text()
  expectOneStream(answer)
  await client.connect(answer)
  await framesArrive(client)
  expect((await fetch(session, { method: 'DELETE' })).status).toBe(200)
  expect((await fetch(session, { method: 'PATCH', headers: { 'content-type': SDP_FRAGMENT } })).status).toBe(
    404,
  )
})

test('go2rtc as a client, and with it Home Assistant and Frigate: "webrtc:http://pi:8080/camera1/whep"', async () => {
  const client = await openClient()
  const offer = `${inTheNameOf(client, go2rtc)}a=${candidateOf(client)}\r\na=end-of-candidates\r\n`
  const answer = await (await post('/camera1/whep', offer, 'application/sdp')).text()
  const sections = answer.split(/^(?=m=)/m).slice(1)
  expect(sections.map((section) => /^m=(\w+)/.exec(section)![1])).toEqual(['audio', 'video'])
  expect(sections[0]).toContain('a=inactive')
  await client.connect(answer)
  await framesArrive(client)
})

test.each([undefined, 'application/json'])(
  'Mainsail and Fluidd, "WebRTC (camera-streamer)", their first request with content type %s',
  async (type) => {
    const path = '/camera1/webrtc'
    const asked = await post(
      path,
      JSON.stringify({ type: 'request', iceServers: null, keepAlive: true }),
      type,
    )
    expect(asked.status).toBe(200)
    expect(asked.headers.get('content-type')).toMatch(/^application\/json/)
    const { id, type: offered, sdp, keepAlive, iceServers } = (await asked.json()) as Record<string, string>
    expect(offered).toBe('offer')
    expect(iceServers).toEqual([{ urls: 'stun:127.0.0.1:9' }])
    expect(keepAlive).toBe(false)
    expect(Array.from(sdp!.matchAll(/m=(\w+) /g), ([, kind]) => kind)).toEqual(['video'])
    expect(sdp).toContain('a=group:BUNDLE 0\r\n')
    expectOneStream(sdp!)
    const client = await openClient()
    client.acceptAnswer(sdp!)
    const candidates = [
      { candidate: candidateOf(client), sdpMid: '0', sdpMLineIndex: 0, usernameFragment: client.ufrag },
    ]
    const trickle = async () =>
      await post(path, JSON.stringify({ type: 'remote_candidate', id, candidates }), 'application/json')
    expect((await trickle()).status).toBe(200)
    const answer = { type: 'answer', id, sdp: client.answerTo(sdp!) }
    expect((await post(path, JSON.stringify(answer), 'application/json')).status).toBe(200)
    expect((await trickle()).status).toBe(200)
    await client.checkPath()
    await client.handshake()
    await framesArrive(client)
  },
)

test('OctoPrint, "webrtc://pi:8080/camera1/webrtc"', async () => {
  const client = await openClient()
  const sdp = inTheNameOf(client, octoprintOffer)
  const response = await post('/camera1/webrtc', JSON.stringify({ sdp, type: 'offer' }), 'application/json')
  expect(response.status).toBe(200)
  const answer = (await response.json()) as { type: string; sdp: string }
  expect(answer.type).toBe('answer')
  expectOneStream(answer.sdp)
  await client.connect(answer.sdp)
  await framesArrive(client)
})

test.each(['application/sdp', 'application/json'])('the page of go2rtc, an offer as %s', async (type) => {
  const client = await openClient()
  const sdp = inTheNameOf(client, octoprintOffer)
  const isJson = type === 'application/json'
  const response = await post(
    '/api/webrtc?src=camera1',
    isJson ? JSON.stringify({ type: 'offer', sdp }) : sdp,
    type,
  )
  expect(response.status).toBe(isJson ? 200 : 201)
  const answer = isJson ? ((await response.json()) as { sdp: string }).sdp : await response.text()
  await client.connect(answer)
  await framesArrive(client)
})

test('Mainsail and Fluidd, "WebRTC (go2rtc)", and go2rtc, which closes the socket once it is connected', async () => {
  const url = `ws://127.0.0.1:${program.webPort}/api/ws?src=camera1&media=video%2Baudio`
  const { socket, messages } = await openWebSocket(url)
  const client = await openClient()
  const send = (type: string, value: string): void => socket.send(JSON.stringify({ type, value }))
  send('webrtc/offer', inTheNameOf(client, octoprintOffer))
  send('webrtc/candidate', candidateOf(client))
  send('webrtc/candidate', '')
  await until(() => messages.length > 1, 20_000)
  const [answer, candidate] = messages as { type: string; value: string }[]
  expect([answer!.type, candidate!.type]).toEqual(['webrtc/answer', 'webrtc/candidate'])
  expect(candidate!.value).toMatch(/^candidate:1 1 udp /)
  await client.connect(answer!.value)
  socket.close()
  await framesArrive(client)
  const before = client.received.length
  await until(() => client.received.length > before + 20, 20_000)
})

test('a camera that go2rtc clients ask for and that does not exist is an error on their socket', async () => {
  const { socket, messages } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/api/ws?src=camera9`)
  socket.send(JSON.stringify({ type: 'webrtc/offer', value: octoprintOffer }))
  await until(() => messages.length > 0, 20_000)
  expect(messages).toEqual([{ type: 'error', value: 'webrtc/offer: there is no camera named camera9' }])
})
