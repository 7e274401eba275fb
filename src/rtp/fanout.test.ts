import { expect, test } from 'vitest'
import { RtpFanout } from './fanout.js'
import type { MediaPacket } from './packet.js'

const flush = (): void => {}

const packet: MediaPacket = {
  index: 1,
  timestamp: 0,
  marker: true,
  startsKeyframe: true,
  payload: Buffer.from('x'),
}

test('every viewer gets every packet until it leaves', () => {
  const fanout = new RtpFanout()
  const got: string[] = []
  const leave = fanout.add({ send: () => void got.push('a'), flush })
  fanout.add({ send: () => void got.push('b'), flush })
  fanout.send(packet)
  leave[Symbol.dispose]()
  fanout.send(packet)
  expect(got).toEqual(['a', 'b', 'b'])
  expect([fanout.viewers, fanout.packets, fanout.keyframes]).toEqual([1, 2, 2])
})

test('a viewer that leaves while a packet is sent does not affect the others', () => {
  const fanout = new RtpFanout()
  const got: string[] = []
  const leave = fanout.add({ send: () => leave[Symbol.dispose](), flush })
  fanout.add({ send: () => void got.push('b'), flush })
  fanout.send(packet)
  expect(got).toEqual(['b'])
})

test('waiting packets are flushed after every viewer has the packets of a burst', () => {
  const fanout = new RtpFanout()
  const got: string[] = []
  for (const name of ['a', 'b'])
    fanout.add({ send: () => void got.push(name), flush: () => void got.push(`${name} sends`) })
  fanout.send(packet)
  fanout.send(packet)
  fanout.flush()
  expect(got).toEqual(['a', 'b', 'a', 'b', 'a sends', 'b sends'])
})
