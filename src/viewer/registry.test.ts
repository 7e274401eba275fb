import { PacketHistory } from '../rtp/history.js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { ViewerClient } from '../../test/support/viewer-client.js'
import { chrome, safari } from '../../test/support/viewer-offers.js'
import { becomes, CAMERA, FakeCamera, openViewers } from '../../test/support/viewer-server.js'
import { AppError } from '../errors.js'
import { defaultConfig } from '../config/parse.js'
import { silentLog } from '../log.js'
import { openSrtpBatch } from '../srtp/batch.js'
import { prepareWerift } from './werift/prepare.js'
import { ViewerRegistry } from './registry.js'
import type { Viewer } from './types.js'
import { sessionTiming } from './session.js'
import { openUdpMux } from './transport/udp-mux.js'

const IDLE = { agents: 0, addresses: 0, transactions: 0 }

test('every viewer takes a place from its offer on, and the one too many within two seconds is told so', async () => {
  const { registry } = await openViewers({ maxClients: 4 })
  const viewers = [1, 2, 3, 4].map(() => registry.admit(CAMERA, chrome, 'whep'))
  expect(registry.count(CAMERA)).toBe(4)
  expect(() => registry.admit(CAMERA, chrome, 'whep')).toThrow(
    expect.objectContaining({ code: 'camera-full', status: 503 }),
  )
  expect(new Set(viewers.map(({ id }) => id)).size).toBe(4)
})

test.each<[string, (viewer: Viewer) => Promise<unknown>]>([
  ['is dismissed', async (viewer) => await viewer.dismiss()],
  ['never connects', async (viewer) => await viewer.ended],
])('the place of a viewer that %s is free again', async (_how, over) => {
  const { registry, mux } = await openViewers({ maxClients: 1, timing: { connectLimitMs: 50 } })
  const viewer = registry.admit(CAMERA, chrome, 'websocket')
  await over(viewer)
  expect(registry.count(CAMERA)).toBe(0)
  expect(registry.find(CAMERA, viewer.id)).toBeUndefined()
  expect(mux.held).toEqual(IDLE)
  registry.admit(CAMERA, chrome, 'websocket')
})

describe('our public address', () => {
  const mapped = { address: '203.0.113.7', port: 40_000 }
  const isReflexive = (line: string): boolean => line.includes('203.0.113.7 40000 typ srflx raddr')

  async function openWith(known: (typeof mapped)[]) {
    const listeners = new Set<() => void>()
    const publicAddress = {
      known,
      isAsking: true,
      users: 0,
      refresh: vi.fn(),
      use: () => {
        publicAddress.users++
        return {
          [Symbol.dispose]: () => {
            publicAddress.users--
          },
        }
      },
      onChange: (listener: () => void) => {
        listeners.add(listener)
        return { [Symbol.dispose]: () => void listeners.delete(listener) }
      },
    }
    const find = (address: typeof mapped): void => {
      publicAddress.known = [address]
      for (const listener of listeners) listener()
    }
    return { ...(await openViewers({ publicAddress })), publicAddress, find, listeners }
  }

  test('is asked for by every offer, in every answer and offer of ours, and kept while a viewer is there', async () => {
    const { registry, publicAddress } = await openWith([mapped])
    const viewer = registry.admit(CAMERA, chrome, 'whep')
    const offered = registry.createOffer(CAMERA, 'camera-streamer')
    expect(publicAddress.refresh).toHaveBeenCalledTimes(2)
    expect([viewer.answerSdp, offered.offerSdp].every(isReflexive)).toBe(true)
    expect(viewer.candidates.filter(({ candidate }) => isReflexive(candidate))).toHaveLength(1)
    expect(publicAddress.users).toBe(2)
    await Promise.all([viewer.dismiss(), offered.dismiss()])
    expect(publicAddress.users).toBe(0)
  })

  test('that becomes known after the answer is reported once, and again when it has changed', async () => {
    const { registry, find, listeners } = await openWith([])
    const viewer = registry.admit(CAMERA, chrome, 'websocket')
    find(mapped) // before signalling listens
    const reported: string[] = []
    const listening = viewer.onCandidate(({ candidate }) => reported.push(candidate))
    find(mapped)
    find({ ...mapped, port: 41_000 })
    expect(reported.map((line) => line.split(' ')[5])).toEqual(['40000', '41000'])
    listening[Symbol.dispose]()
    expect(listeners.size).toBe(0)
  })

  test('that may still become known ends the candidates only for signalling that sends none later', async () => {
    const { registry, publicAddress } = await openWith([])
    const endsIn = (via: 'websocket' | 'whep'): boolean =>
      registry.admit(CAMERA, chrome, via).answerSdp.includes('a=end-of-candidates')
    expect([endsIn('websocket'), endsIn('whep')]).toEqual([false, true])
    publicAddress.isAsking = false
    expect(endsIn('websocket')).toBe(true)
  })
})

test('four sessions of another address that do not connect keep no viewer out, and none is ended for it', async () => {
  const { registry } = await openViewers({ maxClients: 4 })
  const attackers = [1, 2, 3, 4].map(() => registry.createOffer(CAMERA, 'camera-streamer', '192.0.2.1'))
  const client = await openClient()
  const viewer = registry.admit(CAMERA, client.offer('vp8'), 'whep', '192.0.2.2')
  await client.connect(viewer.answerSdp)
  await becomes(() => expect(registry.stats(CAMERA).has(viewer.id)).toBe(true))
  for (const { id } of attackers) expect(registry.find(CAMERA, id)).toBeDefined()
})

test('where as many are connecting as may, a newcomer supersedes one of the address with the most of them', async () => {
  const { registry } = await openViewers({ limits: { maxConnecting: 4 } })
  const sessions = [1, 1, 1, 2].map((host) => registry.admit(CAMERA, chrome, 'whep', `192.0.2.${host}`))
  registry.admit(CAMERA, chrome, 'whep', '192.0.2.3')
  expect(await sessions[0]!.ended).toBe('superseded')
  expect(registry.count(CAMERA)).toBe(4)
})

test('a viewer that comes back again and again without a goodbye gets the slot of one that fell silent', async () => {
  const { registry, camera, join } = await openViewers({
    maxClients: 2,
    timing: { absenceMs: 200, idleAbsenceMs: 200 },
  })
  camera.play()
  const slots = [await join(), await join()]
  for (let i = 0; i < 3; i++) {
    const [silent] = slots.splice(0, 1)
    silent!.client.vanish()
    await expect
      .poll(
        async () =>
          await join().then(
            (slot) => slots.push(slot),
            () => 0,
          ),
      )
      .toBe(2)
    expect(await silent!.viewer.ended).toBe('superseded')
  }
  expect(registry.count(CAMERA)).toBe(2)
})

test('a refused offer takes no place', async () => {
  const { registry, mux } = await openViewers({ maxClients: 1 })
  expect(() => registry.admit(CAMERA, 'nonsense', 'whep')).toThrow(
    expect.objectContaining({ code: 'bad-offer' }),
  )
  expect(() => registry.admit('camera9', chrome, 'whep')).toThrow(
    expect.objectContaining({ code: 'no-such-camera', status: 404 }),
  )
  expect(() => registry.admit('__proto__', chrome, 'whep')).toThrow(
    expect.objectContaining({ code: 'no-such-camera' }),
  )
  expect(registry.count(CAMERA)).toBe(0)
  expect(mux.held).toEqual(IDLE)
})

test('a session that fails by a bug gives its place back, and is logged', async () => {
  const mux = await openUdpMux(0, '127.0.0.1', () => {})
  onTestFinished(async () => await mux[Symbol.asyncDispose]())
  const error = vi.fn()
  const fanout = {
    add: () => {
      throw new Error('a bug')
    },
    history: new PacketHistory(),
  }
  const camera = Object.assign(new FakeCamera('vp8'), { fanout })
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  await using registry = new ViewerRegistry({
    streams: new Map([[CAMERA, camera]]),
    media: { mux },
    srtp: openSrtpBatch(),
    fingerprint: await prepareWerift(silentLog),
    addresses: () => [{ address: '127.0.0.1' }],
    config: { webrtc: { maxClients: 1 }, limits: defaultConfig().limits },
    log: { ...silentLog, error },
    timing: sessionTiming,
  })
  const viewer = registry.admit(CAMERA, client.offer('vp8'), 'whep')
  await client.connect(viewer.answerSdp)
  expect(await viewer.ended).toBe('connection-lost')
  expect(registry.count(CAMERA)).toBe(0)
  expect(error).toHaveBeenCalledWith('viewer failed', expect.objectContaining({ error: 'Error: a bug' }))
  expect(mux.held).toEqual(IDLE)
})

test('a camera is watched from an admission to the end of its session', async () => {
  const { registry, camera, join } = await openViewers()
  let watching = 0
  Object.assign(camera, {
    watch: () => {
      watching++
      return { [Symbol.dispose]: () => watching-- }
    },
  })
  expect(() => registry.admit(CAMERA, 'v=0', 'whep')).toThrow(AppError)
  expect(watching).toBe(0)
  const unconnected = registry.admit(CAMERA, chrome, 'whep')
  const { viewer } = await join()
  expect(watching).toBe(2)
  await viewer.dismiss()
  await unconnected.dismiss()
  await vi.waitFor(() => expect(watching).toBe(0))
})

test('a viewer is found by its camera and its id, and by nothing else', async () => {
  const { registry } = await openViewers()
  const viewer = registry.admit(CAMERA, chrome, 'whep')
  expect(registry.find(CAMERA, viewer.id)).toBe(viewer)
  expect(registry.find(CAMERA, `${viewer.id}x`)).toBeUndefined()
  expect(registry.find('camera2', viewer.id)).toBeUndefined()
  expect(registry.count('camera2')).toBe(0)
  expect(viewer.id.length).toBeGreaterThanOrEqual(22)
})

test('the candidates to trickle are those of the answer, at the section that carries the transport', async () => {
  const { registry, mux, tcp } = await openViewers()
  const { answerSdp, candidates } = registry.admit(CAMERA, safari, 'websocket')
  const at = (host: string) => ({
    candidate: expect.stringContaining(`${host} typ host`) as string,
    sdpMid: '0',
    sdpMLineIndex: 0,
  })
  expect(candidates).toEqual([at(`127.0.0.1 ${mux.port}`), at(`127.0.0.1 ${tcp.port}`)])
  for (const { candidate } of candidates) expect(answerSdp).toContain(`a=${candidate}\r\n`)
})

test('no two viewers share credentials', async () => {
  const { registry } = await openViewers()
  const answers = Array.from({ length: 20 }, () => registry.admit(CAMERA, chrome, 'whep').answerSdp)
  for (const key of [/a=ice-ufrag:(\S+)/, /a=ice-pwd:(\S+)/, /a=ssrc:(\d+)/])
    expect(new Set(answers.map((answer) => key.exec(answer)![1])).size).toBe(20)
})

test('what viewers were sent is counted, and stays counted when they leave', async () => {
  const { registry, camera, join, admit } = await openViewers()
  camera.play()
  const [first] = [await join(), await join(), await admit()]
  await becomes(() =>
    expect(registry.snapshot()[CAMERA]!.viewers.map(({ packets }) => packets > 30)).toEqual([true, true]),
  )
  const before = registry.snapshot()[CAMERA]!
  expect(before.total.packets).toBe(before.viewers[0]!.packets + before.viewers[1]!.packets)
  expect(before.total.octets).toBeGreaterThan(before.total.packets)
  await first.viewer.dismiss()
  const after = registry.snapshot()[CAMERA]!
  expect(after.viewers.length).toBe(1)
  expect(after.total.packets).toBeGreaterThanOrEqual(before.total.packets)
})

test('nothing in a snapshot tells who a viewer is', async () => {
  const { registry, camera, join } = await openViewers()
  camera.play()
  const { viewer } = await join()
  await becomes(() => expect(registry.snapshot()[CAMERA]!.viewers.length).toBe(1))
  const text = JSON.stringify(registry.snapshot())
  expect(text).not.toContain(viewer.id)
  expect(JSON.parse(text)).toMatchObject({
    [CAMERA]: { total: { packets: expect.any(Number) as number, nacked: 0 } },
  })
})

test('whoever listens to a viewer’s status is told of its estimate, until it stops listening', async () => {
  const { camera, join } = await openViewers()
  camera.play()
  const { client, viewer } = await join()
  const [listening, gone] = [vi.fn(), vi.fn()]
  viewer.onStatus(listening)
  viewer.onStatus(gone)[Symbol.dispose]()
  const remb = Buffer.alloc(24)
  remb.set([0x8f, 206, 0, 5])
  remb.write('REMB', 12)
  remb.set([1, 0x0b, 0xd0, 0x90], 16) // 2^2 x 250000
  remb.writeUInt32BE(client.server!.ssrc, 20)
  client.sendRtcp(remb)
  await becomes(() =>
    expect(listening).toHaveBeenCalledWith({ congested: false, availableBitrateBps: 1_000_000 }),
  )
  expect(gone).not.toHaveBeenCalled()
})

test('closing the registry ends every session, and nobody gets in afterwards', async () => {
  const { registry, mux, camera, join, admit } = await openViewers()
  camera.play()
  const live = await join()
  const connecting = await admit()
  await becomes(() => expect(live.client.received.length).toBeGreaterThan(0))
  await registry[Symbol.asyncDispose]()
  expect(await Promise.all([live.viewer.ended, connecting.viewer.ended])).toEqual([
    'asked-to-leave',
    'asked-to-leave',
  ])
  expect(registry.count(CAMERA)).toBe(0)
  expect(camera.fanout.viewers).toBe(0)
  expect(mux.held).toEqual(IDLE)
  expect(() => registry.admit(CAMERA, chrome, 'whep')).toThrow()
})

test('a viewer can be dismissed twice, and candidates that come late are ignored', async () => {
  const { registry } = await openViewers()
  const viewer = registry.admit(CAMERA, chrome, 'websocket')
  await Promise.all([viewer.dismiss(), viewer.dismiss()])
  viewer.addCandidate('candidate:1 1 udp 1 127.0.0.1 5000 typ host')
  expect(await viewer.ended).toBe('asked-to-leave')
})

describe('a viewer who asked for an offer', () => {
  test.each(['vp8', 'h264'] as const)('gets the pictures in %s once it has answered', async (codec) => {
    const { registry, camera } = await openViewers({ codec })
    camera.play()
    const client = await openClient()
    const viewer = registry.createOffer(CAMERA, 'camera-streamer')
    client.acceptAnswer(viewer.offerSdp)
    const checked = client.checkPath()
    viewer.applyAnswer(client.answerTo(viewer.offerSdp))
    await checked
    await client.handshake()
    await becomes(() => expect(client.received.length).toBeGreaterThan(10))
    expect(new Set(client.received.map(({ payloadType }) => payloadType))).toEqual(
      new Set([codec === 'vp8' ? 96 : 108]),
    )
    expect(client.undecryptable).toBe(0)
  })

  test('may send its candidates before its answer', async () => {
    const { registry, camera } = await openViewers()
    camera.play()
    const client = await openClient()
    const viewer = registry.createOffer(CAMERA, 'camera-streamer')
    client.acceptAnswer(viewer.offerSdp)
    viewer.addCandidate(`candidate:1 1 udp 2122260223 127.0.0.1 ${client.socket.address().port} typ host`)
    viewer.applyAnswer(client.answerTo(viewer.offerSdp))
    await becomes(() => expect(client.checksReceived).toBeGreaterThan(0))
  })

  test('holds a slot that is free again when no answer comes', async () => {
    const { registry, mux } = await openViewers({ maxClients: 1, timing: { connectLimitMs: 50 } })
    const viewer = registry.createOffer(CAMERA, 'camera-streamer')
    expect(() => registry.createOffer(CAMERA, 'camera-streamer')).toThrow(
      expect.objectContaining({ code: 'camera-full' }),
    )
    expect(await viewer.ended).toBe('never-connected')
    expect(registry.find(CAMERA, viewer.id)).toBeUndefined()
    expect(mux.held).toEqual(IDLE)
  })

  test('may answer again after an answer that cannot be taken, and not after one that was', async () => {
    const { registry } = await openViewers()
    const client = await openClient()
    const viewer = registry.createOffer(CAMERA, 'camera-streamer')
    const found = registry.find(CAMERA, viewer.id)!
    expect(() => found.applyAnswer('nonsense')).toThrow(expect.objectContaining({ code: 'bad-answer' }))
    expect(found.clientUfrag).toBeUndefined()
    found.applyAnswer(client.answerTo(viewer.offerSdp))
    expect(found.clientUfrag).toBe(client.ufrag)
    expect(() => found.applyAnswer(client.answerTo(viewer.offerSdp))).toThrow(
      expect.objectContaining({ code: 'no-answer-expected', status: 400 }),
    )
  })
})

test('our ICE credentials are of the characters that RFC 8839 allows', async () => {
  const { registry } = await openViewers()
  for (let i = 0; i < 20; i++) {
    const { answerSdp } = registry.admit(CAMERA, chrome, 'whep')
    expect(answerSdp).toMatch(/^a=ice-ufrag:[A-Za-z0-9+/]{12}\r$/m)
    expect(answerSdp).toMatch(/^a=ice-pwd:[A-Za-z0-9+/]{32}\r$/m)
  }
})

test('a viewer whose offer was answered waits for no answer', async () => {
  const { registry } = await openViewers()
  const viewer = registry.admit(CAMERA, chrome, 'whep')
  expect(viewer.clientUfrag).toBe('4ZcD')
  expect(() => viewer.applyAnswer('v=0')).toThrow(expect.objectContaining({ code: 'no-answer-expected' }))
})

async function openClient(): Promise<ViewerClient> {
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  return client
}

test('a camera that is closed ends its viewers for its reason, and has none until it is opened again', async () => {
  const { registry, camera, mux, join } = await openViewers()
  camera.play()
  const { viewer } = await join()
  await registry.close(CAMERA, 'camera-changed')
  expect(await viewer.ended).toBe('camera-changed')
  expect([registry.count(CAMERA), mux.held.agents, registry.snapshot()]).toEqual([0, 0, {}])
  await expect(join()).rejects.toThrow('no camera named')
  registry.open(CAMERA, camera)
  const { viewer: next } = await join()
  expect(registry.count(CAMERA)).toBe(1)
  await registry.endAll('port-changed')
  expect(await next.ended).toBe('port-changed')
  expect(registry.count(CAMERA)).toBe(0)
})

describe('a tab that was connected', () => {
  /** A full camera, one of whose viewers has a tab. */
  async function fullCamera() {
    const { registry, camera } = await openViewers({ maxClients: 2 })
    camera.play()
    const join = async (tab?: string) => {
      const client = await openClient()
      const viewer = registry.admit(CAMERA, client.offer('vp8'), 'websocket', '192.0.2.1', { tab })
      await client.connect(viewer.answerSdp)
      await becomes(() => expect(registry.stats(CAMERA).has(viewer.id)).toBe(true))
      return { client, viewer }
    }
    return { registry, join, tab: await join('tab'), other: await join() }
  }

  test('gets its slot at once when it returns, and nobody else loses one', async () => {
    const { registry, join, tab, other } = await fullCamera()
    await expect(join()).rejects.toMatchObject({ code: 'camera-full' })
    const again = await join('tab')
    expect(await tab.viewer.ended).toBe('replaced')
    expect([...registry.stats(CAMERA).keys()].sort()).toEqual([other.viewer.id, again.viewer.id].sort())
  })

  test('finds its slot when the page is loaded again, but not when its viewer stopped', async () => {
    const { registry, join, tab, other } = await fullCamera()
    await tab.viewer.dismiss('page-left')
    expect(registry.count(CAMERA)).toBe(1)
    await expect(join()).rejects.toMatchObject({ code: 'camera-full' })
    await join('tab')
    await other.viewer.dismiss()
    await join()
  })

  test('ends no session of a stranger with another secret', async () => {
    const { registry, join } = await fullCamera()
    await expect(join('tab2')).rejects.toMatchObject({ code: 'camera-full' })
    expect(registry.stats(CAMERA).size).toBe(2)
  })
})
