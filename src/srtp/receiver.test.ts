import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { rtpPacket } from '../../test/support/rtp.js'
import { OpenSslBatch } from './openssl-batch.js'
import { AEAD_AES_128_GCM, AES128_CM_HMAC_SHA1_80, type SrtpKeys } from './profile.js'
import { SrtpReceiver } from './receiver.js'
import { SrtpSender } from './sender.js'

const keysOf = (profile: SrtpKeys['profile']): SrtpKeys => ({
  profile,
  masterKey: randomBytes(16),
  masterSalt: randomBytes(profile === AEAD_AES_128_GCM ? 12 : 14),
})

/** Protects packets as our own sender does, which is tested against the vectors of the RFC and against werift. */
function senderWith(keys: SrtpKeys): (index: number, ssrc?: number, extension?: Buffer) => Buffer {
  let sent = Buffer.alloc(0)
  const sender = new SrtpSender(keys, new OpenSslBatch(), (datagram) => (sent = Buffer.from(datagram)))
  return (index, ssrc = 1, extension) => {
    const sequence = index & 0xffff
    const rollover = Math.floor(index / 0x10000)
    const fields = { payloadType: 96, marker: false, sequence, rollover, timestamp: 9, ssrc, extension }
    sender.sendRtp(fields, Buffer.from(`picture ${index}`))
    return sent
  }
}

describe.each([
  ['AES_CM', AES128_CM_HMAC_SHA1_80],
  ['AES_GCM', AEAD_AES_128_GCM],
] as const)('%s', (_, profile) => {
  test('a packet is decrypted, with its header and header extension as they were', () => {
    const keys = keysOf(profile)
    const protect = senderWith(keys)
    const receiver = new SrtpReceiver(keys)
    const plain = receiver.receive(protect(7))!
    const payload = Buffer.from('picture 7')
    expect(plain).toEqual(rtpPacket({ sequence: 7, timestamp: 9, ssrc: 1, payload }))
    const extension = Buffer.from('bede0001107f0000', 'hex')
    const extended = receiver.receive(protect(8, 1, extension))!
    expect(extended.subarray(12, 20)).toEqual(extension)
    expect(extended.subarray(20).toString()).toBe('picture 8')
  })

  test('the rollover counter follows sequence numbers over their wrap, also out of order', () => {
    const keys = keysOf(profile)
    const protect = senderWith(keys)
    const receiver = new SrtpReceiver(keys)
    const order = [65_533, 65_535, 65_536, 65_534, 65_538, 65_537, 98_000, 130_000, 131_071, 131_073, 131_072]
    for (const index of order)
      expect(receiver.receive(protect(index))?.subarray(12).toString()).toBe(`picture ${index}`)
    expect(receiver.rejected).toBe(0)
  })

  test('a packet is accepted once', () => {
    const keys = keysOf(profile)
    const protect = senderWith(keys)
    const receiver = new SrtpReceiver(keys)
    const packets = [1, 2, 3].map((index) => protect(index))
    for (const packet of packets) expect(receiver.receive(packet)).toBeDefined()
    for (const packet of packets) expect(receiver.receive(packet)).toBeUndefined()
    // Older than all that is remembered.
    expect(receiver.receive(protect(5000))).toBeDefined()
    expect(receiver.receive(protect(4))).toBeUndefined()
    expect(receiver.receive(protect(4999))).toBeDefined()
    expect(receiver.rejected).toBe(4)
  })

  test('nothing that was changed, cut or protected with other keys is accepted, and nothing is kept of it', () => {
    const keys = keysOf(profile)
    const protect = senderWith(keys)
    const receiver = new SrtpReceiver(keys)
    const packet = protect(1)
    for (let at = 0; at < packet.length; at++) {
      const changed = Buffer.from(packet)
      changed[at]! ^= 1
      expect(receiver.receive(changed), `byte ${at}`).toBeUndefined()
    }
    for (let bytes = 0; bytes < packet.length; bytes++)
      expect(receiver.receive(packet.subarray(0, bytes))).toBeUndefined()
    expect(receiver.receive(senderWith(keysOf(profile))(1))).toBeUndefined()
    expect(receiver.receive(packet)).toBeDefined()
  })

  test('only some streams are accepted, so that a client cannot make us remember more', () => {
    const keys = keysOf(profile)
    const protect = senderWith(keys)
    const receiver = new SrtpReceiver(keys)
    const accepted = Array.from({ length: 100 }, (_, ssrc) => receiver.receive(protect(1, ssrc + 1)))
    expect(accepted.filter((packet) => packet !== undefined)).toHaveLength(16)
    expect(receiver.receive(protect(2, 1))).toBeDefined()
  })
})
