import { RTCPeerConnection, useVP8, type MediaStreamTrack } from 'werift'

/**
 * viewer.ts ORIGIN STUN LIMIT-SECONDS ANSWER-AFTER-SECONDS: watches camera1 by WHEP with a full ICE agent, whose candidates are in the offer. Prints what
 * it saw, as JSON: at most 10 frames, or fewer when the limit is over. STUN `none`: it asks no server.
 */
const [origin, stun, limitS, answerAfterS] = process.argv.slice(2) as [string, string, string, string]
const FRAMES = 10

const startedMs = performance.now()
const client = new RTCPeerConnection({
  iceServers: stun === 'none' ? [] : [{ urls: stun }],
  iceUseIpv6: origin.includes('['),
  bundlePolicy: 'max-bundle',
  codecs: { video: [useVP8()] },
})
let frames = 0
let firstMs: number | undefined
const enough = new Promise<void>((resolve) => {
  setTimeout(resolve, 1000 * Number(limitS))
  client.onTrack.subscribe((track: MediaStreamTrack) => {
    track.onReceiveRtp.subscribe(({ header }) => {
      if (!header.marker) return
      firstMs ??= performance.now() - startedMs
      if (++frames === FRAMES) resolve()
    })
  })
})
client.addTransceiver('video', { direction: 'recvonly' })
if (stun === 'none')
  // werift asks a public STUN server, also with an empty list.
  for (const { connection } of client.iceTransports) Object.assign(connection, { stunServer: undefined })
await client.setLocalDescription(await client.createOffer())
const response = await fetch(`${origin}/camera1/whep`, {
  method: 'POST',
  headers: { 'content-type': 'application/sdp' },
  body: client.localDescription!.sdp,
})
const answer = await response.text()
if (!response.ok) throw new Error(`${response.status} ${answer}`)
// As slow signalling does.
await new Promise((resolve) => setTimeout(resolve, 1000 * Number(answerAfterS)))
await client.setRemoteDescription({ type: 'answer', sdp: answer })
await enough
const candidatesOf = (sdp: string): string[] =>
  Array.from(sdp.matchAll(/a=candidate:(.*)/g), ([, line]) => line!.trim())
console.log(
  JSON.stringify({
    frames,
    firstS: firstMs === undefined ? undefined : Math.round(firstMs) / 1000,
    ours: candidatesOf(client.localDescription!.sdp),
    theirs: candidatesOf(answer),
  }),
)
await client.close()
