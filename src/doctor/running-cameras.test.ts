import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { parseConfig } from '../config/parse.js'
import { getJson, type LocalRequest } from './get-json.js'
import { checkRunningCameras } from './running-cameras.js'
import type { Holder } from './processes.js'

/** /proc/net/tcp of a machine where 8080 is listened on. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1065 1 00000000ecc7956e 100 0 0 10 0
`
const ours: Holder = { pid: 812, name: 'rpi-webrtc', isOurs: true }
const CAMERA = '[camera1]\ndevice = "rtp://127.0.0.1:5004"\n'

async function check(health: unknown, { holder = ours, server = '' } = {}) {
  const asked = vi.fn<(request: LocalRequest) => Promise<unknown>>().mockResolvedValue(health)
  const system = exampleSystem({ files: { '/proc/net/tcp': TCP }, about: { getJson: asked } })
  const holdersOf = async () => await Promise.resolve([holder])
  const config = parseConfig(`[server]\n${server}${CAMERA}`, 'a')
  return { checks: await checkRunningCameras(config, system, { holdersOf, server: ours }), asked }
}

const LARGE = { cause: 'large-packets', message: 'Packets of 1472 bytes.', hint: 'Add pkt_size=1200.' }

test('warnings of the running server and the cause of a lost camera are findings', async () => {
  const { checks } = await check({
    cameras: {
      camera1: { state: 'live', warnings: [LARGE] },
      camera2: { state: 'lost', cause: 'no-device', message: 'It is not there.', hint: 'Plug it in.' },
    },
  })
  expect(checks).toEqual([
    { id: 'camera-now', status: 'ok', title: 'camera1 now', detail: 'live' },
    {
      id: 'camera-now',
      status: 'warning',
      title: 'camera1 now',
      detail: 'large-packets: Packets of 1472 bytes.',
      hint: 'Add pkt_size=1200.',
    },
    {
      id: 'camera-now',
      status: 'problem',
      title: 'camera2 now',
      detail: 'lost (no-device): It is not there.',
      hint: 'Plug it in.',
    },
  ])
})

test.each([
  ['a token', 'token = "0123456789abcdef"\n', 'Bearer 0123456789abcdef'],
  ['a password', 'username = "anna"\npassword = "correct horse"\n', 'Basic YW5uYTpjb3JyZWN0IGhvcnNl'],
  ['nothing', '', undefined],
])('with %s it is asked on loopback', async (_what, server, authorization) => {
  const { asked } = await check({ status: 'ok' }, { server })
  expect(asked.mock.calls).toEqual([
    [
      {
        isTls: false,
        host: '127.0.0.1',
        port: 8080,
        path: '/health',
        ...(authorization && { authorization }),
      },
    ],
  ])
})

test('another program on the port is not asked: it would get the password', async () => {
  const { asked, checks } = await check({}, { holder: { pid: 1, name: 'nginx', isOurs: false } })
  expect([asked.mock.calls, checks]).toEqual([[], []])
})

test.each([
  [undefined],
  ['text'],
  [{ cameras: [] }],
  [{ cameras: { camera1: null } }],
  [{ cameras: { camera1: { state: 7, warnings: 'x' } } }],
])('of %j nothing is believed', async (health) =>
  expect((await check(health)).checks.filter(({ status }) => status !== 'ok')).toEqual([]),
)

async function answering(listener: RequestListener): Promise<LocalRequest> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { isTls: false, host: '127.0.0.1', port, path: '/health', authorization: 'Bearer x' }
}

test('JSON is read with the authorization; an endless or other answer is none', async () => {
  const json = await answering(
    ({ headers }, response) => void response.end(JSON.stringify(headers.authorization)),
  )
  expect(await getJson(json)).toBe('Bearer x')
  expect(await getJson(await answering((_, response) => void response.end('<html>')))).toBeUndefined()
  const endless = await answering((_, response) => {
    const write = (): void => {
      while (response.writable && response.write('x'.repeat(65_536)));
    }
    response.on('drain', write)
    write()
  })
  expect(await getJson(endless)).toBeUndefined()
})
