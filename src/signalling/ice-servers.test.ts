import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { iceServerLink, iceServersFor, type IceServerSettings } from './ice-servers.js'

const none: IceServerSettings = {
  stunServer: undefined,
  turnServers: [],
  turnSecret: undefined,
  turnUsername: undefined,
  turnPassword: undefined,
}
const turnServers = ['turn:turn.example.org:3478?transport=udp', 'turns:turn.example.org:443?transport=tcp']

test('without servers there are none', () => expect(iceServersFor(none, 0)).toEqual([]))

test('a secret makes credentials that expire after a day, which coturn can verify', () => {
  const servers = iceServersFor(
    { ...none, stunServer: 'stun:stun.example.org:3478', turnServers, turnSecret: 'north' },
    1_800_000_000.9,
  )
  const credential = createHmac('sha1', 'north').update('1800086400').digest('base64')
  expect(servers).toEqual([
    { urls: 'stun:stun.example.org:3478' },
    ...turnServers.map((urls) => ({ urls, username: '1800086400', credential })),
  ])
})

test('fixed credentials are passed on', () =>
  expect(iceServersFor({ ...none, turnServers, turnUsername: 'anna', turnPassword: 'p"w' }, 0)[1]).toEqual({
    urls: turnServers[1],
    username: 'anna',
    credential: 'p"w',
  }))

test('the Link header has the credentials, quoted', () => {
  expect(iceServerLink({ urls: 'stun:a:1' })).toBe('<stun:a:1>; rel="ice-server"')
  expect(iceServerLink({ urls: 'turn:a:1?transport=udp', username: 'a\\b', credential: 'p"w' })).toBe(
    '<turn:a:1?transport=udp>; rel="ice-server"; username="a\\\\b"; credential="p\\"w"; credential-type="password"',
  )
})
