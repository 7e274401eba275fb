import { expect, test } from 'vitest'
import { parseConfig } from '../config/parse.js'
import { checkRtsp } from './rtsp.js'

const info = (address: string, family: 'IPv4' | 'IPv6' = 'IPv4') => ({
  address,
  family,
  netmask: '',
  mac: '',
  internal: false,
  cidr: null,
  ...(family === 'IPv6' && { scopeid: 0 }),
})
const interfaces = { eth0: [info('192.168.1.20')] } as Parameters<typeof checkRtsp>[1]
const check = (server: string, rtsp = '[rtsp]\nport = 8554\n') =>
  checkRtsp(
    parseConfig(`[server]\n${server}[camera3]\ndevice = "test:ball"\n${rtsp}`, 'config.toml'),
    interfaces,
  )

test.each([
  ['off', '', '', []],
  [
    'open',
    '',
    undefined,
    [['warning', 'rtsp://192.168.1.20:8554/camera3 is open to everyone in the network, and not encrypted']],
  ],
  [
    'with a token',
    'token = "0123456789abcdef"\n',
    undefined,
    [['ok', 'rtsp://192.168.1.20:8554/camera3, not encrypted; Digest and Basic']],
  ],
  [
    'with a hash',
    `username = "anna"\npassword = "scrypt$16384$8$5$${'A'.repeat(22)}$${'B'.repeat(43)}"\n`,
    undefined,
    [['ok', 'rtsp://192.168.1.20:8554/camera3, not encrypted; Basic only']],
  ],
])('RTSP that is %s', (_title, server, rtsp, expected) =>
  expect(check(server, rtsp).map(({ status, detail }) => [status, detail])).toEqual(expected),
)
