import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { connectNamespaces, hasNamespaces } from '../../support/network-namespace.js'
import { at, piAndLaptop } from '../../support/pi-and-laptop.js'

const LAN = [['eth0', ['192.168.1.20/24', '192.168.1.21/24'], '192.168.1.9/24']] as const

test.runIf(hasNamespaces)(
  'the address in Host comes first, then the one of the connection; a port of the router stays with its address',
  async () => {
    const webrtc = 'announce = ["198.51.100.1", "203.0.113.7:48189", "[2001:db8::7]:48190"]\n'
    const { program, ask } = await piAndLaptop(LAN, { webrtc })
    const others = ['198.51.100.1', '192.168.1.20', '127.0.0.1']
    const announced = ['203.0.113.7 48189', '2001:db8::7 48190']
    expect((await ask('192.168.1.21', '--host', 'camera.example')).status).toBe(421)
    const direct = await ask('192.168.1.21')
    expect(direct.candidates).toEqual([
      ...at(program, '192.168.1.21', '198.51.100.1'),
      ...announced,
      ...at(program, '192.168.1.20', '127.0.0.1'),
    ])
    // A container is reached at the address of its host.
    const forwarded = await ask('192.168.1.21', '--host', `192.0.2.5:${program.webPort}`)
    expect(forwarded.candidates.slice(0, 2)).toEqual(at(program, '192.0.2.5', '192.168.1.21'))
    // From outside, by a router that maps another UDP port.
    const outside = await ask('192.168.1.21', '--host', '203.0.113.7')
    expect(outside.candidates).toEqual([
      announced[0],
      ...at(program, '192.168.1.21', others[0]!),
      announced[1],
      ...at(program, ...others.slice(1)),
    ])
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'over a cable without DHCP, the link-local address at which the page was reached plays',
  async () => {
    const { pi, laptop, program, ask } = await piAndLaptop([
      ['usb0', ['169.254.7.9/16', 'fe80::79/64'], '169.254.7.10/16'],
    ])
    const only = await ask('169.254.7.9', '--watch', '169.254.7.9')
    expect(only.candidates[0]).toBe(at(program, '169.254.7.9')[0])
    expect(only.mediaFrom).toEqual(['169.254.7.9'])
    // With another network the address is offered on this link only.
    await connectNamespaces(pi, 'wlan0', laptop, 'wlan0')
    await pi.ip('addr add 10.42.0.1/24 dev wlan0')
    expect((await ask('169.254.7.9')).candidates.slice(0, 2)).toEqual(at(program, '169.254.7.9', '10.42.0.1'))
    const ipv6 = await ask('fe80::79%usb0', '--host', '[fe80::79]', '--check', '--watch', 'fe80::79')
    expect(ipv6.candidates[0]).toBe(at(program, 'fe80::79')[0])
    expect(ipv6.candidates).not.toContain(at(program, '169.254.7.9')[0])
    expect(ipv6.answeredFrom).toMatchObject({ [at(program, 'fe80::79')[0]!]: 'fe80::79' })
    expect(ipv6.mediaFrom).toEqual(['fe80::79'])
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'on an access point without Internet, whose name server and STUN server never answer, the picture is there',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-'))
    onTestFinished(async () => await rm(folder, { recursive: true }))
    const resolvConf = join(folder, 'resolv.conf')
    // An address of the access point's own network that no host has.
    await writeFile(resolvConf, 'nameserver 10.42.0.53\n')
    const { program, ask } = await piAndLaptop([['wlan0', ['10.42.0.1/24'], '10.42.0.9/24']], {
      webrtc: 'announce = ["home.example.org"]\nstun-server = "stun:stun.example.org:3478"\n',
      through: ['unshare', '-m', 'sh', '-c', `mount --bind ${resolvConf} /etc/resolv.conf; exec "$@"`, 'sh'],
    })
    const { candidates, mediaFrom } = await ask('10.42.0.1', '--watch', '10.42.0.1')
    expect(candidates).toEqual(at(program, '10.42.0.1', '127.0.0.1'))
    expect(mediaFrom).toEqual(['10.42.0.1'])
    process.kill(program.pid, 'SIGTERM')
    expect(await program.exit).toEqual({ code: 0, signal: null })
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'where the kernel has no IPv6, the default listens on IPv4, and says so once',
  async () => {
    const script = fileURLToPath(new URL('../../support/without-ipv6.py', import.meta.url))
    const { program, ask } = await piAndLaptop(LAN, { through: ['python3', script] })
    const { candidates, mediaFrom } = await ask('192.168.1.21', '--watch', '192.168.1.21,192.168.1.20')
    expect(candidates).toEqual(at(program, '192.168.1.21', '192.168.1.20', '127.0.0.1'))
    expect(mediaFrom).toEqual(['192.168.1.21', '192.168.1.20'])
    expect(program.output().match(/has no IPv6/g)).toHaveLength(1)
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'where IPv6 is switched off by sysctl, the default listens on IPv4',
  async () => {
    const off = 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; exec "$@"'
    const { program, ask } = await piAndLaptop(LAN, { through: ['sh', '-c', off, 'sh'] })
    const { candidates, mediaFrom } = await ask('192.168.1.21', '--watch', '192.168.1.21')
    expect(candidates).toEqual(at(program, '192.168.1.21', '192.168.1.20', '127.0.0.1'))
    expect(mediaFrom).toEqual(['192.168.1.21'])
  },
  120_000,
)
