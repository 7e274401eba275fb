import type { Random } from './random.js'
import { inBatches, type EntryPoint } from './entry-point.js'
import type { Unit } from './meter.js'
import { mutateBytes } from './mutate.js'
import { judge } from './offers.js'
import { LOGIN, type Target } from './target.js'
import { anAddress } from './upgrade.js'
import { openAndSpeak } from './web.js'

const AT_ONCE = 8
/** Where a person would be led to after the form, and where nobody may be. */
const RETURNS = [
  'camera1/?view=kiosk',
  '//evil.example/',
  '\\\\evil.example',
  'https://evil.example/',
  'https:evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  '../../evil',
  '%2e%2e/%2e%2e/',
  'a\r\nSet-Cookie: rpi-webrtc-1=admin',
  '"><script>alert(1)</script>',
  '\u0000',
  '\ud800',
  '%ff%',
  '🎥'.repeat(500),
  'a/'.repeat(5000),
  '../'.repeat(4000),
]
const NAMES = [
  LOGIN.username,
  '',
  ' anna',
  'ANNA',
  '"><script>alert(1)</script>',
  'a'.repeat(9000),
  '\u0301'.repeat(3000),
]
const PASSWORDS = ['', 'wrong', `${LOGIN.password} `, LOGIN.token, '\u0301'.repeat(3000), 'x'.repeat(12_000)]
const FORMS = [
  'username=anna&username=bert&password=a&password=b',
  'password=%ff%fe&username=%00',
  'username&password&to',
  '=&=&='.repeat(4000),
  '%75sername=anna&%70assword=%zz',
  `${'a=b&'.repeat(3500)}username=anna&password=wrong`,
  '%ff&'.repeat(4000),
  '__proto__=1&constructor=2&username=anna',
  '{"username":"anna","password":"wrong"}',
]
const TYPES = [
  ...Array<string>(8).fill('application/x-www-form-urlencoded'),
  'application/x-www-form-urlencoded; charset=utf-16',
  'multipart/form-data; boundary=x',
  'text/plain',
  '',
]
const ACCEPTS = [
  'text/html',
  'text/html,*/*;q=0.8',
  '*/*',
  `text/html;${';'.repeat(9000)}`,
  'text/html,'.repeat(900),
]
const OPENED = [
  '/',
  '/camera1/',
  '/sign-in',
  '/nothing',
  '//evil.example/',
  '/%ff%',
  '/"><script>',
  `/${'a/'.repeat(4000)}`,
]
/** Of the page's own origin, and of what a form of another site would have. */
const ORIGINS = ['', '', 'Origin: null', 'Origin: http://evil.example', `Origin: http://${'a.'.repeat(4000)}`]

interface Attempt {
  text: Buffer
  /** Whether the name and the password are right, and the origin is not foreign. */
  isRight: boolean
}

function attemptOf(random: Random): Attempt {
  const accept = `Accept: ${random.of(ACCEPTS)}`
  const to = random.of(RETURNS)
  if (random.happens(0.25)) {
    const target = `${random.of(OPENED)}?to=${random.happens(0.5) ? encode(to) : to.replaceAll(/\s/g, '')}`
    return { text: requestOf(`GET ${target}`, [accept], Buffer.alloc(0)), isRight: false }
  }
  const isRight = random.happens(0.1)
  const [username, password] = isRight
    ? [LOGIN.username, LOGIN.password]
    : [random.of(NAMES), random.of(PASSWORDS)]
  const fields = `to=${encode(to)}&username=${encode(username)}&password=${encode(password)}`
  const text = Buffer.from(isRight || random.happens(0.6) ? fields : random.of(FORMS))
  const body = isRight || random.happens(0.6) ? text : mutateBytes(text, random)
  const type = isRight ? TYPES[0]! : random.of(TYPES)
  const origin = isRight ? '' : random.of(ORIGINS)
  const path = random.happens(0.95) ? 'POST /sign-in' : 'POST /sign-out'
  const headers = [accept, `Content-Type: ${type}`, ...(origin === '' ? [] : [origin])]
  return { text: requestOf(path, headers, body), isRight: isRight && path === 'POST /sign-in' }
}

/** As a form does it; a lone surrogate becomes U+FFFD. */
const encode = (text: string): string => encodeURIComponent(Buffer.from(text).toString())

const requestOf = (start: string, headers: string[], body: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      [
        `${start} HTTP/1.1`,
        'Host: 127.0.0.1',
        'Connection: close',
        `Content-Length: ${body.length}`,
        ...headers,
        '',
        '',
      ].join('\r\n'),
    ),
    body,
  ])

const headerIn = (heard: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?)\\r$`, 'im').exec(`${heard.split('\r\n\r\n', 1)[0]}\r\n`)?.[1]

/** Wherever a proxy serves it, the next address is below this server. */
function isOwnAddress(location: string): boolean {
  const root = 'https://home.example/cams/'
  return /^\.\/[!-~]*$/.test(location) && new URL(location, `${root}sign-in`).href.startsWith(root)
}

function examineAnswer(target: Target, heard: string, { text, isRight }: Attempt): void {
  const about = text.toString('latin1').slice(0, 2000)
  judge(target, Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 200), about)
  const cookie = headerIn(heard, 'set-cookie')
  if (cookie?.includes('=admin.') === true && !isRight) target.find(`a session for ${about}`)
  const location = headerIn(heard, 'location')
  if (location !== undefined && !isOwnAddress(location)) target.find(`led to ${location} by ${about}`)
  if (heard.includes('<script>alert')) target.find(`a script of a stranger in the answer to ${about}`)
}

export const signIn: EntryPoint = {
  name: 'sign-in',
  about:
    'forms with hostile names, passwords, addresses to return to and origins; pages that a stranger opens',
  locked: true,
  attack: async (target, random, inputs) => {
    const { webPort } = await target.locked()
    let signedIn = 0
    await inBatches(target, inputs, AT_ONCE, (): Unit => {
      const attempt = attemptOf(random)
      const from = anAddress(random)
      return {
        entry: attempt.text.subarray(0, 4).toString('latin1').trim(),
        inputs: 1,
        bytes: attempt.text.length,
        about: () => attempt.text.toString('latin1'),
        send: async () => {
          const heard = await openAndSpeak(webPort, attempt.text, { from })
          if (attempt.isRight && heard.includes('=admin.')) signedIn++
          examineAnswer(target, heard, attempt)
        },
      }
    })
    if (signedIn === 0) target.find('the right password signed in nowhere: nothing of this was tried')
  },
}
