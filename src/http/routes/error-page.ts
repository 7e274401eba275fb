import { englishIn, escapeHtml, plainPage } from './html.js'
import type { PageWords } from './page-words.js'

/** The JSON of an error. */
export interface ApiError {
  error: string
  message: string
  hint?: string
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
  words: PageWords
}

/** A sentence in place of JSON, and where to go from here. Codes without words are explained by the message of the error. */
export function errorPage({ status, error, root, cameras, signIn, retryAfterS, words }: ErrorFacts): string {
  const key = `server.error.${error.error}`
  const heading = words.text(words.has(key) ? key : status < 500 ? 'server.error.4xx' : 'server.error.5xx')
  const link = (address: string, text: string): string =>
    `<li><a href="${escapeHtml(root + address)}"><bdi>${escapeHtml(text)}</bdi></a></li>`
  const links = [
    ...(signIn === undefined
      ? []
      : [
          link(
            signIn.address,
            words.text(signIn.asAdministrator ? 'server.error.sign-in-admin' : 'server.error.sign-in'),
          ),
        ]),
    link('', words.text('server.error.home')),
    ...(cameras ?? []).map(({ key, name }) => link(`${key}/`, name)),
    ...(cameras === undefined ? [] : [link('api/', words.text('server.error.api'))]),
  ]
  const english = englishIn(words)
  const paragraphs = [
    ...[error.message, error.hint ?? '']
      .filter(Boolean)
      .map((text) => `<p${english}>${escapeHtml(text)}</p>`),
    ...(retryAfterS === undefined
      ? []
      : [`<p>${escapeHtml(words.text('server.error.retry', { count: Number(retryAfterS) }))}</p>`]),
  ]
  return plainPage(
    heading,
    `<h1>${escapeHtml(heading)}</h1>
${paragraphs.join('\n')}
<h2>${escapeHtml(words.text('server.error.addresses'))}</h2>
<ul class="links">
${links.join('\n')}
</ul>
<p><small>${status} <code>${escapeHtml(error.error)}</code></small></p>`,
    words,
  )
}
