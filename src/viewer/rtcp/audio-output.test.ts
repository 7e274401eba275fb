import { expect, onTestFinished, test } from 'vitest'
import { heldBack } from '../../../test/support/rtp.js'
import { RtpFanout } from '../../rtp/fanout.js'
import { writeNack } from '../../rtp/rtcp/receiver-report.js'
import type { RtpFields } from '../../srtp/rtp-header.js'
import { createAudioOutput } from './audio-output.js'

const SSRC = 77

function openOutput() {
  const fanout = new RtpFanout('opus')
  const sent: RtpFields[] = []
  const path = { transport: 'udp' as 'udp' | 'tcp', room: true, hasRoom: () => path.room }
  const output = createAudioOutput({
    source: { fanout, clock: { timestampAt: () => 0 } },
    format: { payloadType: 111, ssrc: SSRC },
    sender: heldBack((fields) => void sent.push(fields)),
    path,
    cname: 'camera1',
    sendRtcp: () => {},
    roundTripMs: () => undefined,
  })
  output.start()
  onTestFinished(() => output[Symbol.dispose]())
  const play = (...indexes: number[]): void => {
    for (const index of indexes) {
      const payload = Buffer.from(`sound ${index}`)
      fanout.send({ index, timestamp: index * 960, marker: false, startsKeyframe: true, payload })
      fanout.flush()
    }
  }
  return { output, sent, path, play, fanout }
}

const stepsOf = (sent: RtpFields[]): number[] =>
  sent.slice(1).map(({ sequence }, i) => (sequence - sent[i]!.sequence) & 0xffff)

test('a lost packet is sent again as it was, and only those of the sound', () => {
  const { output, sent, play } = openOutput()
  play(1, 2, 3, 4)
  const live = sent.splice(0)
  output.onRtcp(writeNack(1, SSRC, [live[1]!.sequence]))
  expect(sent).toEqual([live[1]])
  output.onRtcp(writeNack(1, SSRC + 1, [live[2]!.sequence]))
  expect(sent).toHaveLength(1)
})

test('a packet older than the history is not sent again', () => {
  const { output, sent, play } = openOutput()
  play(...Array.from({ length: 300 }, (_, i) => i + 1))
  const live = sent.splice(0)
  output.onRtcp(writeNack(1, SSRC, [live[0]!.sequence, live[299]!.sequence]))
  expect(sent.map(({ sequence }) => sequence)).toEqual([live[299]!.sequence])
})

test('a loss before the server stays a gap, so that the receiver conceals it', () => {
  const { sent, play } = openOutput()
  play(1, 2, 4)
  expect(stepsOf(sent)).toEqual([1, 2])
})

test('over TCP sound without room is skipped, and is no loss', () => {
  const { sent, path, play } = openOutput()
  path.transport = 'tcp'
  play(1, 2)
  path.room = false
  play(3, 4, 5)
  path.room = true
  play(6, 7)
  expect(sent.map(({ timestamp }) => timestamp / 960)).toEqual([1, 2, 6, 7])
  expect(stepsOf(sent)).toEqual([1, 1, 1])
})

test('after the end nothing is sent', () => {
  const { output, sent, play, fanout } = openOutput()
  play(1)
  output[Symbol.dispose]()
  play(2)
  expect(sent).toHaveLength(1)
  expect(fanout.viewers).toBe(0)
})
