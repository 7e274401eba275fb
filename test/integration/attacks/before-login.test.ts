import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { unfinishedBody, unfinishedHeaders } from '../../../bench/attacks/slow-requests.js'
import { defaultConfig } from '../../../src/config/parse.js'
import { PASSWORD, TOKEN, USERNAME } from '../../support/access.js'
import { openHeldFigures } from '../../stress/fuzz/held.js'
import { freePorts, startProgram, until, type Program } from '../../support/program.js'
import { handshake, openRaw, type RawConnection } from '../../support/raw-client.js'

/**
 * How much memory a stranger can occupy without credentials. docs/security.md computes it from [limits]; here one address takes all
 * the connections that it may have, leaves on each of them something unfinished, and what the process holds is compared.
 */
const { maxConnectionsPerAddress, maxHeaderBytes } = defaultConfig().limits
const KILOBYTE = 1024
/** Objects of Node.js for a connection, its parser and its request. With headers of 16 kB 16 to 20 kB were held in all. */
const CONNECTION_BYTES = 24 * KILOBYTE
const MOST_HELD_BYTES = maxConnectionsPerAddress * (CONNECTION_BYTES + maxHeaderBytes)
/** What was read and refused waits for V8 to collect it: of 33 MB that were sent, RSS grew by 26 to 42. */
const MOST_GARBAGE_BYTES = 64 * KILOBYTE * KILOBYTE
/** V8 lets go of compiled code of the start after some collections. */
const UNTIL_STEADY = 8

interface Watched {
  program: Program
  /** Heap and buffers when the garbage is collected. */
  heldBytes: () => Promise<number>
}

async function startLocked(): Promise<Watched> {
  const [rtpPort] = await freePorts(1)
  const figures = await openHeldFigures()
  const program = await startProgram({
    tables: `username = "${USERNAME}"\npassword = "${PASSWORD}"\ntoken = "${TOKEN}"
[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`,
    nodeFlags: figures.nodeFlags,
    env: figures.env,
  })
  onTestFinished(async () => {
    await program[Symbol.asyncDispose]()
    await figures[Symbol.asyncDispose]()
  })
  return { program, heldBytes: async () => await figures.heldBytes(program.pid) }
}

async function residentBytes({ pid }: Program): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * KILOBYTE
}

/** Every connection that one address may have, each with these bytes on it. */
async function occupy({ webPort }: Program, bytes: Buffer): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  onTestFinished(() => connections.forEach(({ socket }) => void socket.destroy()))
  for (let i = 0; i < maxConnectionsPerAddress; i++) {
    const connection = await openRaw(webPort, '127.0.0.2')
    connection.send(bytes)
    connections.push(connection)
  }
  return connections
}

/** Connections are accepted in their order: the answer on a later one comes when those before it have been read. */
async function everythingIsRead({ webPort }: Program): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const later = await openRaw(webPort)
    later.send('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n')
    await later.closed
    expect(later.heard()).toMatch(/^HTTP\/1\.1 503 /)
  }
}

const UPGRADE = handshake('/camera1/ws')

test.each([
  ['headers without their end', unfinishedHeaders(maxHeaderBytes - 400), true],
  [
    'handshakes of WebSockets without their end',
    unfinishedHeaders(maxHeaderBytes - 400, `${UPGRADE.trimEnd()}\r\n`),
    true,
  ],
  ['bodies without their last byte', unfinishedBody(), false],
  [
    'refused WebSockets with messages behind them',
    Buffer.concat([Buffer.from(UPGRADE), Buffer.alloc(128 * KILOBYTE, 0x81)]),
    false,
  ],
])(
  'one address that leaves %s occupies no more than its connections times what each may hold',
  async (_, bytes, staysOpen) => {
    const { program, heldBytes } = await startLocked()
    await everythingIsRead(program)
    for (let i = 0; i < UNTIL_STEADY; i++) await heldBytes()
    const heldBefore = await heldBytes()
    const residentBefore = await residentBytes(program)
    const connections = await occupy(program, bytes)
    await everythingIsRead(program)
    const resident = await residentBytes(program)
    const held = await heldBytes()
    if (staysOpen) expect(connections.filter((connection) => connection.isClosed())).toEqual([])
    expect(held - heldBefore).toBeLessThan(MOST_HELD_BYTES)
    expect(resident - residentBefore).toBeLessThan(MOST_HELD_BYTES + MOST_GARBAGE_BYTES)
  },
)

test('the connection that is one too many for its address is refused, and others are served', async () => {
  const { program } = await startLocked()
  const held = await occupy(program, Buffer.from('GET / HTTP/1.1\r\n'))
  await until(() => held.every(({ socket }) => socket.writableLength === 0), 20_000)
  const tooMany = await openRaw(program.webPort, '127.0.0.2')
  tooMany.send('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await tooMany.hears(/\r\n\r\n/)
  expect(tooMany.heard()).toMatch(/^HTTP\/1\.1 503 /)
  expect((await fetch(`${program.url}/health`)).status).toBe(503) // its camera sends nothing, and it says so
})
