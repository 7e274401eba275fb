import { expect, test } from 'vitest'
import { exampleSystem } from '../../test/fakes/system.js'
import { innerRouters, parseDefaultRoute, parseHops } from './router.js'

const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n'
const routes = `${head}wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`

test('the default route with the smallest metric leads to the router', () =>
  expect(parseDefaultRoute(routes)).toEqual({ interface: 'eth0', gateway: '192.168.1.1' }))

test.each([
  ['no routes', head],
  ['nothing', ''],
  ['a route without a router', `${head}ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n`],
])('there is no router with %s', (_title, text) => expect(parseDefaultRoute(text)).toBeUndefined())

const trace = ` 1?: [LOCALHOST]                      pmtu 1492
 1:  192.168.1.1                                           0.603ms
 1:  192.168.1.1                                           0.412ms
 2:  100.64.0.1                                           12.101ms asymm  3
 3:  no reply
 4:  203.0.113.1                                          14.001ms
     Too many hops: pmtu 1492
`

test('each router before the Internet is listed once', async () => {
  expect(parseHops(trace)).toEqual(['192.168.1.1', '100.64.0.1', '203.0.113.1'])
  const command = 'tracepath -n -m 4 stun.example.org'
  const system = exampleSystem({ commands: { [command]: trace } })
  expect(await innerRouters(system, 'stun.example.org')).toEqual(['192.168.1.1', '100.64.0.1'])
  expect(await innerRouters(exampleSystem(), 'stun.example.org')).toEqual([])
})
