import { escapeHtml, plainPage } from './html.js'

/** The JSON of an error. */
export interface ApiError {
  error: string
  message: string
  hint?: string
}

/** Every sentence of the page. Codes without one are explained by the message of the error. */
const WORDS: {
  home: string
  api: string
  signIn: string
  signInAsAdministrator: string
  addresses: string
  retry: (seconds: number) => string
  headings: Record<string, string>
} = {
  home: 'All cameras',
  api: 'Addresses for programs',
  signIn: 'Sign in',
  signInAsAdministrator: 'Sign in with user name and password',
  addresses: 'Where to go from here',
  retry: (seconds) =>
    seconds === 1
      ? 'Wait one second, then open the address again.'
      : `Wait ${seconds} seconds, then open the address again.`,
  headings: {
    'not-found': 'There is nothing at this address.',
    'no-such-camera': 'There is no such camera.',
    'method-not-allowed': 'This address is for programs.',
    'upgrade-required': 'This address is for the video of the page.',
    unauthorized: 'Please sign in.',
    'read-only': 'You may watch, but not see or change this.',
    'too-many-attempts': 'Too many wrong attempts came from your network.',
    'origin-not-allowed': 'A page of another site may not do this.',
    'unknown-host-name': 'This server does not know the name in the address.',
    'no-picture': 'The camera has no picture at the moment.',
    'camera-full': 'The camera has its maximum of viewers.',
    'too-many-snapshots': 'Too many pictures are being sent.',
    internal: 'Something went wrong on the server.',
    '4xx': 'This address cannot be opened.',
    '5xx': 'The server cannot answer at the moment.',
  },
}

export interface ErrorFacts {
  status: number
  error: ApiError
  /** Of this server, as a reference from the address. */
  root: string
  /** That the person may see; undefined for one who may see nothing. */
  cameras: readonly { key: string; name: string }[] | undefined
  /** Where to sign in, if it would help. */
  signIn: { address: string; asAdministrator: boolean } | undefined
  retryAfterS: string | undefined
}

/** A sentence in place of JSON, and where to go from here. */
export function errorPage({ status, error, root, cameras, signIn, retryAfterS }: ErrorFacts): string {
  const heading = WORDS.headings[error.error] ?? WORDS.headings[status < 500 ? '4xx' : '5xx']!
  const link = (address: string, text: string): string =>
    `<li><a href="${escapeHtml(root + address)}"><bdi>${escapeHtml(text)}</bdi></a></li>`
  const links = [
    ...(signIn === undefined
      ? []
      : [link(signIn.address, signIn.asAdministrator ? WORDS.signInAsAdministrator : WORDS.signIn)]),
    link('', WORDS.home),
    ...(cameras ?? []).map(({ key, name }) => link(`${key}/`, name)),
    ...(cameras === undefined ? [] : [link('api/', WORDS.api)]),
  ]
  const paragraphs = [
    error.message,
    ...(error.hint === undefined ? [] : [error.hint]),
    ...(retryAfterS === undefined ? [] : [WORDS.retry(Number(retryAfterS))]),
  ].map((text) => `<p>${escapeHtml(text)}</p>`)
  return plainPage(
    heading,
    `<h1>${escapeHtml(heading)}</h1>
${paragraphs.join('\n')}
<h2>${WORDS.addresses}</h2>
<ul class="links">
${links.join('\n')}
</ul>
<p><small>${status} <code>${escapeHtml(error.error)}</code></small></p>`,
  )
}
