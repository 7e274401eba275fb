import type { NetworkInterfaceInfo } from 'node:os'
import { describe, expect, test } from 'vitest'
import { exampleSystem, fails, type SystemFacts } from '../../test/fakes/system.js'
import { defaultConfig } from '../config/parse.js'
import type { Config } from '../config/types.js'
import { checkNetwork, assessAddresses, assessStun, parseWireless } from './network.js'

const config = (about: { piIp?: string; bindIp?: string; stunServer?: string } = {}): Config => {
  const { server, webrtc, ...rest } = defaultConfig()
  const { piIp, bindIp = webrtc.udpBindIp, stunServer } = about
  return { ...rest, server: { ...server, piIp }, webrtc: { ...webrtc, udpBindIp: bindIp, stunServer } }
}

const address = (address: string): NetworkInterfaceInfo[] => [
  {
    address,
    family: 'IPv4',
    internal: address.startsWith('127.'),
    netmask: '255.255.255.0',
    mac: '00:00:00:00:00:00',
    cidr: `${address}/24`,
  },
]
const lo = address('127.0.0.1')

describe('addresses', () => {
  test('the one there is is told', () =>
    expect(assessAddresses(config(), { lo, eth0: address('192.168.1.20') })).toMatchObject({
      status: 'ok',
      detail: '192.168.1.20',
    }))

  test('of several networks the way to choose is told', () =>
    expect(
      assessAddresses(config(), { lo, eth0: address('192.168.1.20'), wlan0: address('10.0.0.5') }).detail,
    ).toBe('192.168.1.20, 10.0.0.5: several networks, browsers try them all; pi-ip sets which one is first'))

  test('without a network nobody else can watch', () =>
    expect(assessAddresses(config(), { lo, eth0: address('169.254.7.7') })).toMatchObject({
      status: 'warning',
      detail: 'this machine has no network: only its own browser can watch',
    }))

  test('a pi-ip of yesterday is a warning', () =>
    expect(
      assessAddresses(config({ piIp: '192.168.1.99' }), { lo, eth0: address('192.168.1.20') }),
    ).toMatchObject({
      status: 'warning',
      detail: "pi-ip is 192.168.1.99, which is none of this machine's (192.168.1.20)",
    }))

  test('a server for this machine only needs no network', () =>
    expect(assessAddresses(config({ bindIp: '127.0.0.1' }), { lo })).toMatchObject({ status: 'ok' }))
})

describe('Wi-Fi', () => {
  const wifi = async (facts: SystemFacts) => {
    const checks = await checkNetwork(
      config(),
      exampleSystem({
        folders: { '/sys/class/net': ['eth0', 'lo', 'wlan0'] },
        links: { '/sys/class/net/wlan0/phy80211': '/sys/devices/platform/soc/x/ieee80211/phy0' },
        ...facts,
      }),
    )
    return checks.filter(({ id }) => id.startsWith('wifi'))
  }

  test('with power save is a warning with the command for now and for good', async () => {
    const commands = {
      'iw dev wlan0 get power_save': 'Power save: on\n',
      'nmcli --version': 'nmcli tool, version 1.42.4\n',
    }
    expect(await wifi({ commands })).toEqual([
      {
        id: 'wifi-power-save',
        status: 'warning',
        title: 'wlan0',
        detail: 'Wi-Fi with power save: the picture stutters and comes late',
        hint: 'sudo iw dev wlan0 set power_save off; for good: sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show wlan0)" 802-11-wireless.powersave 2',
      },
    ])
  })

  test('without NetworkManager the command holds until the next start', async () => {
    const [check] = await wifi({ commands: { 'iw dev wlan0 get power_save': 'Power save: on\n' } })
    expect(check?.hint).toBe('sudo iw dev wlan0 set power_save off, which holds until the next start')
  })

  test('without power save is well', async () =>
    expect(await wifi({ commands: { 'iw dev wlan0 get power_save': 'Power save: off\n' } })).toMatchObject([
      { status: 'ok' },
    ]))

  test('that cannot be asked is not called well', async () => {
    expect(await wifi({})).toMatchObject([
      { status: 'warning', hint: 'sudo apt install iw, then run this again' },
    ])
    const commands = {
      'iw dev wlan0 get power_save': fails('command failed: Operation not supported (-95)', 161),
    }
    expect(await wifi({ commands })).toMatchObject([{ status: 'warning' }])
  })

  test('that is weak is a warning', async () => {
    const files = {
      '/proc/net/wireless':
        'Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE\n' +
        ' face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22\n' +
        ' wlan0: 0000   28.  -82.  -256        0      0      0      0      4        0\n',
    }
    const commands = { 'iw dev wlan0 get power_save': 'Power save: off\n' }
    expect(await wifi({ files, commands })).toMatchObject([
      { status: 'ok' },
      { id: 'wifi-signal', detail: 'the Wi-Fi signal is weak (-82 dBm)' },
    ])
    expect(parseWireless(files['/proc/net/wireless']).get('wlan0')).toBe(-82)
  })

  test('that is not there is not spoken of', async () =>
    expect(await wifi({ links: {}, folders: { '/sys/class/net': ['eth0'] } })).toEqual([]))
})

describe('STUN', () => {
  test.each([
    [{ kind: 'unknown-name' }, 'there is no host of this name'],
    [{ kind: 'no-dns' }, 'its name cannot be looked up: no DNS server answers'],
    [{ kind: 'unreachable' }, 'cannot be reached: there is no way there, or nothing at that port'],
    [{ kind: 'silent' }, 'does not answer'],
  ] as const)('%j is a warning with a hint', (answer, detail) =>
    expect(assessStun('stun:a.example:3478', answer)).toMatchObject({
      status: 'warning',
      title: 'stun:a.example:3478',
      detail,
      hint: expect.stringContaining('stun-server = ""') as string,
    }),
  )

  test('a server that answers tells the address that is seen from outside', () =>
    expect(assessStun('stun:a.example:3478', { kind: 'answered', address: '203.0.113.7' }).detail).toBe(
      'answers; from outside this is 203.0.113.7',
    ))

  test('is asked only where there is one', async () => {
    const asked: string[] = []
    const about = {
      askStun: async (server: string) => {
        asked.push(server)
        return await Promise.resolve({ kind: 'silent' } as const)
      },
    }
    await checkNetwork(config(), exampleSystem({ about }))
    expect(asked).toEqual([])
    const checks = await checkNetwork(config({ stunServer: 'stun:a.example:3478' }), exampleSystem({ about }))
    expect(asked).toEqual(['stun:a.example:3478'])
    expect(checks.at(-1)).toMatchObject({ id: 'stun', status: 'warning' })
  })
})
