import * as access from './access.js'
import { key } from './key.js'
import { listOf, port, secret, text } from './kinds.js'
import * as values from './values.js'

/** The rows of [server]. */
export const SERVER_KEYS = {
  'web-port': key(port(), {
    default: 8080,
    applies: 'rebind',
    about: 'TCP port of the page, the API, WHEP and WebSocket. Ports below 1024 need extra rights.',
  }),
  'site-name': key(text(`string, at most ${values.MAX_NAME_LENGTH} characters`, values.parseDisplayName), {
    applies: 'live',
    about: 'Name of the place, such as `"Workshop"`: heading and title of the page.',
  }),
  'bind-ip': key(text('IP address', values.parseBindAddress), {
    default: '::',
    applies: 'rebind',
    about:
      'Address to listen on. `"::"` accepts IPv6 and IPv4, and is IPv4 only where the kernel has no IPv6; `"0.0.0.0"` is IPv4 only; `"127.0.0.1"` is for a [reverse proxy](reverse-proxy.md) on the same machine.',
  }),
  'pi-ip': key(text('IP address', values.parseReachableAddress), {
    defaultText: 'detected',
    applies: 'next',
    about:
      'Address to offer to browsers first. Set it if the machine has several networks and the wrong one is detected. `--pi-ip` overrides it.',
  }),
  'tls-cert': key(text('path', access.parsePath), {
    applies: 'rebind',
    about:
      'PEM file with the certificate chain. Requires `server.tls-key`. All ports then use HTTPS and WSS only.',
  }),
  'tls-key': key(text('path', access.parsePath), {
    applies: 'rebind',
    about: 'PEM file with the private key, without a passphrase. Both files are read again when they change.',
  }),
  username: key(text('string without a colon', access.parseUsername), {
    applies: 'sign-out',
    about: 'Name of the administrator. Requires `server.password`. Without credentials, access is open.',
  }),
  password: key(secret('string', access.parseLoginPassword), {
    applies: 'sign-out',
    about:
      'Plain text or, better, the hash that `rpi-webrtc hash-password` prints. See [passwords](security.md#passwords).',
  }),
  token: key(
    secret(
      `string, at least ${access.MIN_TOKEN_LENGTH} of letters, digits and \`- . _ ~\``,
      access.parseToken,
    ),
    {
      applies: 'sign-out',
      about: 'Grants the right to watch, and nothing else. `openssl rand -hex 16` generates one.',
    },
  ),
  'allow-origins': key(listOf('origins', access.parseOrigin), {
    defaultText: '`["*"]`, or `[]` with credentials',
    applies: 'next',
    about:
      'Web pages of other origins that may use this server. See [origins](security.md#pages-of-other-origins).',
  }),
  names: key(listOf('host names', access.parseHostName), {
    default: [],
    applies: 'next',
    about:
      'Additional host names that the server answers to while it has no credentials. See [host names](security.md#host-names).',
  }),
  'trusted-proxies': key(listOf('addresses and networks', access.parseTrustedProxy), {
    default: [],
    applies: 'next',
    about:
      'Reverse proxies whose `X-Forwarded-For`, `X-Forwarded-Proto`, `X-Forwarded-Host`, `X-Forwarded-Prefix` and `Forwarded` count. See [trusted proxies](reverse-proxy.md#trusted-proxies).',
  }),
}
