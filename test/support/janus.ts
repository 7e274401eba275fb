import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePorts, until } from './program.js'

/** Debian's package. */
export const hasJanus = existsSync('/usr/bin/janus')

export interface Janus extends AsyncDisposable {
  /** Ends it, and starts it again with the same ports. */
  restart: (awayMs?: number) => Promise<void>
  api: string
  pid: () => number
  output: () => string
}

/** Janus with the VideoRoom on a free port of the loopback address. */
export async function startJanus(): Promise<Janus> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-'))
  const [port] = await freePorts(1)
  const triplet = execFileSync('dpkg-architecture', ['-qDEB_HOST_MULTIARCH'], { encoding: 'utf8' }).trim()
  const lib = `/usr/lib/${triplet}/janus`
  const nowhere = join(folder, 'nowhere')
  await Promise.all([
    writeFile(
      join(folder, 'janus.jcfg'),
      `general: { configs_folder = "${folder}", plugins_folder = "${lib}/plugins", transports_folder = "${lib}/transports"
  events_folder = "${nowhere}", loggers_folder = "${nowhere}", debug_level = 4, debug_timestamps = true
  session_timeout = 0 }
plugins: { disable = "libjanus_audiobridge.so,libjanus_echotest.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_nosip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so,libjanus_duktape.so,libjanus_lua.so" }
transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,libjanus_websockets.so" }
`,
    ),
    writeFile(
      join(folder, 'janus.transport.http.jcfg'),
      `general: { json = "compact", base_path = "/janus", http = true, port = ${port}, ip = "127.0.0.1", https = false }
admin: { admin_http = false }\n`,
    ),
    writeFile(join(folder, 'janus.plugin.videoroom.jcfg'), ''),
  ])
  let said = ''
  const api = `http://127.0.0.1:${port}/janus`
  const start = async () => {
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', '--', 'janus', '-C', join(folder, 'janus.jcfg'), '-F', folder],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const exit = once(child, 'exit')
    await until(
      async () =>
        await fetch(`${api}/info`).then(
          ({ ok }) => ok,
          () => false,
        ),
      20_000,
    ).catch(() => {
      throw new Error(`Janus does not answer: ${said.slice(-2000)}`)
    })
    return {
      pid: child.pid!,
      stop: async () => {
        child.kill('SIGKILL')
        await exit
      },
    }
  }
  let running = await start()
  return {
    api,
    pid: () => running.pid,
    output: () => said,
    restart: async (awayMs = 0) => {
      await running.stop()
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      running = await start()
    },
    [Symbol.asyncDispose]: async () => {
      await running.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface JanusAnswer {
  janus: string
  data?: { id: number }
  plugindata?: { data: Record<string, unknown> }
  jsep?: { type: string; sdp: string }
  error?: { reason: string }
}

export interface JanusWhip extends AsyncDisposable {
  origin: string
  statuses: number[]
  /** By path: where subscribers find what is published. */
  published: Map<string, { room: unknown; feed: unknown }>
}

/**
 * An endpoint as simple-whip-server is one: an offer becomes a publisher of a room of its own, whose RTP goes to a port.
 * @param forwardTo by path: codec, and UDP port of the loopback address, if its RTP is to be forwarded.
 */
export async function openJanusWhip(
  api: string,
  forwardTo: Readonly<Record<string, { codec: string; port?: number }>>,
): Promise<JanusWhip> {
  const statuses: number[] = []
  const published: JanusWhip['published'] = new Map()
  let transaction = 0
  const ask = async (path: string, message: object): Promise<JanusAnswer> => {
    const response = await fetch(api + path, {
      method: 'POST',
      body: JSON.stringify({ transaction: String(++transaction), ...message }),
    })
    const answer = (await response.json()) as JanusAnswer
    if (answer.error !== undefined) throw new Error(answer.error.reason)
    return answer
  }
  const sessions = new Map<string, string>()
  const publish = async (path: string, offer: string): Promise<string> => {
    const { codec, port } = forwardTo[path]!
    const session = `/${(await ask('', { janus: 'create' })).data!.id}`
    const handle = `${session}/${(await ask(session, { janus: 'attach', plugin: 'janus.plugin.videoroom' })).data!.id}`
    const created = await ask(handle, {
      janus: 'message',
      body: { request: 'create', videocodec: codec, bitrate: 0 },
    })
    const room = created.plugindata!.data['room']
    await ask(handle, {
      janus: 'message',
      body: { request: 'joinandconfigure', room, ptype: 'publisher' },
      jsep: { type: 'offer', sdp: offer },
    })
    for (;;) {
      const event = (await (await fetch(`${api}${session}?maxev=1`)).json()) as JanusAnswer
      if (event.jsep === undefined) continue
      const feed = event.plugindata!.data['id']
      if (port !== undefined) {
        const streams = [{ mid: '0', port }]
        const to = { host: '127.0.0.1', host_family: 'ipv4', streams }
        await ask(handle, {
          janus: 'message',
          body: { request: 'rtp_forward', room, publisher_id: feed, ...to },
        })
      }
      published.set(path, { room, feed })
      sessions.set(path, session)
      return event.jsep.sdp
    }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const path = request.url!
      const reply = (status: number, body = ''): void => {
        statuses.push(status)
        response.writeHead(status, { 'content-type': 'application/sdp', location: path }).end(body)
      }
      if (request.method === 'DELETE') {
        void ask(sessions.get(path) ?? '/0', { janus: 'destroy' })
          .catch(() => {})
          .then(() => reply(200))
        return
      }
      publish(path, Buffer.concat(chunks).toString()).then(
        (answer) => reply(201, answer),
        (error: unknown) => reply(503, String(error)),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    statuses,
    published,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
