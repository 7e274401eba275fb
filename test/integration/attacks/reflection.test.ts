import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { CAMERA, openViewers } from '../../support/viewer-server.js'
import { FINGERPRINT } from '../../support/viewer-offers.js'
import { openStranger } from '../../support/viewer-stranger.js'
import { BINDING_REQUEST, USERNAME, writeStun, type Attribute } from '../../support/viewer-stun.js'

/** Hosts that asked for nothing: each has an address of its own, and counts what reaches it. */
async function openThirdParties(count: number) {
  const heard = { packets: 0, bytes: 0, byHost: Array<number>(count).fill(0) }
  const ports = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const socket = createSocket('udp4')
      onTestFinished(() => void socket.close())
      socket.bind(0, `127.0.1.${i + 1}`)
      await once(socket, 'listening')
      socket.on('message', (datagram) => {
        heard.packets++
        heard.bytes += datagram.length
        heard.byHost[i]!++
      })
      return socket.address().port
    }),
  )
  return { heard, lines: ports.map((port, i) => `1 1 udp 1 127.0.1.${i + 1} ${port} typ host`) }
}

/** The shortest offer that is accepted, and the HTTP request that carries it. */
function smallestOffer(candidates: string[], ufrag = 'abcd') {
  const offer = [
    'v=0',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${'p'.repeat(22)}`,
    `a=fingerprint:sha-256 ${FINGERPRINT}`,
    'a=rtpmap:96 VP8/90000',
    ...candidates.map((line) => `a=candidate:${line}`),
    '',
  ].join('\r\n')
  const head = `POST /camera1/whep HTTP/1.1\r\nHost: a\r\nContent-Type: application/sdp\r\nContent-Length: ${offer.length}\r\n\r\n`
  return { offer, sentBytes: head.length + offer.length }
}

test.each([
  ['the shortest user fragment', 'abcd'],
  ['the longest user fragment', 'u'.repeat(256)],
])('an offer with 32 candidates of third parties and %s is no amplifier', async (_title, ufrag) => {
  const { registry, mux } = await openViewers({ timing: { connectLimitMs: 4500 } })
  const { heard, lines } = await openThirdParties(32)
  const { offer, sentBytes } = smallestOffer(lines, ufrag)
  expect(await registry.admit(CAMERA, offer, 'whep').ended).toBe('never-connected')
  const factor = heard.bytes / sentBytes
  expect(heard.packets).toBeGreaterThan(0)
  expect(factor).toBeLessThan(3)
  expect(heard.packets).toBeLessThanOrEqual(60)
  expect(heard.byHost.filter((count) => count > 0).length).toBeLessThanOrEqual(12)
  expect(Math.max(...heard.byHost)).toBeLessThanOrEqual(5)
  expect(mux.dropped).toMatchObject({ unprovenAddress: 160 - heard.packets })
})

test('checks with the right password and forged source addresses bring their victims no more than three times the bytes', async () => {
  const { registry, mux } = await openViewers({ timing: { connectLimitMs: 3500 } })
  const { offer, sentBytes: offerBytes } = smallestOffer([])
  const viewer = registry.admit(CAMERA, offer, 'whep')
  const [, ufrag] = /a=ice-ufrag:(\S+)/.exec(viewer.answerSdp)!
  const [, password] = /a=ice-pwd:(\S+)/.exec(viewer.answerSdp)!
  const victims = await Promise.all(Array.from({ length: 8 }, async () => await openStranger(mux.port)))
  const attributes: Attribute[] = [[USERNAME, Buffer.from(`${ufrag}:abcd`)]]
  let sentBytes = offerBytes
  const forge = (): void => {
    for (const victim of victims) {
      const check = writeStun({ type: BINDING_REQUEST, attributes, password: password! })
      sentBytes += check.length
      victim.send(check)
    }
  }
  forge()
  setTimeout(forge, 1700)
  expect(await viewer.ended).toBe('never-connected')
  const replies = (await Promise.all(victims.map(async (victim) => await victim.replies()))).flat()
  const bytes = replies.reduce((sum, { length }) => sum + length, 0)
  expect(replies.length).toBeGreaterThanOrEqual(16)
  expect(bytes / sentBytes).toBeLessThan(3)
})
