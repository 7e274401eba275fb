import { Hono } from 'hono'
import { AppError } from '../../errors.js'
import { needs } from '../auth/permission.js'
import { escapeHtml, PLAIN_PAGE_HEADERS, plainPage } from './html.js'
import { qrCode } from './qr-code.js'

/** The certificate authority that signed the server's certificate: only what is public of it. */
export interface Authority {
  pem: string
  /** SHA-256. */
  fingerprint: string
}

const FILE = 'rpi-webrtc-ca.crt'

/** `GET /certificate`: how a phone trusts this server, and the file for it. Public, because the device cannot sign in safely before. */
export function trustRoutes(authority: () => Promise<Authority | undefined>): Hono {
  const routes = new Hono()
  routes.get('/certificate', needs('public'), async (c) =>
    c.body(trustPage(await authority(), new URL(c.req.url)), 200, PLAIN_PAGE_HEADERS),
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

const STEPS: [device: string, steps: string[]][] = [
  [
    'iPhone, iPad',
    [
      'Open this page in Safari, tap the file and allow the download.',
      'Settings > General > VPN & Device Management: tap the profile, then Install.',
      'Settings > General > About > Certificate Trust Settings: switch it on.',
    ],
  ],
  [
    'Android',
    [
      'Download the file.',
      'Search the settings for "CA certificate", choose Install anyway, then the file.',
      'Firefox: Settings > About Firefox, tap the logo five times, then Secret Settings > Use third party CA certificates.',
    ],
  ],
  [
    'Windows',
    [
      'Open the file: Install Certificate > Current User.',
      'Place all certificates in the following store > Trusted Root Certification Authorities.',
    ],
  ],
  ['macOS', ['Open the file: Keychain Access adds it.', 'Open the entry there: Trust > Always Trust.']],
  [
    'Firefox on a computer',
    [
      'Settings > Privacy & Security > View Certificates > Authorities > Import.',
      'Choose the file, then Trust this CA to identify websites.',
    ],
  ],
]

function trustPage(authority: Authority | undefined, { hostname, href }: URL): string {
  const title = 'Trust this server'
  if (authority === undefined)
    return plainPage(
      title,
      `<h1>${title}</h1>
<p>This server has no certificate authority of its own. On its machine, <code>rpi-webrtc certificate --write</code> makes one. docs/https.md explains it.</p>`,
    )
  const steps = STEPS.map(
    ([device, list]) =>
      `<h2>${escapeHtml(device)}</h2>\n<ol>${list.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol>`,
  )
  return plainPage(
    title,
    `<h1>${title}</h1>
<p>Install the certificate authority of this server on your device. It is limited to local names and private addresses.</p>
<p><a href="certificate/${FILE}">${FILE}</a></p>
<p>Its SHA-256 fingerprint has to be the one that <code>rpi-webrtc certificate</code> prints on the server:</p>
<pre class="fingerprint"><code>${escapeHtml(authority.fingerprint)}</code></pre>
${isOnlyHere(hostname) ? '' : `<p>For a phone in the same network:</p>\n${qrCode(href, 'QR code with the address of this page')}\n`}${steps.join('\n')}`,
  )
}

/** An address that means another machine when a phone opens it. */
const isOnlyHere = (hostname: string): boolean =>
  /^(?:localhost|.*\.localhost|127\..*|\[::1\])$/.test(hostname)
