import { spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../support/program.js'
import { Namespace } from './namespaces.js'

const canRun = process.getuid?.() === 0 && spawnSync('unshare', ['--net', 'true']).status === 0
const DATAGRAMS = 160

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const tsx = (name: string): string[] => [process.execPath, '--import', 'tsx', script(name)]

/** Sockets of viewers in a namespace. */
async function openReceivers(host: Namespace, address: string, count: number) {
  const child: ChildProcess = host.spawn(...tsx('udp-receivers.ts'), address, String(count))
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout! })
  const next = async (): Promise<unknown> => JSON.parse(((await once(lines, 'line')) as [string])[0])
  const ports = (await next()) as number[]
  return {
    ports,
    got: async () => {
      const answer = next()
      child.stdin!.write('\n')
      return (await answer) as [number: number, bytes: number][][]
    },
  }
}

interface Sent {
  via: string | undefined
  dropped: number
  segments: boolean[]
}

const send = (host: Namespace, receivers: string[]): Sent =>
  JSON.parse(host.run(...tsx('udp-burst.ts'), ...receivers)) as Sent

/** Every datagram once, in order, whole. */
const all = (bytes: number): [number, number][] => Array.from({ length: DATAGRAMS }, (_, i) => [i, bytes])

/** Switches the checksum offload of a device off, which `ethtool -K DEVICE tx off` does too (ETHTOOL_STXCSUM, linux/ethtool.h). */
const WITHOUT_OFFLOAD = `
import array, fcntl, socket, struct, sys
value = array.array('B', struct.pack('II', 0x17, 0))
request = struct.pack('16sP', sys.argv[1].encode(), value.buffer_info()[0]) + bytes(16)
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8946, request)
`

// test/allowed-skips.mjs
test.runIf(canRun)(
  'a device whose MTU refuses UDP_SEGMENT for one viewer costs neither it nor others a packet',
  async () => {
    const host = await Namespace.open()
    onTestFinished(() => host[Symbol.dispose]())
    host.run('ip', 'link', 'set', 'lo', 'mtu', '1000')
    const { ports, got } = await openReceivers(host, '127.0.0.1', 3)
    const bytes = [800, 1200, 800] // those of the second are fragmented
    const sent = send(
      host,
      ports.map((port, i) => `127.0.0.1:${port}:${bytes[i]}`),
    )
    expect(sent).toMatchObject({ dropped: 0, segments: [true, false, true] })
    await until(async () => (await got()).every(({ length }) => length >= DATAGRAMS), 20_000)
    expect(await got()).toEqual(bytes.map(all))
  },
)

// Linux before 6.11 answers with EIO, later ones compute the checksums.
test.runIf(canRun)('a device without checksum offload delivers every packet', async () => {
  const [server, viewer] = [await Namespace.open(), await Namespace.open()]
  for (const each of [server, viewer]) onTestFinished(() => each[Symbol.dispose]())
  server.connect('path', '10.78.0.1/24', viewer, 'path', '10.78.0.2/24')
  server.run('python3', '-c', WITHOUT_OFFLOAD, 'path')
  const { ports, got } = await openReceivers(viewer, '10.78.0.2', 2)
  const sent = send(
    server,
    ports.map((port) => `10.78.0.2:${port}:1180`),
  )
  expect(sent.dropped).toBe(0)
  await until(async () => (await got()).every(({ length }) => length >= DATAGRAMS), 20_000)
  expect(await got()).toEqual(ports.map(() => all(1180)))
})
