import { expect, test, vi } from 'vitest'
import { accessWith } from '../../test/support/access.js'
import { Authentication } from './authentication.js'
import { RtspClient } from './client.js'
import type { MediaOutput } from './media-output.js'
import { parseRequest } from './request.js'

const output = (): MediaOutput & { closings: number } => ({
  transport: 'udp',
  header: 'RTP/AVP;unicast',
  hasRoom: () => true,
  sendRtp: () => {},
  flush: () => {},
  sendRtcp: () => {},
  onRtcp: () => {},
  lastHeardAtMs: 0,
  noteRequest: () => {},
  closings: 0,
  close() {
    this.closings++
  },
})

function client(openOutput: () => Promise<MediaOutput>): RtspClient {
  return new RtspClient({
    cameras: {
      requireCamera: () => {},
      describe: async () =>
        await Promise.resolve({ name: '', codec: 'vp8', payloadType: 96, sps: [], pps: [] }),
      play: () => ({ firstTimestamp: undefined, ended: new Promise(() => {}), dismiss: async () => {} }),
    },
    authentication: new Authentication(accessWith(), '192.0.2.1'),
    address: '192.0.2.1',
    localAddress: '192.0.2.2',
    countSetup: () => {},
    openOutput,
    lost: new Promise(() => {}),
    onEnded: () => {},
  })
}

const setUp = parseRequest(
  'SETUP rtsp://pi/camera1 RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP;client_port=5000-5001',
)

test('ports that are opened while the connection closes are closed', async () => {
  let opened: ((output: MediaOutput) => void) | undefined
  const one = client(async () => await new Promise<MediaOutput>((resolve) => (opened = resolve)))
  const answer = one.answer(setUp)
  await vi.waitFor(() => expect(opened).toBeDefined())
  one.close()
  const late = output()
  opened!(late)
  await answer
  expect(late.closings).toBe(1)
})

test('without free UDP ports a client is led to TCP', async () => {
  const one = client(async () => await Promise.reject(new Error('EMFILE')))
  await expect(one.answer(setUp)).rejects.toMatchObject({ status: 461 })
})

test('another SETUP, TEARDOWN and the end of the connection close the ports', async () => {
  const outputs: ReturnType<typeof output>[] = []
  const one = client(async () => {
    outputs.push(output())
    return await Promise.resolve(outputs.at(-1)!)
  })
  await one.answer(setUp)
  await one.answer(setUp)
  const { id } = one.session!
  await one.answer(parseRequest(`TEARDOWN rtsp://pi/camera1 RTSP/1.0\r\nCSeq: 2\r\nSession: ${id}`))
  await one.answer(setUp)
  one.close()
  expect(outputs.map(({ closings }) => closings)).toEqual([1, 1, 1])
})
