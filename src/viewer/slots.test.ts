import { describe, expect, test } from 'vitest'
import { Slots, type Claim, type Slot } from './slots.js'

const HONEST = '192.0.2.1'
const ATTACKER = '198.51.100.1'
const LIMITS = { maxClients: 4, maxViewers: 100, maxConnecting: 64 }

function setUp(limits: Partial<typeof LIMITS> = {}) {
  const clock = { ms: 0 }
  const all = { ...LIMITS, ...limits }
  const slots = new Slots(() => clock.ms)
  const superseded: string[] = []
  /** Offers as a client would. @throws AppError where there is no room. */
  const offer = (
    name: string,
    address: string,
    camera = 'camera1',
    own: Pick<Claim, 'tab' | 'client'> = {},
  ) => {
    slots.makeRoom(camera, address, all, own)
    const slot: Slot = slots.claim({
      ...own,
      camera,
      address,
      maxClients: () => all.maxClients,
      evict: () => {
        superseded.push(name)
        slot[Symbol.dispose]()
        slot.miss()
      },
    })
    return slot
  }
  const codeOf = (
    name: string,
    address: string,
    camera?: string,
    own?: Pick<Claim, 'tab' | 'client'>,
  ): string => {
    try {
      offer(name, address, camera, own)
      return 'admitted'
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  const join = (
    name: string,
    address = HONEST,
    absentMs: () => number = () => 0,
    own?: Pick<Claim, 'tab' | 'client'>,
  ): string | undefined => {
    const slot = offer(name, address, undefined, own)
    slot.check()
    return slot.tryGoLive(absentMs)
  }
  return { clock, offer, codeOf, join, superseded }
}

test('viewers of one network that have just offered hold the slots for two seconds, then others are admitted too', () => {
  const { clock, codeOf, superseded } = setUp()
  for (let i = 0; i < 4; i++) expect(codeOf(String(i), HONEST)).toBe('admitted')
  clock.ms += 1999
  expect(codeOf('too early', HONEST)).toBe('camera-full')
  clock.ms += 1
  expect(codeOf('in time', HONEST)).toBe('admitted')
  expect(superseded).toEqual([])
})

test('viewers that are connected hold the slots for as long as they are heard of', () => {
  const { clock, codeOf, join, superseded } = setUp()
  for (let i = 0; i < 4; i++) expect(join(String(i))).toBeUndefined()
  clock.ms += 3_600_000
  expect(codeOf('fifth', HONEST)).toBe('camera-full')
  expect(codeOf('fifth', ATTACKER)).toBe('camera-full')
  expect(superseded).toEqual([])
})

test('four offers of one network that never connect keep no client of another network out, not even at once', () => {
  const { codeOf, superseded } = setUp()
  for (let i = 0; i < 4; i++) codeOf(`attacker ${i}`, ATTACKER)
  expect(codeOf('honest', HONEST)).toBe('admitted')
  expect(superseded).toEqual([])
})

test('neither do they when they have sent a check', () => {
  const { offer, codeOf } = setUp()
  for (let i = 0; i < 4; i++) offer(`attacker ${i}`, ATTACKER).check()
  expect(codeOf('honest', HONEST)).toBe('admitted')
})

test('clients of different networks that are connecting hold their slots for two seconds, then three from their first check on', () => {
  const { clock, offer, codeOf } = setUp()
  const slots = [1, 2, 3, 4].map((i) => offer(String(i), `192.0.2.${i}`))
  expect(codeOf('fifth', '192.0.2.5')).toBe('camera-full')
  clock.ms += 1900
  for (const slot of slots) slot.check()
  clock.ms += 2999
  expect(codeOf('fifth', '192.0.2.5')).toBe('camera-full')
  clock.ms += 1
  expect(codeOf('fifth', '192.0.2.5')).toBe('admitted')
})

test('ten offers a second that never connect, for a minute: a client of the same address is always admitted and never superseded within 1.7 seconds', () => {
  const { clock, offer, codeOf, superseded } = setUp()
  const honest: { name: string; slot: Slot; sinceMs: number }[] = []
  for (let i = 0; i < 4; i++) codeOf('attacker', ATTACKER)
  clock.ms += 2000
  for (let tenth = 0; tenth < 600; tenth++) {
    codeOf('attacker', ATTACKER)
    if (tenth % 10 === 0) {
      const name = `honest ${tenth}`
      honest.push({ name, slot: offer(name, ATTACKER), sinceMs: clock.ms })
    }
    clock.ms += 100
    for (const one of honest.splice(0))
      if (clock.ms - one.sinceMs < 1700) honest.push(one)
      else {
        expect(one.slot.tryGoLive(() => 0)).toBeUndefined()
        one.slot[Symbol.dispose]()
      }
  }
  expect(superseded.filter((name) => name.startsWith('honest'))).toEqual([])
  expect(superseded.length).toBeGreaterThan(500)
})

test('where as many are connecting as may, the network with the most of them gives way, its oldest without a check first', () => {
  const { clock, offer, codeOf, superseded } = setUp({ maxConnecting: 6 })
  offer('honest', HONEST)
  clock.ms += 10
  offer('checked', ATTACKER).check()
  for (let i = 0; i < 4; i++) {
    clock.ms += 10
    offer(`attacker ${i}`, ATTACKER, 'camera2')
  }
  clock.ms += 2000
  expect(codeOf('newcomer', '203.0.113.1')).toBe('admitted')
  expect(codeOf('attacker 4', ATTACKER, 'camera2')).toBe('admitted')
  expect(superseded).toEqual(['attacker 0', 'attacker 1'])
})

test('a network with many sessions takes the place of none that has fewer', () => {
  const { clock, offer, codeOf, superseded } = setUp({ maxConnecting: 4, maxClients: 8 })
  offer('honest', HONEST)
  clock.ms += 2500
  for (let i = 0; i < 3; i++) offer(`attacker ${i}`, ATTACKER)
  expect(codeOf('attacker 3', ATTACKER)).toBe('too-many-connecting')
  clock.ms += 2000
  expect(codeOf('attacker 3', ATTACKER)).toBe('admitted')
  expect(superseded).toEqual(['attacker 0'])
})

test('a session that has just begun is superseded by none but one of a network with fewer', () => {
  const { clock, codeOf, superseded } = setUp({ maxConnecting: 1 })
  codeOf('first', HONEST)
  expect(codeOf('second', HONEST)).toBe('too-many-connecting')
  expect(codeOf('second', '192.0.2.2')).toBe('too-many-connecting')
  clock.ms += 2000
  expect(codeOf('second', '192.0.2.2')).toBe('admitted')
  expect(superseded).toEqual(['first'])
})

test('a network whose sessions failed to connect holds no slot by connecting, until one of them does', () => {
  const { clock, offer, codeOf } = setUp({ maxClients: 1 })
  const failed = offer('failed', HONEST)
  failed[Symbol.dispose]()
  failed.miss()
  const slot = offer('again', HONEST)
  expect(slot.reservedMs).toBe(3500)
  expect(codeOf('other', HONEST)).toBe('admitted')
  slot.tryGoLive(() => 0)
  expect(codeOf('third', HONEST)).toBe('camera-full')
  slot[Symbol.dispose]()
  clock.ms += 2000
  expect(offer('fourth', HONEST).reservedMs).toBe(5000)
})

test('of more that connect than there are slots, the last is told so', () => {
  const { clock, offer } = setUp({ maxClients: 1 })
  const first = offer('first', HONEST)
  clock.ms += 2000
  const second = offer('second', HONEST)
  expect(second.tryGoLive(() => 0)).toBeUndefined()
  expect(first.tryGoLive(() => 0)).toBe('camera-full')
})

test('a viewer that has been silent gives its slot to one that connects, the one that was silent longest first', () => {
  const { codeOf, join, superseded } = setUp()
  const silence = [0, 4000, 9000, 0]
  silence.forEach((_, i) => join(String(i), HONEST, () => silence[i]!))
  expect(codeOf('offers only', HONEST)).toBe('admitted')
  expect(superseded).toEqual([])
  expect(join('newcomer')).toBeUndefined()
  expect(superseded).toEqual(['2'])
  silence[1] = 0 // it is heard of again
  expect(codeOf('another', HONEST)).toBe('camera-full')
})

test('of all cameras together no more than the limit have a session', () => {
  const { clock, codeOf, join, superseded } = setUp({ maxViewers: 3 })
  join('live')
  codeOf('one', HONEST, 'camera2')
  codeOf('two', HONEST, 'camera3')
  expect(codeOf('three', HONEST, 'camera2')).toBe('server-full')
  clock.ms += 2000
  expect(codeOf('three', HONEST, 'camera2')).toBe('admitted')
  expect(superseded).toEqual(['one'])
})

describe('a tab that was connected', () => {
  /** Four viewers; the first one has a tab. */
  const full = () => {
    const set = setUp()
    const slot = set.offer('tab', HONEST, 'camera1', { tab: 'tab' })
    slot.tryGoLive(() => 0)
    for (let i = 0; i < 3; i++) set.join(String(i))
    return { ...set, slot }
  }

  test('gets its own slot at once when it returns, although the camera is full', () => {
    const { offer, codeOf, superseded } = full()
    const again = offer('tab again', ATTACKER, 'camera1', { tab: 'tab' })
    expect(superseded).toEqual(['tab'])
    expect(codeOf('other', HONEST)).toBe('camera-full')
    expect(again.tryGoLive(() => 0)).toBeUndefined()
    expect(() => offer('other tab', HONEST, 'camera1', { tab: 'other' })).toThrow(/maximum/)
  })

  test('loses it to no viewer that connects while it does', () => {
    const { clock, codeOf, offer } = setUp({ maxClients: 1 })
    const early = offer('early', HONEST)
    clock.ms += 2000
    offer('tab', ATTACKER, 'camera1', { tab: 'tab' }).tryGoLive(() => 0)
    const again = offer('tab again', ATTACKER, 'camera1', { tab: 'tab' })
    expect(early.tryGoLive(() => 0)).toBe('camera-full')
    expect(again.tryGoLive(() => 0)).toBeUndefined()
    expect(codeOf('late', HONEST)).toBe('camera-full')
  })

  test('finds it kept for three seconds when the page was loaded again', () => {
    const { clock, offer, codeOf, slot } = full()
    slot.keep()
    slot[Symbol.dispose]()
    clock.ms += 2999
    expect(codeOf('other', HONEST)).toBe('camera-full')
    expect(offer('tab again', HONEST, 'camera1', { tab: 'tab' }).tryGoLive(() => 0)).toBeUndefined()
  })

  test('leaves it after that', () => {
    const { clock, codeOf, slot } = full()
    slot.keep()
    slot[Symbol.dispose]()
    clock.ms += 3000
    expect(codeOf('other', HONEST)).toBe('admitted')
  })

  test('does not keep it longer by offers that never connect', () => {
    const { clock, offer, codeOf } = full()
    offer('again', HONEST, 'camera1', { tab: 'tab' })
    clock.ms += 1500
    offer('and again', HONEST, 'camera1', { tab: 'tab' })
    clock.ms += 1500
    expect(codeOf('other', ATTACKER)).toBe('admitted')
  })

  test('takes the slot of no other tab and of no other camera', () => {
    const { offer, superseded } = setUp()
    offer('a', HONEST, 'camera1', { tab: 'a' }).tryGoLive(() => 0)
    offer('b', HONEST, 'camera1', { tab: 'b' }).tryGoLive(() => 0)
    offer('a2', HONEST, 'camera2', { tab: 'a' }).tryGoLive(() => 0)
    offer('none', HONEST).tryGoLive(() => 0)
    expect(superseded).toEqual([])
  })
})

test('the sessions of one client share a slot of a full camera', () => {
  const { codeOf, join } = setUp({ maxClients: 1, maxViewers: 1 })
  const client = {}
  expect(join('over HTTP', HONEST, () => 0, { client })).toBeUndefined()
  expect(codeOf('another', ATTACKER)).toBe('camera-full')
  expect(join('over WebRTC', HONEST, () => 0, { client })).toBeUndefined()
  expect(codeOf('another', ATTACKER)).toBe('camera-full')
})

test('two sessions of one client do not count twice', () => {
  const { codeOf, join } = setUp({ maxClients: 2, maxViewers: 2 })
  const client = {}
  for (const name of ['over HTTP', 'over WebRTC'])
    expect(join(name, HONEST, () => 0, { client })).toBeUndefined()
  expect(join('another', ATTACKER)).toBeUndefined()
  expect(codeOf('a third', ATTACKER)).toBe('camera-full')
})

test('a client shares its slot on one camera only', () => {
  const { codeOf, join, offer } = setUp({ maxClients: 1 })
  const client = {}
  join('over HTTP', HONEST, () => 0, { client })
  const [slot] = [offer('elsewhere', ATTACKER, 'camera2')]
  slot.check()
  slot.tryGoLive(() => 0)
  expect(codeOf('the same client', HONEST, 'camera2', { client })).toBe('camera-full')
})

describe('a tab that watches over HTTP while it tries WebRTC', () => {
  const setUpTab = (limits?: Parameters<typeof setUp>[0]) => {
    const set = setUp({ maxClients: 1, ...limits })
    const own = { tab: 'tab', client: {} }
    const http = set.offer('over HTTP', HONEST, 'camera1', own)
    http.tryGoLive(() => 0)
    return { ...set, own, http }
  }

  test('has both at once, and one slot', () => {
    const { clock, offer, codeOf, own, superseded } = setUpTab()
    for (let i = 0; i < 3; i++) {
      const attempt = offer(`attempt ${i}`, HONEST, 'camera1', own)
      expect(codeOf('other', ATTACKER)).toBe('camera-full')
      clock.ms += 4000
      attempt[Symbol.dispose]()
      attempt.miss()
    }
    expect(codeOf('other', ATTACKER)).toBe('camera-full')
    expect(offer('at last', HONEST, 'camera1', own).tryGoLive(() => 0)).toBeUndefined()
    expect(superseded).toEqual([])
  })

  test('keeps its slot when WebRTC takes over', () => {
    const { offer, codeOf, own, http } = setUpTab()
    const webRtc = offer('over WebRTC', HONEST, 'camera1', own)
    webRtc.tryGoLive(() => 0)
    http[Symbol.dispose]()
    expect(codeOf('other', ATTACKER)).toBe('camera-full')
    webRtc[Symbol.dispose]()
    expect(codeOf('other', ATTACKER)).toBe('admitted')
  })

  test('gets its slot when it returns on another socket, where both of its sessions end', () => {
    const { offer, codeOf, own, superseded } = setUpTab()
    offer('over WebRTC', HONEST, 'camera1', own)
    const again = offer('again', ATTACKER, 'camera1', { tab: 'tab', client: {} })
    expect(superseded).toEqual(['over HTTP', 'over WebRTC'])
    expect(codeOf('other', HONEST)).toBe('camera-full')
    expect(again.tryGoLive(() => 0)).toBeUndefined()
  })

  test('finds its slot kept when the page was loaded again', () => {
    const { clock, offer, codeOf, http } = setUpTab()
    http.keep()
    http[Symbol.dispose]()
    clock.ms += 2999
    expect(codeOf('other', ATTACKER)).toBe('camera-full')
    const again = { tab: 'tab', client: {} }
    offer('attempt', HONEST, 'camera1', again)
    expect(offer('over HTTP again', HONEST, 'camera1', again).tryGoLive(() => 0)).toBeUndefined()
  })

  test('is silent only when both of its sessions are', () => {
    const { offer, superseded } = setUp({ maxClients: 1 })
    const own = { tab: 'tab', client: {} }
    const silence = { http: 9000, webRtc: 9000 }
    offer('over HTTP', HONEST, 'camera1', own).tryGoLive(() => silence.http)
    offer('over WebRTC', HONEST, 'camera1', own).tryGoLive(() => silence.webRtc)
    const newcomer = offer('newcomer', ATTACKER)
    silence.webRtc = 0
    expect(newcomer.tryGoLive(() => 0)).toBe('camera-full')
    silence.webRtc = 4000
    expect(newcomer.tryGoLive(() => 0)).toBeUndefined()
    expect(superseded).toEqual(['over HTTP', 'over WebRTC'])
  })
})
