import { expect, test } from 'vitest'
import { RtpFanout } from './fanout.js'
import type { MediaPacket } from './packet.js'

const packet: MediaPacket = {
  index: 1,
  timestamp: 0,
  marker: true,
  startsKeyframe: true,
  payload: Buffer.from('x'),
  words: new Uint32Array(0),
}

test('every viewer gets every packet until it leaves', () => {
  const fanout = new RtpFanout()
  const got: string[] = []
  const leave = fanout.add({ send: () => void got.push('a') })
  fanout.add({ send: () => void got.push('b') })
  fanout.send(packet)
  leave[Symbol.dispose]()
  fanout.send(packet)
  expect(got).toEqual(['a', 'b', 'b'])
  expect([fanout.viewers, fanout.packets, fanout.keyframes]).toEqual([1, 2, 2])
})

test('a viewer that leaves while a packet is handed out does not disturb the others', () => {
  const fanout = new RtpFanout()
  const got: string[] = []
  const leave = fanout.add({ send: () => leave[Symbol.dispose]() })
  fanout.add({ send: () => void got.push('b') })
  fanout.send(packet)
  expect(got).toEqual(['b'])
})
