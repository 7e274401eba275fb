import { describe, expect, test } from 'vitest'
import { parseConfig } from './parse.js'
import type { Config } from './types.js'
import { ConfigError } from '../errors.js'

const read = (server: string): Config =>
  parseConfig(`[server]\n${server}\n[camera1]\ndevice = "/dev/video0"\n`, 'config.toml')

function problemsOf(server: string): readonly string[] {
  try {
    read(server)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('keys that load', () => {
  test('name, password, token, certificate and origins', () => {
    const { access, tls } = read(
      'username = "Jörg"\npassword = "s3cret"\ntoken = "0123456789abcdef"\n' +
        'tls-cert = "/c.pem"\ntls-key = "/k.pem"\nallow-origins = ["HTTP://Mainsail.local:80", "https://a.example:8123", "*"]',
    ).server
    expect(access).toEqual({
      login: { username: 'Jörg', password: { kind: 'plain', text: 's3cret' }, passwordText: 's3cret' },
      token: '0123456789abcdef',
      allowOrigins: ['http://mainsail.local', 'https://a.example:8123', '*'],
      names: [],
    })
    expect(tls).toEqual({ certPath: '/c.pem', keyPath: '/k.pem' })
  })

  test('a token without a user name: clients with it can watch, and no client administers', () =>
    expect(read('token = "0123456789abcdef"').server.access).toMatchObject({
      login: undefined,
      token: '0123456789abcdef',
    }))

  test('host names, in lower case and as browsers send them', () =>
    expect(read('names = ["Cams.Example.", "küche.example", "pi_2"]').server.access.names).toEqual([
      'cams.example',
      'xn--kche-0ra.example',
      'pi_2',
    ]))

  test('no origins at all', () => expect(read('allow-origins = []').server.access.allowOrigins).toEqual([]))
})

test.each([
  ['username = "anna"', 'server.username: does nothing without server.password: write both or neither'],
  ['password = "x"', 'server.password: does nothing without server.username: write both or neither'],
  ['tls-cert = "/c.pem"', 'server.tls-cert: does nothing without server.tls-key: write both or neither'],
  ['tls-key = "/k.pem"', 'server.tls-key: does nothing without server.tls-cert: write both or neither'],
  [
    'username = "an:na"\npassword = "x"',
    'server.username: "an:na" has a colon in it, which browsers cannot send: leave it out',
  ],
  [
    'username = ""\npassword = "x"',
    'server.username: "" is empty: write a name, or delete username and password',
  ],
  ['username = " anna"\npassword = "x"', 'server.username: " anna" has a space at its end: delete it'],
  ['username = 7\npassword = "x"', 'server.username: 7 has to be text: write it in quotes, "7"'],
  ['names = "pi"', 'server.names: "pi" has to be a list: write ["pi"]'],
  [
    'names = ["http://pi/"]',
    'server.names.0: "http://pi/" is an address of a page: write a host name such as "cams.example", without http:// and path',
  ],
  [
    'names = ["pi:80"]',
    'server.names.0: "pi:80" has a port in it: write a host name such as "cams.example", without the port',
  ],
  [
    'names = ["*.example"]',
    'server.names.0: "*.example" has a * in it: write a host name such as "cams.example", each name on its own',
  ],
  ['names = ["[::1]"]', 'server.names.0: "[::1]" is an IP address, and those are always accepted: delete it'],
  ['names = ["a..b"]', 'server.names.0: "a..b" is not a host name: write a host name such as "cams.example"'],
  [
    'allow-origins = ["http://a.example/"]',
    'server.allow-origins.0: "http://a.example/" has more than scheme, host and port: write "http://a.example"',
  ],
  [
    'allow-origins = ["mainsail.local"]',
    'server.allow-origins.0: "mainsail.local" is not an origin: write one such as "http://mainsail.local", or "*" for every page',
  ],
  [
    'allow-origins = ["http://*.local"]',
    'server.allow-origins.0: "http://*.local" has a * in it, which is valid only alone: write one such as "http://mainsail.local", or "*" for every page',
  ],
  ['allow-origins = "*"', 'server.allow-origins: "*" has to be a list: write ["*"]'],
  [
    'trusted-proxies = ["proxy.lan"]',
    'server.trusted-proxies.0: "proxy.lan" is a name, which anybody may answer for: write one such as "127.0.0.1" or "10.0.0.0/8"',
  ],
  [
    'trusted-proxies = ["10.0.0.0/33"]',
    'server.trusted-proxies.0: "10.0.0.0/33" is no network: after the slash write the number of its bits, at most 32',
  ],
  [
    'trusted-proxies = ["::/0"]',
    'server.trusted-proxies.0: "::/0" is every address, so that any client could invent its own: write those of the proxies',
  ],
  [
    'trusted-proxies = ["10.0.0.300"]',
    'server.trusted-proxies.0: "10.0.0.300" is no IP address: write one such as "127.0.0.1" or "10.0.0.0/8"',
  ],
  ['trusted-proxies = "::1"', 'server.trusted-proxies: "::1" has to be a list: write ["::1"]'],
  [
    'tls-cert = ""\ntls-key = "/k.pem"',
    'server.tls-cert: "" is empty: write the path of the file or delete the line',
  ],
  [
    'tls-cert = "-----BEGIN CERTIFICATE-----"\ntls-key = "/k.pem"',
    'server.tls-cert: "-----BEGIN CERTIFICATE-----" is the content of the file: write the path of the file',
  ],
])('%j is rejected with a message that says how to fix it', (server, message) =>
  expect(problemsOf(server).map((problem) => problem.replace(/^config\.toml:\d+: /, ''))).toEqual([message]),
)

test.each([
  ['username = "a"\npassword = ""', 'server.password: is empty: write a password'],
  ['username = "a"\npassword = 12345678', 'server.password: has to be text: write it in quotes'],
  ['username = "a"\npassword = "scrypt$secret"', 'server.password: is not a complete scrypt$N$r$p$salt$hash'],
  ['username = "a"\npassword = "$2b$12$secret"', 'server.password: is a hash of an unsupported kind'],
  ['token = "secret"', 'server.token: has 6 characters, which can be guessed: write at least 16'],
  ['token = "secret secret secret"', 'server.token: has characters that an address cannot have'],
  ['token = secret', 'there is no value here: text needs quotes'],
  ['password = "secret', 'the quote is not closed'],
  ['token = ""', 'server.token: is empty: write one'],
])('%j is rejected without printing the secret', (server, message) => {
  const [problem, ...more] = problemsOf(server)
  expect(problem).toContain(message)
  expect(more).toEqual([])
  expect(problem).not.toMatch(/secret|12345678/)
})
