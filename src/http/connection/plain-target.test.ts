import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { removePrefix, removeZone } from './plain-target.js'

test.each([
  ['/cams/camera1/whep?a=1', '/cams', '/camera1/whep?a=1'],
  ['/cams', '/cams', '/'],
  ['/cams?a=1', '/cams', '/?a=1'],
  ['/camera1/', '/cams', '/camera1/'],
  ['/camsite/', '/cams', '/camsite/'],
  ['/cams/', '', '/cams/'],
  ['/camera1/', '/camera1', '/camera1/'], // the proxy has removed its own
])('%s below %j is %s', (url, prefix, plain) => {
  const request = { url }
  removePrefix(request, prefix)
  expect(request.url).toBe(plain)
})

test.each([
  ['[fe80::1%25eth0]:8080', '[fe80::1]:8080'],
  ['[fe80::1%eth0]', '[fe80::1]'],
  ['[fe80::1]:8080', '[fe80::1]:8080'],
  ['pi%25:8080', 'pi%25:8080'],
])('the Host %s is %s', (host, plain) => {
  const request = {
    headers: { host },
    rawHeaders: ['Accept', '*/*', 'HOST', host],
  } as unknown as IncomingMessage
  removeZone(request)
  expect([request.headers.host, request.rawHeaders[3]]).toEqual([plain, plain])
})
