import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { RTCPeerConnection, useVP8 } from 'werift'
import { freePorts, startProgram, until } from '../test/helpers/program.js'
import { describe, summary } from './summary.js'

const VIEWERS = Number(process.env['VIEWERS'] ?? 4)
const RATE = Number(process.env['RATE'] ?? 1000)
const SECONDS = Number(process.env['SECONDS'] ?? 5)
const ROUNDS = Number(process.env['ROUNDS'] ?? 3)
/** Until V8 has compiled the hot path: before that a packet costs twice as much, at whatever rate. */
const WARM_UP_SECONDS = 3
const PACKET_BYTES = 1170
const FRAME_PACKETS = 10
const KEYFRAME_PACKETS = 300
const TICK_US = 10_000

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms))

class Skipped extends Error {}

const [role, ...args] = process.argv.slice(2)
if (role === 'source') await runSource(Number(args[0]))
else if (role === 'viewers') await runViewers(args[0]!)
else await measure()

/**
 * CPU of the program per packet delivered to a viewer, in microseconds, user and system. The source and the viewers are
 * processes of their own, and the viewers count packets instead of decrypting them.
 */
async function measure(): Promise<void> {
  console.log(`${describe()}\n${VIEWERS} viewers, ${RATE} packets/s of ${PACKET_BYTES} bytes, ${SECONDS} s`)
  const costs: number[] = []
  for (let round = 0; round < ROUNDS; round++) costs.push(await measureOnce())
  console.log(`CPU per packet delivered, us: ${summary(costs)}`)
}

async function measureOnce(): Promise<number> {
  const [rtpPort] = await freePorts(1)
  await using program = await startProgram({
    tables: `[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1
[webrtc]\nudp-port = $UDP\nmax-clients = ${VIEWERS}`,
  })
  await using source = startHelper('source', String(rtpPort))
  await using viewers = startHelper('viewers', `${program.url}/camera1/whep`)
  await until(async () => (await viewers.ask()) > 0, 30_000)
  await sleep(WARM_UP_SECONDS * 1000)
  const figures = async (): Promise<number[]> =>
    await Promise.all([cpuUsOf(program.pid), viewers.ask(), source.ask()])
  const before = await figures()
  await sleep(SECONDS * 1000)
  const [cpu, got, sent] = (await figures()).map((now, i) => now - before[i]!) as [number, number, number]
  const rss = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${program.pid}/status`, 'utf8'))![1]
  const delivered = `delivered ${((100 * got) / (sent * VIEWERS)).toFixed(1)} %, ${Math.round(Number(rss) / 1000)} MB`
  console.log(`  ${(cpu / got).toFixed(1)} us per packet, ${delivered}`)
  return cpu / got
}

/** Sends RTP in bursts of 5 ms, as a pipeline does within a frame, until it is killed. */
async function runSource(port: number): Promise<void> {
  const socket = createSocket('udp4')
  const packet = Buffer.alloc(PACKET_BYTES)
  packet.writeUInt16BE(0x8060, 0) // version 2, payload type 96
  packet.writeUInt32BE(0x1234, 8)
  let sent = 0
  const started = performance.now()
  setInterval(() => {
    for (; sent < ((performance.now() - started) * RATE) / 1000; sent++) {
      const frame = Math.floor(sent / FRAME_PACKETS)
      packet[1] = sent % FRAME_PACKETS === FRAME_PACKETS - 1 ? 0xe0 : 0x60
      packet.writeUInt16BE(sent & 0xffff, 2)
      packet.writeUInt32BE((frame * 3000) >>> 0, 4)
      packet[12] = sent % FRAME_PACKETS === 0 ? 0x10 : 0x00 // VP8 payload descriptor: start of a frame, or not
      packet[13] = sent % KEYFRAME_PACKETS === 0 ? 0x00 : 0x01 // inverse keyframe flag
      socket.send(Buffer.from(packet), port, '127.0.0.1')
    }
  }, 5)
  await answer(() => sent)
}

async function runViewers(url: string): Promise<void> {
  let packets = 0
  let connected = 0
  process.on('uncaughtException', (error) => {
    if (!(error instanceof Skipped)) throw error
  })
  for (let i = 0; i < VIEWERS; i++) {
    const pc = new RTCPeerConnection({
      codecs: { video: [useVP8()] },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ['127.0.0.1'],
    })
    pc.connectionStateChange.subscribe((state) => {
      if (state !== 'connected') return
      connected++
      // Thrown out of werift's listener, so that nothing further is done with the packet.
      pc.dtlsTransports[0]!.srtp.decrypt = () => {
        packets++
        throw new Skipped()
      }
    })
    pc.addTransceiver('video', { direction: 'recvonly' })
    await pc.setLocalDescription(await pc.createOffer())
    await until(() => pc.iceGatheringState === 'complete', 5000)
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/sdp' },
      body: pc.localDescription!.sdp,
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() })
  }
  await answer(() => (connected === VIEWERS ? packets : 0))
}

/** Answers each line on stdin with a number. */
async function answer(count: () => number): Promise<void> {
  for await (const _question of process.stdin) process.stdout.write(`${count()}\n`)
}

function startHelper(...args: string[]): AsyncDisposable & { ask(): Promise<number> } {
  const script = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return {
    ask: async () => {
      child.stdin.write('?\n')
      const [text] = (await once(child.stdout, 'data')) as [Buffer]
      return Number(text)
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'exit')
      child.stdin.end()
      child.kill()
      await gone
    },
  }
}

/** The kernel counts in ticks of 10 ms. */
async function cpuUsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}
