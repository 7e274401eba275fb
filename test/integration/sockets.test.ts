import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { childrenOf, startProgram, until, type Health, type Program } from '../support/program.js'
import { watch } from '../support/watcher.js'

const run = promisify(execFile)

/** Another address of the loopback network, so that the program's own 127.0.0.1 is told from what it is bound to. */
const BIND_IP = '127.0.0.2'

const camera = (number: number): string =>
  `[camera${number}]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT${number}\n`

interface Socket {
  protocol: 'tcp' | 'udp'
  state: string
  local: string
  pid: number
}

/** Every UDP socket of these processes and every TCP socket that listens; one that was inherited is listed for each. */
async function socketsOf(pids: readonly number[]): Promise<Socket[]> {
  const listings = await Promise.all(
    (['udp', 'tcp'] as const).map(async (protocol) => {
      const { stdout } = await run('ss', ['-Hnp', ...(protocol === 'udp' ? ['-ua'] : ['-tl'])])
      return stdout.split('\n').flatMap((line) => {
        const [state, , , local] = line.split(/\s+/)
        return Array.from(line.matchAll(/pid=(\d+)/g), ([, pid]) => ({
          protocol,
          state: state!,
          local: local!,
          pid: Number(pid),
        }))
      })
    }),
  )
  return listings.flat().filter(({ pid }) => pids.includes(pid))
}

async function familyOf(pid: number): Promise<number[]> {
  const children = await childrenOf(pid)
  return [pid, ...(await Promise.all(children.map(familyOf))).flat()]
}

async function start(): Promise<Program> {
  const program = await startProgram({
    tables: `${camera(1)}${camera(2)}[webrtc]\nudp-port = $UDP\n`,
    bindIp: BIND_IP,
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  return program
}

test('the program and its capture processes open the configured ports, and everything else on 127.0.0.1', async () => {
  const program = await start()
  const { pid, webPort, udpPort, webrtcPorts } = program
  const origin = `http://${BIND_IP}:${webPort}`
  const health = async () => (await (await fetch(`${origin}/health`)).json()) as Health
  await until(async () => (await health()).status === 'ok', 20_000)
  await using _viewer = await watch(origin, 'camera1', { bindIp: '127.0.0.1' })
  expect((await fetch(`${origin}/camera2/snapshot.jpg`)).status).toBe(200)

  const family = await familyOf(pid)
  const captures = family.filter((one) => one !== pid)
  expect(captures).toHaveLength(2)
  const openTo = ({ protocol, local }: Socket): string => `${protocol} ${local}`
  const isInner = ({ protocol, local }: Socket): boolean =>
    protocol === 'udp' && /^127\.0\.0\.1:\d+$/.test(local)
  // RTP and RTCP of each camera; those of the warm-up are gone when it is done.
  let sockets: Socket[] = []
  const own = (): Socket[] => sockets.filter((socket) => socket.pid === pid)
  await until(async () => {
    sockets = await socketsOf(family)
    return own().filter(isInner).length === 4
  }, 20_000)

  expect(
    own()
      .filter((socket) => !isInner(socket))
      .map(openTo)
      .sort(),
  ).toEqual(
    [
      `tcp ${BIND_IP}:${webPort}`,
      `tcp ${BIND_IP}:${webrtcPorts[0]}`,
      `tcp ${BIND_IP}:${webrtcPorts[1]}`,
      `tcp ${BIND_IP}:${udpPort}`,
      `udp ${BIND_IP}:${udpPort}`,
    ].sort(),
  )
  for (const capture of captures) {
    const its = sockets.filter((socket) => socket.pid === capture)
    // RTP out, RTCP out, RTCP in.
    expect(its.filter((socket) => !isInner(socket)).map(openTo)).toEqual([])
    expect(its).toHaveLength(3)
  }
}, 60_000)
