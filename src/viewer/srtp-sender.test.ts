import { randomBytes } from 'node:crypto'
import { SrtpSession } from 'werift'
import { expect, test } from 'vitest'
import { rtpPacket } from '../../test/helpers/rtp.js'
import { wordsOf } from '../rtp/packet.js'
import { SrtpSender } from './srtp-sender.js'

const keys = { masterKey: randomBytes(16), masterSalt: randomBytes(14) }
const fields = {
  payloadType: 96,
  marker: true,
  timestamp: 0xfedcba98,
  ssrc: 0xcafebabe,
  extension: undefined,
}
const rtp = (sequence: number, length: number): Buffer =>
  rtpPacket({ ...fields, sequence, payload: Buffer.alloc(length, sequence) })

test.each([
  ['waits for room in the kernel', false, 8],
  ['is sent at once', true, 1],
])('a datagram that %s', (_, free, memories) => {
  const waiting: Buffer[] = []
  const copies: Buffer[] = []
  const sender = new SrtpSender(keys, (datagram) => {
    waiting.push(datagram)
    copies.push(Buffer.from(datagram))
    return free
  })
  for (let i = 0; i < 8; i++) {
    const payload = Buffer.alloc(100 + i, 0xfffc + i)
    const extended = 0xfffc + i
    sender.sendRtp(
      { ...fields, sequence: extended & 0xffff, rollover: extended >> 16 },
      { payload, words: wordsOf(payload) },
    )
  }
  const session = new SrtpSession({
    profile: 1,
    keys: {
      localMasterKey: keys.masterKey,
      localMasterSalt: keys.masterSalt,
      remoteMasterKey: keys.masterKey,
      remoteMasterSalt: keys.masterSalt,
    },
  })
  for (const [i, datagram] of (free ? copies : waiting).entries())
    expect(session.decrypt(datagram)).toEqual(rtp(0xfffc + i, 100 + i))
  expect(new Set(waiting.map(({ buffer }) => buffer)).size).toBe(memories)
})
