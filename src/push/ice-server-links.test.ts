import { describe, expect, test } from 'vitest'
import { iceServersOf } from './ice-server-links.js'

const REST = 'rel="ice-server"; username="anna"; credential="secret"'
const ANNA = { username: 'anna', password: 'secret' }
const A = { uri: 'turn:a:3478?transport=udp', ...ANNA }

test('the example of RFC 9725 section 4.6', () => {
  const lines = [
    '<stun:stun.example.net>; rel="ice-server"',
    '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="user"; credential="myPassword"; credential-type="password"',
    '<turn:turn.example.net?transport=tcp>; rel="ice-server"; username="user"; credential="myPassword"; credential-type="password"',
    '<turns:turn.example.net?transport=tcp>; rel="ice-server"; username="user"; credential="myPassword"; credential-type="password"',
  ]
  const credentials = { username: 'user', password: 'myPassword' }
  const servers = [
    { uri: 'turn:turn.example.net:3478?transport=udp', ...credentials },
    { uri: 'turn:turn.example.net:3478?transport=tcp', ...credentials },
    { uri: 'turns:turn.example.net:5349?transport=tcp', ...credentials },
  ]
  expect(iceServersOf(lines)).toEqual(servers)
  expect(iceServersOf([lines.join(', ')])).toEqual(servers)
  expect(iceServersOf([lines.slice(0, 2).join(','), lines.slice(2).join(' ,\t')])).toEqual(servers)
})

test.each([
  ['capitals, spaces and no quotes', '<TURN:a> ;REL = Ice-Server;Username=anna ; CREDENTIAL=secret'],
  ['several relations', '<turn:a>; rel="preload ice-server"; username="anna"; credential="secret"'],
  ['parameters without a value', `<turn:a>; ; x; ${REST};`],
  ['an unknown parameter with a comma in quotes', `<turn:a>; title="a, <turn:b>; b"; ${REST}`],
  ['a second value of a parameter', `<turn:a>; ${REST}; rel="x"; username="x"; credential="x"`],
  ['empty elements', `, ,<turn:a>; ${REST}, ,`],
  ['the same server again', `<turn:a>; ${REST}, <turn:a:3478>; rel="ice-server"; username=x; credential=y`],
])('%s', (_what, line) => expect(iceServersOf([line])).toEqual([A]))

test('escapes in quotes, and all that a password may have', () => {
  const line = String.raw`<turn:[2001:db8::1]:5349>; rel="ice-server"; username="17:a\"n\\n;a,"; credential="<\=\>/+="`
  expect(iceServersOf([line])).toEqual([
    { uri: 'turn:[2001:db8::1]:5349?transport=udp', username: '17:a"n\\n;a,', password: '<=>/+=' },
  ])
})

describe('no TURN server is', () => {
  test.each([
    ['one of another relation', '<turn:a>; rel="preload"; username="anna"; credential="secret"'],
    ['one without a relation', '<turn:a>; username="anna"; credential="secret"'],
    ['one of another resource', `<turn:a>; ${REST}; anchor="/x"`],
    ['one with a token', `<turn:a>; ${REST}; credential-type="oauth"`],
    ['one without credentials', '<turn:a>; rel="ice-server"'],
    ['one with an empty user name', '<turn:a>; rel="ice-server"; username=""; credential="secret"'],
    ['a user name with control characters', '<turn:a>; rel="ice-server"; username="a\u0007"; credential="x"'],
    ['a user name beyond ASCII', '<turn:a>; rel="ice-server"; username="ä"; credential="x"'],
    ['a STUN server', `<stun:a>; ${REST}`],
    ['DTLS', `<turns:a?transport=udp>; ${REST}`],
    ['an address of a page', `<https://a/>; ${REST}`],
    ['a relative address', `<a>; ${REST}`],
    ['one without a host', `<turn:>; ${REST}`],
    ['one at port 0', `<turn:a:0>; ${REST}`],
    ['one with a user', `<turn:u@a>; ${REST}`],
    ['one with a path', `<turn:a/b>; ${REST}`],
    ['one with a line end', `<turn:a\r\n>; ${REST}`],
    ['a quotation mark that does not end', '<turn:a>; rel="ice-server"; username="anna"; credential="secret'],
    ['an escape that does not end', '<turn:a>; rel="ice-server"; username="anna"; credential="secret\\"'],
    ['text after a quotation mark', `<turn:a>; ${REST}x`],
    ['no brackets', `turn:a; ${REST}`],
    ['a bracket that does not end', `<turn:a; ${REST}`],
    ['nothing', ''],
  ])('%s', (_what, line) => expect(iceServersOf([line])).toEqual([]))
})

test('of a broken line the links before count, and other lines do', () => {
  const broken = `<turn:a>; ${REST}, <turn:b>; title="x`
  expect(iceServersOf([broken, `<turn:c>; ${REST}`]).map(({ uri }) => uri)).toEqual([
    A.uri,
    'turn:c:3478?transport=udp',
  ])
})

test('a link has 1000 characters at most, and a longer one does not hide the next', () => {
  const link = (length: number): string => `<turn:a>; ${REST}; x="`.padEnd(length - 1, 'x') + '"'
  expect(iceServersOf([link(1000)])).toEqual([A])
  expect(iceServersOf([link(1002)])).toEqual([])
  expect(iceServersOf([`${link(5000)}, <turn:b>; ${REST}`])).toMatchObject([
    { uri: 'turn:b:3478?transport=udp' },
  ])
})

test('four servers at most', () => {
  const many = Array.from({ length: 100 }, (_, i) => `<turn:t${i}>; ${REST}`)
  const uris = [0, 1, 2, 3].map((i) => `turn:t${i}:3478?transport=udp`)
  expect(iceServersOf(many).map(({ uri }) => uri)).toEqual(uris)
  expect(iceServersOf([many.join()]).map(({ uri }) => uri)).toEqual(uris)
})
