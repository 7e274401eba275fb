import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hasJanus, openJanusWhip, startJanus } from '../test/support/janus.js'
import { freePorts, startProgram, until, type Program } from '../test/support/program.js'
import { sleep } from './load/external-camera.js'
import { requireOnHost } from './require.js'
import { describe } from './summary.js'

/** Its child runs in a network of its own, so that cutting it disturbs nobody. */
const INSIDE = 'PUSH_OUTAGE_INSIDE'
const AWAY_MS = Number(process.env['AWAY_MS'] ?? 20_000)
const RESTART_MS = 2000
const LIMIT_MS = 120_000
const TOKEN = 'a-token-of-the-bench'
const CODECS = ['vp8', 'h264'] as const
type Codec = (typeof CODECS)[number]

/** A server that is pushed to. */
interface Engine extends AsyncDisposable {
  url: string
  /** Of its WHIP endpoint, over TCP. */
  port: number
  /** RTP packets that have come through it. */
  packets(): Promise<number>
  restart(awayMs: number): Promise<void>
}

/** Seconds until packets of a pushed camera come out of the server again: after its restart, a cut network, redirects and a refusal. */
if (process.env[INSIDE] === undefined) {
  requireOnHost({ programs: { nft: 'nftables', ip: 'iproute2', unshare: 'util-linux' }, root: true })
  const { status } = spawnSync(
    'unshare',
    ['--net', process.execPath, ...process.execArgv, process.argv[1]!],
    {
      stdio: 'inherit',
      env: { ...process.env, [INSIDE]: '1' },
    },
  )
  process.exitCode = status ?? 1
} else {
  command('ip', 'link set lo up')
  // Janus has no candidate of the loopback interface.
  command('ip', 'link add outside type veth peer name cable')
  command('ip', 'addr add 192.0.2.1/24 dev outside')
  for (const end of ['outside', 'cable']) command('ip', `link set ${end} up`)
  console.log(`${describe()}\n320x240, 30 frames/s; seconds until packets come out of the server`)
  const engines = { 'another rpi-webrtc': startCascade, ...(hasJanus && { Janus: startVideoRoom }) }
  for (const [name, start] of Object.entries(engines)) {
    for (const codec of CODECS) {
      await using engine = await start(codec)
      console.log(`${name}, ${codec}: ${(await outages(engine, codec)).join(', ')}`)
    }
  }
}

async function outages(engine: Engine, codec: Codec): Promise<string[]> {
  const results: string[] = []
  const flows = async (what: string): Promise<void> => {
    const [before, startMs] = [await engine.packets(), performance.now()]
    await until(async () => (await engine.packets()) > before, LIMIT_MS)
    results.push(`${what} ${((performance.now() - startMs) / 1000).toFixed(1)}`)
  }
  {
    await using program = await startPush(codec, engine.url)
    await flows('at first')
    await engine.restart(RESTART_MS)
    await flows('restarted')
    command('nft', '-f -', cutOf(program, engine))
    await sleep(AWAY_MS)
    command('nft', 'delete table inet cut')
    await flows(`network away for ${AWAY_MS / 1000} s`)
  }
  for (const [what, replies] of [
    ['two redirects', [307, 308]],
    ['403 twice', [403, 403]],
  ] as const) {
    await using detour = await openDetour(engine.url, replies)
    await using _program = await startPush(codec, detour.url)
    await flows(what)
  }
  return results
}

async function startPush(codec: Codec, url: string): Promise<Program> {
  return await startProgram({
    bindIp: '0.0.0.0',
    tables: `[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 30\ncodec = "${codec}"\nwebrtc-port = $PORT1
[camera1.push]\nurl = "${url}"\ntoken = "${TOKEN}"\n[webrtc]\nudp-port = $UDP\n`,
  })
}

/** Drops the media of the program and its requests to the server, not the packets of its capture. */
function cutOf({ udpPort }: Program, { port }: Engine): string {
  return `table inet cut {
  chain out {
    type filter hook output priority 0;
    udp dport ${udpPort} drop
    udp sport ${udpPort} drop
    tcp dport ${port} drop
  }
}
`
}

function command(file: string, words: string, input?: string): void {
  const { status, stderr } = spawnSync(file, words.split(' '), { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${file} ${words}: ${stderr}`)
}

async function startCascade(codec: Codec): Promise<Engine> {
  const tables = `[camera1]\ndevice = "whip"\nwhip-token = "${TOKEN}"\ncodec = "${codec}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n`
  let server = await startProgram({ tables })
  return {
    url: `${server.url}/camera1/whip`,
    port: server.webPort,
    packets: async () => (await server.health()).cameras['camera1']!.packets,
    restart: async (awayMs) => {
      process.kill(server.pid, 'SIGKILL')
      await server[Symbol.asyncDispose]()
      await sleep(awayMs)
      server = await startProgram({ tables, ports: server })
    },
    [Symbol.asyncDispose]: async () => await server[Symbol.asyncDispose](),
  }
}

async function startVideoRoom(codec: Codec): Promise<Engine> {
  const [port] = (await freePorts(1)) as [number]
  const janus = await startJanus()
  const whip = await openJanusWhip(janus.api, { '/whip': { codec, port } })
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  let packets = 0
  socket.on('message', () => packets++)
  return {
    url: `${whip.origin}/whip`,
    port: Number(new URL(whip.origin).port),
    packets: async () => await Promise.resolve(packets),
    restart: janus.restart,
    [Symbol.asyncDispose]: async () => {
      socket.close()
      await whip[Symbol.asyncDispose]()
      await janus[Symbol.asyncDispose]()
    },
  }
}

/** Answers the first requests with these statuses, each a redirect to the next address or a refusal, and sends all others to the server. */
async function openDetour(
  target: string,
  statuses: readonly number[],
): Promise<{ url: string } & AsyncDisposable> {
  let count = 0
  const server = createServer((request, response) => {
    const status = statuses[count++] ?? 307
    const location = count >= statuses.length ? target : `/hop${count}`
    request.resume()
    response.writeHead(status, status < 400 ? { location } : {}).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/whip`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
