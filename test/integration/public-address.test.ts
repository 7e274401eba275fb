import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { isBindingRequest } from '../../src/lib/stun.js'
import { startProgram, until, type Program } from '../support/program.js'
import { BINDING_SUCCESS, writeStun, xorMappedAddress } from '../support/viewer-stun.js'
import { chrome } from '../support/viewer-offers.js'

/** A STUN server on the loopback address that answers when the test says so. */
async function openStunServer() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void socket.close())
  const stranger = createSocket('udp4').bind(0, '127.0.0.1')
  onTestFinished(() => void stranger.close())
  const requests: { id: Buffer; from: RemoteInfo }[] = []
  socket.on('message', (request, from) => {
    if (isBindingRequest(request)) requests.push({ id: request.subarray(8, 20), from })
  })
  await once(socket, 'listening')
  const answer = (port: number, through = socket): void => {
    const { id, from } = requests.at(-1)!
    const attributes = [xorMappedAddress('203.0.113.7', port)]
    through.send(writeStun({ type: BINDING_SUCCESS, transactionId: id, attributes }), from.port, from.address)
  }
  return {
    uri: `stun:127.0.0.1:${socket.address().port}`,
    requests,
    answer: (port: number) => answer(port),
    forge: (port: number) => answer(port, stranger),
  }
}

async function start(stun: string): Promise<Program> {
  const tables = `[camera1]\ndevice = "rtp://127.0.0.1:5"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\nstun-server = "${stun}"\n`
  const program = await startProgram({ tables })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

async function answerByWhep({ url }: Program): Promise<string> {
  const headers = { 'content-type': 'application/sdp' }
  const response = await fetch(`${url}/camera1/whep`, { method: 'POST', headers, body: chrome })
  expect(response.status).toBe(201)
  return await response.text()
}

const metric = async ({ url }: Program, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())![1])

test('the first answer does not wait, a WebSocket gets the candidate when the server answers, and later answers have it', async () => {
  const stun = await openStunServer()
  const program = await start(stun.uri)
  await until(() => Promise.resolve(stun.requests.length > 0), 10_000)
  expect(stun.requests[0]!.from.port).toBe(program.udpPort)

  expect(await answerByWhep(program)).not.toContain('typ srflx')
  const socket = new WebSocket(`${program.url.replace('http', 'ws')}/camera1/ws`)
  onTestFinished(() => socket.terminate())
  const lines: string[] = []
  let answerSdp = ''
  socket.on('message', (text: Buffer) => {
    const message = JSON.parse(text.toString()) as {
      answer?: { sdp: string }
      iceCandidate?: { candidate: string }
    }
    if (message.answer !== undefined) answerSdp = message.answer.sdp
    if (message.iceCandidate !== undefined) lines.push(message.iceCandidate.candidate)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ offer: { type: 'offer', sdp: chrome } }))
  await until(() => Promise.resolve(lines.length > 0), 10_000)
  expect(answerSdp).not.toContain('a=end-of-candidates')
  expect(lines.join('\n')).not.toContain('typ srflx')

  stun.forge(50_000)
  await until(async () => (await metric(program, 'rpi_webrtc_stun_forged_responses_total')) === 1, 10_000)
  stun.answer(40_000)
  await until(() => Promise.resolve(lines.some((line) => line.includes('typ srflx'))), 10_000)
  expect(lines.at(-1)).toMatch(
    /^candidate:srflx4 1 udp \d+ 203\.0\.113\.7 40000 typ srflx raddr \S+ rport \d+$/,
  )

  const later = await answerByWhep(program)
  expect(later).toContain(`203.0.113.7 40000 typ srflx raddr 0.0.0.0 rport 9`)
  expect(later).toContain('a=end-of-candidates')
  expect(program.output().split('public address of the media port').length).toBe(2)
  expect(program.output()).not.toContain('50000')
  expect(await metric(program, 'rpi_webrtc_stun_responses_total')).toBe(1)
})

test('a program whose STUN server never answers stops at once', async () => {
  const stun = await openStunServer()
  const program = await start(stun.uri)
  await until(() => Promise.resolve(stun.requests.length > 0), 10_000)
  process.kill(program.pid, 'SIGTERM')
  expect(await program.exit).toEqual({ code: 0, signal: null })
})
