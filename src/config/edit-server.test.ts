import { expect, test } from 'vitest'
import { editServer } from './edit-server.js'
import { parseConfig } from './parse.js'

const KEYS = { 'tls-cert': '/a/c.pem', 'tls-key': '/a/k.pem' }
const CAMERA = '[camera1]\ndevice = "test:ball"\n'

test.each([
  ['', '[server]\ntls-cert = "/a/c.pem"\ntls-key = "/a/k.pem"\n'],
  [CAMERA, `${CAMERA}\n[server]\ntls-cert = "/a/c.pem"\ntls-key = "/a/k.pem"\n`],
  [
    `[server] # ours\n#tls-cert = "x"\n\n${CAMERA}`,
    `[server] # ours\ntls-cert = "/a/c.pem"\ntls-key = "/a/k.pem"\n#tls-cert = "x"\n\n${CAMERA}`,
  ],
  [
    `[server]\nweb-port = 80 # web\n\n${CAMERA}`,
    `[server]\nweb-port = 80 # web\ntls-cert = "/a/c.pem"\ntls-key = "/a/k.pem"\n\n${CAMERA}`,
  ],
  [
    '[server]\r\nweb-port = 80\r\n',
    '[server]\r\nweb-port = 80\r\ntls-cert = "/a/c.pem"\r\ntls-key = "/a/k.pem"\r\n',
  ],
  ['[server]\nweb-port = 80', '[server]\nweb-port = 80\ntls-cert = "/a/c.pem"\ntls-key = "/a/k.pem"\n'],
  [
    '[server]\ntls-cert = "old" # comment\ntls-key = \'old\'\n',
    '[server]\ntls-cert = "/a/c.pem" # comment\ntls-key = "/a/k.pem"\n',
  ],
  [
    `server = { web-port = 80 }\n${CAMERA}`,
    `server = { web-port = 80, tls-cert = "/a/c.pem", tls-key = "/a/k.pem" }\n${CAMERA}`,
  ],
  [
    `server.web-port = 80\n${CAMERA}`,
    `server.web-port = 80\nserver.tls-cert = "/a/c.pem"\nserver.tls-key = "/a/k.pem"\n${CAMERA}`,
  ],
])('%j', (before, after) => {
  expect(editServer(before, KEYS)).toBe(after)
  const parsed = parseConfig(after.includes('camera1') ? after : after + CAMERA, 'config.toml')
  expect(parsed.server.tls).toEqual({ certPath: '/a/c.pem', keyPath: '/a/k.pem' })
})
