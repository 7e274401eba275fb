import { Hono } from 'hono'
import { AppError } from '../../errors.js'
import { needs } from '../auth/permission.js'
import { code, escapeHtml, PLAIN_PAGE_HEADERS, plainPage, sentence } from './html.js'
import { LANGUAGE_VARY, type Languages, type PageWords } from './page-words.js'
import { qrCode } from './qr-code.js'

/** The certificate authority that signed the server's certificate: only what is public of it. */
export interface Authority {
  pem: string
  /** SHA-256. */
  fingerprint: string
}

const FILE = 'rpi-webrtc-ca.crt'

/** `GET /certificate`: how a phone trusts this server, and the file for it. Public, because the device cannot sign in safely before. */
export function trustRoutes(
  authority: () => Promise<Authority | undefined>,
  languages: Pick<Languages, 'of'>,
): Hono {
  const routes = new Hono()
  routes.get('/certificate', needs('public'), async (c) =>
    c.body(trustPage(await authority(), new URL(c.req.url), languages.of(c)), 200, {
      ...PLAIN_PAGE_HEADERS,
      vary: LANGUAGE_VARY,
    }),
  )
  routes.get(`/certificate/${FILE}`, needs('public'), async (c) => {
    const { pem } = (await authority()) ?? {}
    if (pem === undefined)
      throw new AppError(
        'not-found',
        404,
        'this server has no certificate authority: rpi-webrtc certificate makes one',
      )
    const headers = { 'content-disposition': `attachment; filename="${FILE}"`, 'cache-control': 'no-store' }
    return c.body(pem, 200, { 'content-type': 'application/x-x509-ca-cert', ...headers })
  })
  return routes
}

/** How many steps each device needs: the words have them. Names of systems are those of their makers. */
const DEVICES = [
  { key: 'apple', name: 'iPhone, iPad', steps: 3 },
  { key: 'android', name: 'Android', steps: 3 },
  { key: 'windows', name: 'Windows', steps: 2 },
  { key: 'macos', name: 'macOS', steps: 2 },
  { key: 'firefox', name: undefined, steps: 2 },
]

function trustPage(authority: Authority | undefined, { hostname, href }: URL, words: PageWords): string {
  const title = words.text('server.trust.title')
  const heading = `<h1>${escapeHtml(title)}</h1>`
  if (authority === undefined) {
    const parts = { command: code('rpi-webrtc certificate --write'), document: code('docs/https.md') }
    return plainPage(title, `${heading}\n<p>${sentence(words, 'server.trust.none', parts)}</p>`, words)
  }
  const chapters = DEVICES.map(({ key, name = words.text('server.trust.firefox'), steps }) => {
    const items = Array.from({ length: steps }, (_, i) => sentence(words, `server.trust.${key}-${i + 1}`))
    return `<h2>${escapeHtml(name)}</h2>\n<ol>${items.map((item) => `<li>${item}</li>`).join('')}</ol>`
  })
  const phone = `<p>${sentence(words, 'server.trust.phone')}</p>\n${qrCode(href, sentence(words, 'server.trust.qr'))}\n`
  return plainPage(
    title,
    `${heading}
<p>${sentence(words, 'server.trust.intro')}</p>
<p><a href="certificate/${FILE}">${FILE}</a></p>
<p>${sentence(words, 'server.trust.fingerprint', { command: code('rpi-webrtc certificate') })}</p>
<pre dir="ltr">${code(authority.fingerprint)}</pre>
${isOnlyHere(hostname) ? '' : phone}${chapters.join('\n')}`,
    words,
  )
}

/** An address that means another machine when a phone opens it. */
const isOnlyHere = (hostname: string): boolean =>
  /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname)
