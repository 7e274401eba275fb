import { RTCPeerConnection, type RTCDataChannel } from 'werift'
import { expect, onTestFinished, test } from 'vitest'
import { becomes, CAMERA, openViewers } from '../../test/helpers/viewer-server.js'
import type { EndReason } from './session.js'

const timing = { pingIntervalMs: 20, pongLimitMs: 600 }

/** A client as a browser is one, whose every data channel is given to `onChannel`. */
async function watch(
  onChannel: (channel: RTCDataChannel, client: RTCPeerConnection) => void,
  { keepAlive = true, change = (answer: string): string => answer } = {},
) {
  const { registry, camera, errors } = await openViewers({ timing })
  camera.play(20)
  const client = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: [] })
  onTestFinished(async () => await client.close())
  client.onDataChannel.subscribe((channel) => onChannel(channel, client))
  let packets = 0
  client.onTrack.subscribe((track) => track.onReceiveRtp.subscribe(() => packets++))
  const viewer = registry.invite(CAMERA, 'camera-streamer', keepAlive)
  await client.setRemoteDescription({ type: 'offer', sdp: viewer.offerSdp })
  // Or it would ask a public STUN server, also with an empty list.
  for (const { connection } of client.iceTransports) Object.assign(connection, { stunServer: undefined })
  await client.setLocalDescription(await client.createAnswer())
  viewer.takeAnswer(change(client.localDescription!.sdp))
  let reason: EndReason | undefined
  void viewer.ended.then((ended) => (reason = ended))
  const plays = async (): Promise<void> => {
    const before = packets
    await becomes(() => expect(packets).toBeGreaterThan(before + 10))
  }
  await plays()
  return { client, viewer, errors, plays, reason: () => reason }
}

test('a client that answers every ping stays, and is gone when it answers no more', async () => {
  let pings = 0
  let answers = true
  const labels: string[] = []
  const { viewer, plays, reason, errors } = await watch((channel) => {
    labels.push(channel.label)
    channel.onMessage.subscribe((message) => {
      if (message === 'ping') pings++
      if (answers) channel.send('pong')
    })
  })
  const sinceMs = performance.now()
  await becomes(() => expect(performance.now() - sinceMs).toBeGreaterThan(2 * timing.pongLimitMs))
  expect(labels).toEqual(['keepalive'])
  expect(pings).toBeGreaterThan(10)
  expect(reason()).toBeUndefined()
  await plays()
  answers = false
  expect(await viewer.ended).toBe('silent')
  expect(errors).toEqual([])
})

test.each([
  ['says something else', (channel: RTCDataChannel) => channel.send('no')],
  ['sends binary rubbish', (channel: RTCDataChannel) => channel.send(Buffer.alloc(1000, 7))],
  ['closes the channel', (channel: RTCDataChannel) => channel.close()],
])('a client that %s is gone after the limit, and nothing else happens', async (_what, act) => {
  const { viewer, errors } = await watch((channel) => {
    channel.onMessage.subscribe(() => {
      if (channel.readyState === 'open') act(channel)
    })
  })
  expect(await viewer.ended).toBe('silent')
  expect(errors).toEqual([])
})

test('a client that opens a channel of its own loses the association', async () => {
  const { viewer } = await watch((channel, client) => {
    channel.onMessage.subscribe(() => channel.send('pong'))
    client.createDataChannel('commands')
  })
  expect(await viewer.ended).toBe('silent')
})

test.each([
  ['did not ask for it', { keepAlive: false }],
  [
    'rejects its section',
    { change: (answer: string) => answer.replace(/m=application 9/, 'm=application 0') },
  ],
  ['answers without its section', { change: (answer: string) => answer.slice(0, answer.indexOf('m=appl')) }],
])('a client that %s has no channel, and stays without', async (_what, options) => {
  const channels: RTCDataChannel[] = []
  const { plays, reason } = await watch((channel) => channels.push(channel), options)
  const sinceMs = performance.now()
  await becomes(() => expect(performance.now() - sinceMs).toBeGreaterThan(2 * timing.pongLimitMs))
  await plays()
  expect(channels).toEqual([])
  expect(reason()).toBeUndefined()
})
