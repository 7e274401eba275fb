import { describe, expect, test, vi } from 'vitest'
import { accessWith } from '../../test/support/access.js'
import { Authentication } from './authentication.js'
import { RtspClient } from './client.js'
import type { MediaOutput } from './media-output.js'
import type { ReaderOptions } from './reader-session.js'
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

const played: ReaderOptions[] = []

function client(openOutput: () => Promise<MediaOutput>): RtspClient {
  return new RtspClient({
    cameras: {
      requireCamera: () => {},
      hasAudio: () => true,
      describe: async () =>
        await Promise.resolve({ name: '', codec: 'vp8', payloadType: 96, sps: [], pps: [] }),
      play: (options) => {
        played.push(options)
        return {
          firstTimestamp: 9000,
          firstAudioTimestamp: 4800,
          ended: new Promise(() => {}),
          dismiss: async () => {},
        }
      },
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

describe('sound', () => {
  const setUpAudio = (id: string, transport = 'RTP/AVP;client_port=5002-5003') =>
    parseRequest(
      `SETUP rtsp://pi/camera1/trackID=1 RTSP/1.0\r\nCSeq: 2\r\nSession: ${id}\r\nTransport: ${transport}`,
    )

  test('is set up after the video, in the same session, and played with it', async () => {
    const outputs: ReturnType<typeof output>[] = []
    const one = client(async () => {
      outputs.push(output())
      return await Promise.resolve(outputs.at(-1)!)
    })
    const video = await one.answer(setUp)
    const { id } = one.session!
    const audio = await one.answer(setUpAudio(id))
    expect(audio.headers!['Session']).toBe(video.headers!['Session'])
    expect(audio.headers!['Transport']).toMatch(/ssrc=[\dA-F]{8}/)
    expect(audio.headers!['Transport']).not.toBe(video.headers!['Transport'])
    const play = await one.answer(
      parseRequest(`PLAY rtsp://pi/camera1 RTSP/1.0\r\nCSeq: 3\r\nSession: ${id}`),
    )
    expect(play.headers!['RTP-Info']).toMatch(
      /^url=rtsp:\/\/pi\/camera1\/trackID=0;seq=\d+;rtptime=9000,url=rtsp:\/\/pi\/camera1\/trackID=1;seq=\d+;rtptime=4800$/,
    )
    const { audio: track, numbers } = played.at(-1)!
    expect(track!.output).toBe(outputs[1])
    expect(track!.numbers.ssrc).not.toBe(numbers.ssrc)
    one.close()
    expect(outputs.map(({ closings }) => closings)).toEqual([1, 1])
  })

  test.each([
    ['before the video', '', 'RTP/AVP;client_port=5002-5003', 455],
    ['of another session', 'other', 'RTP/AVP;client_port=5002-5003', 454],
    ['on the ports of the video', undefined, 'RTP/AVP;client_port=5001-5002', 461],
  ])('%s is refused', async (_, id, transport, status) => {
    const one = client(async () => await Promise.resolve(output()))
    if (id !== '') await one.answer(setUp)
    await expect(one.answer(setUpAudio(id ?? one.session!.id, transport))).rejects.toMatchObject({ status })
  })
})
