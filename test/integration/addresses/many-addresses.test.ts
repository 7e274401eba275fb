import { expect, test } from 'vitest'
import { connectNamespaces, hasNamespaces } from '../../support/network-namespace.js'
import { at, piAndLaptop } from '../../support/pi-and-laptop.js'

test.runIf(hasNamespaces)(
  'a check to each of five addresses is answered from that address, and media leaves from the one that is in use',
  async () => {
    const { program, ask } = await piAndLaptop([
      ['eth0', ['192.168.1.20/24', '192.168.1.21/24', 'fd00::20/64', 'fd00::21/64'], '192.168.1.9/24'],
      ['wlan0', ['192.168.7.20/24'], '192.168.7.9/24'],
    ])
    const { candidates, answeredFrom } = await ask('192.168.1.20', '--check')
    const expected = at(program, '192.168.1.20', '192.168.1.21', '192.168.7.20')
    expect(candidates).toEqual(expect.arrayContaining(expected))
    for (const candidate of expected) expect(answeredFrom![candidate]).toBe(candidate.split(' ')[0])
    const { mediaFrom } = await ask('192.168.1.20', '--watch', '192.168.1.21,192.168.1.20')
    expect(mediaFrom).toEqual(['192.168.1.21', '192.168.1.20'])
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'addresses that come and go while the program runs are offered, and answer, at once',
  async () => {
    const { pi, laptop, program, ask } = await piAndLaptop([['eth0', ['192.168.1.20/24'], '192.168.1.9/24']])
    expect((await ask('192.168.1.20')).candidates).toEqual(at(program, '192.168.1.20', '127.0.0.1'))
    // DHCP gives another address, and a VPN begins.
    await pi.ip('addr add 192.168.1.33/24 dev eth0')
    await pi.ip('addr del 192.168.1.20/24 dev eth0')
    await pi.ip('addr add 192.168.1.33/24 dev eth0').catch(() => {}) // deleted with the first one of its network
    await connectNamespaces(pi, 'wg0', laptop, 'wg0')
    await pi.ip('addr add 10.8.0.2/24 dev wg0')
    await laptop.ip('addr add 10.8.0.9/24 dev wg0')
    const { candidates, answeredFrom } = await ask('192.168.1.33', '--check')
    const expected = at(program, '192.168.1.33', '10.8.0.2')
    expect(candidates).toEqual([...expected, ...at(program, '127.0.0.1')])
    for (const candidate of expected) expect(answeredFrom![candidate]).toBe(candidate.split(' ')[0])
  },
  120_000,
)

test.runIf(hasNamespaces)(
  'a client that has IPv6 only plays at each of two addresses',
  async () => {
    const { program, ask } = await piAndLaptop([['eth0', ['fd00::20/64', 'fd00::21/64'], 'fd00::9/64']])
    const { candidates, answeredFrom } = await ask('fd00::21', '--check')
    expect(candidates).toEqual(expect.arrayContaining(at(program, 'fd00::21', 'fd00::20')))
    expect(answeredFrom).toMatchObject({
      [at(program, 'fd00::20')[0]!]: 'fd00::20',
      [at(program, 'fd00::21')[0]!]: 'fd00::21',
    })
    const { mediaFrom } = await ask('fd00::21', '--watch', 'fd00::20,fd00::21')
    expect(mediaFrom).toEqual(['fd00::20', 'fd00::21'])
  },
  120_000,
)
