import { Resolver } from 'node:dns/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDnsServer, type DnsAnswer } from '../../../test/support/dns-server.js'
import { silentLog } from '../../log.js'
import { AnnouncedNames, type Announced } from './announced-names.js'

const HOME = { host: 'home.example.org', port: undefined }

async function open(answer: DnsAnswer, announced: Announced[] = [HOME]) {
  const dns = await openDnsServer(answer)
  const lines: string[] = []
  const note = (text: string, facts?: object): void => void lines.push(`${text}: ${JSON.stringify(facts)}`)
  const names = new AnnouncedNames(
    () => announced,
    { ...silentLog, info: note, warn: note },
    () => {
      const resolver = new Resolver({ timeout: 50, tries: 1 })
      resolver.setServers([dns.address])
      return resolver
    },
  )
  onTestFinished(() => names[Symbol.dispose]())
  const texts = (): string[] =>
    names.addresses.map(({ address, port }) => (port === undefined ? address : `${address} ${port}`))
  /** Asks again as soon as the round before is over. */
  const refresh = async (): Promise<void> => {
    const before = dns.asked.length
    await vi.waitFor(() => {
      names.refresh()
      expect(dns.asked.length).toBeGreaterThanOrEqual(before + 2)
    })
  }
  return { dns, names, lines, announced, texts, refresh }
}

test('a name is offered with its addresses of both families, and with its port', async () => {
  const { texts } = await open(
    ['203.0.113.7', '2001:db8::7'],
    [
      { host: '198.51.100.1', port: 4000 },
      { ...HOME, port: 48189 },
    ],
  )
  expect(texts()).toEqual(['198.51.100.1 4000'])
  await vi.waitFor(() =>
    expect(texts()).toEqual(['198.51.100.1 4000', '203.0.113.7 48189', '2001:db8::7 48189']),
  )
})

test('a new address is found without a restart', async () => {
  const { dns, texts, refresh, lines } = await open(['203.0.113.7'])
  await vi.waitFor(() => expect(texts()).toEqual(['203.0.113.7']))
  dns.answer = ['203.0.113.8', '203.0.113.9']
  await refresh()
  await vi.waitFor(() => expect(texts()).toEqual(['203.0.113.8', '203.0.113.9']))
  expect(lines).toEqual([
    'an announced name was resolved: {"name":"home.example.org","addresses":"203.0.113.7"}',
    'an announced name was resolved: {"name":"home.example.org","addresses":"203.0.113.8, 203.0.113.9"}',
  ])
})

test.each(['silence', 'failure', 'no-such-name', ['0.0.0.0'], []] as DnsAnswer[])(
  'after %j the last answer stays in use, and the log has it once',
  async (answer) => {
    const { dns, texts, refresh, lines } = await open(['203.0.113.7'])
    await vi.waitFor(() => expect(texts()).toEqual(['203.0.113.7']))
    dns.answer = answer
    await refresh()
    await vi.waitFor(() => expect(lines.length).toBe(2))
    expect(lines[1]).toMatch(/^an announced name has no address; the last answer stays in use/)
    await refresh()
    dns.answer = ['203.0.113.8']
    await vi.waitFor(async () => {
      await refresh()
      expect(texts()).toEqual(['203.0.113.8'])
    })
    expect(lines.filter((line) => line.includes('has no address'))).toHaveLength(1)
  },
)

test('a server that never answers delays nothing: the other addresses are there, and nothing is asked twice at once', async () => {
  const { dns, names, texts } = await open('silence', [HOME, { host: '198.51.100.1', port: undefined }])
  names.refresh()
  names.refresh()
  expect(texts()).toEqual(['198.51.100.1'])
  await vi.waitFor(() => expect(dns.asked.sort()).toEqual(['A home.example.org', 'AAAA home.example.org']))
  names[Symbol.dispose]()
  expect(texts()).toEqual(['198.51.100.1'])
})

test('a reload asks for new names, and forgets those that are no longer announced', async () => {
  const { names, texts, announced, dns } = await open(['203.0.113.7'])
  await vi.waitFor(() => expect(texts()).toEqual(['203.0.113.7']))
  announced.splice(0, 1, { host: 'other.example.org', port: undefined })
  names.refresh()
  expect(texts()).toEqual([])
  await vi.waitFor(() => expect(texts()).toEqual(['203.0.113.7']))
  expect(dns.asked).toContain('A other.example.org')
})

test('names are asked for again every minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const announced: Announced[] = []
  const resolver = {
    resolve4: vi.fn(() => Promise.resolve(['203.0.113.7'])),
    resolve6: vi.fn(() => Promise.resolve([])),
  }
  const names = new AnnouncedNames(
    () => announced,
    silentLog,
    () => resolver as unknown as Resolver,
  )
  onTestFinished(() => names[Symbol.dispose]())
  announced.push(HOME)
  await vi.advanceTimersByTimeAsync(300_000)
  expect(resolver.resolve4).toHaveBeenCalledTimes(5)
  names[Symbol.dispose]()
  expect(vi.getTimerCount()).toBe(0)
})
