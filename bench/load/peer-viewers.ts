import { setTimeout as sleep } from 'node:timers/promises'
import { RTCPeerConnection, useVP8 } from 'werift'
import { JANUS_STREAM } from '../peers/janus.js'
import { answerLines } from './child.js'

/**
 * peer-viewers.ts whep|janus|janus-room URL VIEWERS: viewers that any WebRTC program accepts, which count packets without decrypting
 * them. They connect when the first line comes on stdin. Each line is answered with the packets since the last one. `janus` watches a
 * stream of the streaming plugin, `janus-room` a publisher of a VideoRoom, which the query of the URL names: `?room=1&feed=2`.
 */
const [protocol, url, count] = process.argv.slice(2) as [string, string, string]
const CONNECT_LIMIT_MS = 30_000
const POLL_AGAIN_MS = 500

export interface Counted {
  packets: number
}

class Undecrypted extends Error {}

// What werift does with a packet that does not decrypt.
process.on('uncaughtException', (error) => {
  if (!(error instanceof Undecrypted)) throw error
})

let packets = 0
let transaction = 0

async function watch(): Promise<void> {
  if (protocol === 'whep') return await watchWhep()
  if (protocol === 'janus') return await watchJanus('streaming', { request: 'watch', id: JANUS_STREAM })
  const [room, feed] = ['room', 'feed'].map((name) => Number(new URL(url).searchParams.get(name)))
  await watchJanus('videoroom', { request: 'join', ptype: 'subscriber', room, streams: [{ feed }] })
}

function openViewer(): { viewer: RTCPeerConnection; connected: Promise<void> } {
  const viewer = new RTCPeerConnection({
    codecs: { video: [useVP8()] },
    iceServers: [],
    iceAdditionalHostAddresses: ['127.0.0.1'],
    iceUseIpv6: false,
  })
  const connected = new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${url}: a viewer has not connected`)), CONNECT_LIMIT_MS)
    viewer.connectionStateChange.subscribe((state) => {
      if (state !== 'connected') return
      clearTimeout(late)
      viewer.dtlsTransports[0]!.srtp.decrypt = () => {
        packets++
        throw new Undecrypted()
      }
      resolve()
    })
  })
  return { viewer, connected }
}

/** The local description with its candidates. */
async function completeSdp(viewer: RTCPeerConnection): Promise<string> {
  while (viewer.iceGatheringState !== 'complete') await sleep(10)
  return viewer.localDescription!.sdp
}

async function watchWhep(): Promise<void> {
  const { viewer, connected } = openViewer()
  viewer.addTransceiver('video', { direction: 'recvonly' })
  await viewer.setLocalDescription(await viewer.createOffer())
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(url, { method: 'POST', headers, body: await completeSdp(viewer) })
  const sdp = await response.text()
  if (!response.ok) throw new Error(`${url}: ${response.status} ${sdp}`)
  await viewer.setRemoteDescription({ type: 'answer', sdp })
  await connected
}

interface JanusReply {
  data: { id: number }
  jsep?: { type: 'offer'; sdp: string }
}

async function watchJanus(plugin: string, watching: object): Promise<void> {
  const { viewer, connected } = openViewer()
  const api = url.split('?')[0]!
  const session = `${api}/${(await askJanus(api, { janus: 'create' })).data.id}`
  const attach = { janus: 'attach', plugin: `janus.plugin.${plugin}` }
  const handle = `${session}/${(await askJanus(session, attach)).data.id}`
  await askJanus(handle, { janus: 'message', body: watching })
  let offer: JanusReply['jsep']
  while (offer === undefined) offer = (await pollJanus(session)).jsep
  await viewer.setRemoteDescription(offer)
  await viewer.setLocalDescription(await viewer.createAnswer())
  const jsep = { type: 'answer', sdp: await completeSdp(viewer) }
  await askJanus(handle, { janus: 'message', body: { request: 'start' }, jsep })
  void keepPolling(session)
  await connected
}

const askJanus = async (path: string, question: object): Promise<JanusReply> => {
  const body = JSON.stringify({ transaction: `t${++transaction}`, ...question })
  return (await (await fetch(path, { method: 'POST', body })).json()) as JanusReply
}

const pollJanus = async (session: string): Promise<JanusReply> =>
  (await (await fetch(`${session}?maxev=1`)).json()) as JanusReply

/** Janus ends a session that nobody polls. */
async function keepPolling(session: string): Promise<never> {
  for (;;) await pollJanus(session).catch(async () => await sleep(POLL_AGAIN_MS))
}

let isConnected = false
await answerLines(async (): Promise<Counted> => {
  if (!isConnected) for (let i = 0; i < Number(count); i++) await watch()
  isConnected = true
  const answer = { packets }
  packets = 0
  return answer
})
