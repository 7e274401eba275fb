import { expect, test } from 'vitest'
import { createMachineNames } from './machine-names.js'

const namesWith = (hostname: string, resolvConf: string): string[] => [
  ...createMachineNames({ hostname: () => hostname, readResolvConf: () => resolvConf })(),
]

test('a machine is reached by its name, with .local, and in the domains of its network', () =>
  expect(namesWith('Pi', '# DHCP\nnameserver 192.168.1.1\nsearch fritz.box  Home.Arpa.\n')).toEqual([
    'pi',
    'pi.local',
    'pi.fritz.box',
    'pi.home.arpa',
  ]))

test('a host name with a domain counts with and without it', () =>
  expect(namesWith('pi.example.org', 'domain lan')).toEqual(['pi.example.org', 'pi', 'pi.local', 'pi.lan']))

test.each([
  ['', []],
  ['search', ['pi', 'pi.local']],
  ['search .\noptions edns0', ['pi', 'pi.local']],
])('a host name and resolv.conf of %j leave no odd name', (resolvConf, expected) =>
  expect(namesWith(resolvConf === '' ? '' : 'pi', resolvConf)).toEqual(expected),
)

test('a file that changes is read again after ten seconds, and one that is gone changes nothing', () => {
  const clock = { ms: 0 }
  let text: string | undefined = 'search lan'
  let reads = 0
  const names = createMachineNames({
    hostname: () => 'pi',
    readResolvConf: () => {
      reads++
      if (text === undefined) throw new Error('EMFILE')
      return text
    },
    nowMs: () => clock.ms,
  })
  for (let i = 0; i < 100; i++) expect(names()).toContain('pi.lan')
  expect(reads).toBe(1)
  text = undefined
  clock.ms = 10_000
  expect(names()).toContain('pi.lan')
  text = 'search home'
  clock.ms = 20_000
  expect([...names()]).toEqual(['pi', 'pi.local', 'pi.home'])
})
