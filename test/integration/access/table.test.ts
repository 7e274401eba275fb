import { request } from 'node:http'
import { expect, test } from 'vitest'
import { basic, PASSWORD, quickHash, TOKEN, USERNAME } from '../../support/access.js'
import { freePorts, startProgram, type Program } from '../../support/program.js'
import {
  CREDENTIALS,
  expected,
  METHODS,
  opensSocket,
  PATHS,
  type Credential,
  type Method,
  type Outcome,
  type Path,
  type Port,
} from './table.js'

const FOREIGN = 'http://evil.example'
const AT_ONCE = 32

interface AccessCase {
  port: Port
  path: Path
  method: Method
  isUpgrade: boolean
  credential: Credential
}

interface Presented {
  query?: string
  headers?: Record<string, string>
}

const presentedBy = (cookies: Record<'admin' | 'watch', string>): Record<Credential, Presented> => ({
  nothing: {},
  // It gets the form to sign in and pages instead of JSON, and may do nothing more.
  'nothing, in a browser': { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } },
  'wrong password': { headers: { authorization: basic(USERNAME, 'wrong') } },
  'wrong token': { query: 'token=0000000000000000' },
  'forged cookie': { headers: { cookie: cookies.admin.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')) } },
  'token in the address': { query: `token=${TOKEN}` },
  'token in a header': { headers: { authorization: `Bearer ${TOKEN}` } },
  'name and password': { headers: { authorization: basic() } },
  'cookie of the token': { headers: { cookie: cookies.watch } },
  'cookie of the password': { headers: { cookie: cookies.admin } },
  'password, from a foreign page': { headers: { authorization: basic(), origin: FOREIGN } },
  'cookie, from a foreign page': { headers: { cookie: cookies.admin, origin: FOREIGN } },
})

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
}

/** The status of one request, sent as it is written, without waiting for the body. */
async function statusOf(options: {
  port: number
  path: string
  method: string
  headers: Record<string, string>
  localAddress: string
}): Promise<{ status: number; setCookie: string }> {
  return await new Promise((resolve, reject) => {
    const one = request({ host: '127.0.0.1', agent: false, ...options })
    one.on('response', (response) => {
      response.on('error', () => {})
      response.destroy()
      resolve({ status: response.statusCode!, setCookie: response.headers['set-cookie']?.[0] ?? '' })
    })
    one.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode!, setCookie: '' })
    })
    one.on('error', reject)
    one.end()
  })
}

/** Each kind of client has an address of its own. */
const addressOf = (credential: Credential): string => `127.0.1.${1 + CREDENTIALS.indexOf(credential)}`

async function cookiesOf(program: Program): Promise<Record<'admin' | 'watch', string>> {
  const cookieFor = async (authorization: string): Promise<string> => {
    const headers = { accept: 'text/html', authorization }
    const about = { port: program.webPort, path: '/', method: 'GET', headers, localAddress: '127.0.1.99' }
    return (await statusOf(about)).setCookie.split(';')[0]!
  }
  return { admin: await cookieFor(basic()), watch: await cookieFor(`Bearer ${TOKEN}`) }
}

const outcomeOf = (status: number): Outcome => (status === 401 ? '401' : status === 403 ? '403' : 'yes')

type Kind = 'request' | 'WebSocket'
const nameOf = ({ port, path, method, isUpgrade }: AccessCase): string =>
  [port, isUpgrade ? 'WebSocket' : 'request', path, method].join(' ')

/** Maps the values of a list to those that share a key, in order. */
function grouped<T>(list: Iterable<T>, keyOf: (one: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return [...groups.values()]
}

/** Addresses with the same methods and the same answers share a line. */
function documentOf(rows: ReadonlyMap<string, Outcome[]>, sentRequests: number): string {
  const single = Array.from(rows, ([name, row]) => {
    const [port, kind, path, method] = name.split(' ') as [Port, Kind, Path, Method]
    return { port, kind, path, method, row: row.join(' | ') }
  })
  const byPath = grouped(single, ({ port, kind, path, row }) => [port, kind, path, row].join(' ')).map(
    (same) => ({ ...same[0]!, methods: same.map(({ method }) => method).join(', ') }),
  )
  const lines = grouped(byPath, ({ port, kind, methods, row }) => [port, kind, methods, row].join(' ')).map(
    (same) => {
      const [{ port, kind, methods, row }] = same as [(typeof same)[0]]
      const addresses = same.length === PATHS.length ? 'all' : same.map(({ path }) => `\`${path}\``).join(' ')
      return `| ${port} | ${kind} | ${methods === METHODS.join(', ') ? 'all' : methods} | ${addresses} | ${row} |`
    },
  )
  return `# Access by route

\`test/integration/access/table.test.ts\` writes this page: it starts the program with \`username\`, \`password\` and \`token\`, sends each
request below with each kind of credentials, and compares every status with a hand-written table
(\`test/integration/access/table.ts\`). It sent ${sentRequests} requests, and all of them were answered as expected.

\`yes\`: the request reached its route. A WebSocket opens at its own addresses, and on a \`webrtc-port\` at every address.
401: credentials are missing or wrong. 403: they do not suffice, or the origin of the page is not allowed.

| port | kind | methods | addresses | ${CREDENTIALS.join(' | ')} |
|---|---|---|---|${CREDENTIALS.map(() => '---').join('|')}|
${lines.join('\n')}
`
}

test(
  'every port, path, method, upgrade and kind of credentials has the outcome of the table',
  { timeout: 240_000 },
  async () => {
    const [rtpPort] = await freePorts(1)
    await using program = await startProgram({
      tables: `username = "${USERNAME}"\npassword = "${quickHash(PASSWORD)}"\ntoken = "${TOKEN}"
[camera1]\ndevice = "rtp://127.0.0.1:${rtpPort}"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n[limits]\noffer-burst = 10000\n`,
    })
    const kinds = presentedBy(await cookiesOf(program))
    const ports: Record<Port, number> = {
      'web-port': program.webPort,
      'webrtc-port': program.webrtcPorts[0]!,
    }
    const all: AccessCase[] = (['web-port', 'webrtc-port'] as const).flatMap((port) =>
      PATHS.flatMap((path) =>
        [false, true].flatMap((isUpgrade) =>
          METHODS.flatMap((method) =>
            CREDENTIALS.map((credential) => ({ port, path, method, isUpgrade, credential })),
          ),
        ),
      ),
    )
    const wrong: string[] = []
    const rows = new Map<string, Outcome[]>()
    const ask = async (one: AccessCase): Promise<void> => {
      const { port, path, method, isUpgrade, credential } = one
      const { query, headers } = kinds[credential]
      const { status } = await statusOf({
        port: ports[port],
        path: query === undefined ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`,
        method,
        headers: { ...(isUpgrade && UPGRADE), ...headers },
        localAddress: addressOf(credential),
      })
      const name = nameOf(one)
      const row = rows.get(name) ?? []
      row[CREDENTIALS.indexOf(credential)] = outcomeOf(status)
      rows.set(name, row)
      const right = expected(port, path, method, isUpgrade)[credential]
      const isOpened = status === 101
      const opens = isUpgrade && right === 'yes' && opensSocket(port, path, method)
      if (outcomeOf(status) !== right || isOpened !== opens || status === 500)
        wrong.push(`${name} with ${credential}: ${status} instead of ${opens ? 101 : right}`)
    }
    for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(ask))
    expect(wrong).toEqual([])
    const inOrder = new Map(all.map((one) => [nameOf(one), rows.get(nameOf(one))!]))
    await expect(documentOf(inOrder, all.length)).toMatchFileSnapshot('../../../docs/access.md')
  },
)
