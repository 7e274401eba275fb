/** Resident memory per unauthenticated connection of one address, without TLS and with it. */
import { readFile } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { defaultConfig } from '../src/config/parse.js'
import { makeCertificate } from '../test/support/certificate.js'
import { freePorts, startProgram, type Program } from '../test/support/program.js'
import { describe } from './summary.js'

const { maxConnectionsPerAddress, maxHeaderBytes } = defaultConfig().limits
/** Incomplete headers of the maximum length. */
const HEADERS = `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${'x'.repeat(maxHeaderBytes - 400)}`

/** Until V8 has freed the memory of the start. */
const SETTLED_MS = 10_000

async function residentMb({ pid }: Program): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024
}

async function open(port: number, isTls: boolean): Promise<Socket> {
  const to = { port, host: '127.0.0.1', localAddress: '127.0.0.2' }
  const socket = isTls ? connectTls({ ...to, rejectUnauthorized: false }) : connectTcp(to)
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once(isTls ? 'secureConnect' : 'connect', resolve))
  socket.write(HEADERS)
  return socket
}

async function measure(isTls: boolean): Promise<void> {
  await using files = await makeCertificate('localhost')
  const [rtpPort] = await freePorts(1)
  const tls = isTls ? `tls-cert = "${files.certPath}"\ntls-key = "${files.keyPath}"\n` : ''
  await using program = await startProgram({
    tables: `${tls}username = "anna"\npassword = "correct horse"
[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
  })
  await sleep(SETTLED_MS)
  const before = await residentMb(program)
  const sockets: Socket[] = []
  for (let i = 0; i < maxConnectionsPerAddress; i++) sockets.push(await open(program.webPort, isTls))
  const after = await residentMb(program)
  for (const socket of sockets) socket.destroy()
  const each = Math.round(((after - before) * 1024) / sockets.length)
  const what = `${sockets.length} connections ${isTls ? 'with TLS' : 'without TLS'}`
  console.log(`${what}: ${before.toFixed(0)} -> ${after.toFixed(0)} MB resident, ${each} kB each`)
}

console.log(describe())
await measure(false)
await measure(true)
