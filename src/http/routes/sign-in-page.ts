import type { Context } from 'hono'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeHtml } from './html.js'
import { LANGUAGE_VARY, type Languages, type PageWords } from './page-words.js'

export type SignInKind = 'login' | 'token'

export interface SignInForm {
  kind: SignInKind
  /** Of this server, relative to the address of the form, or the path below which a proxy serves it. */
  root: string
  /** The address to return to, relative to the root. */
  to: string
  /** Where the form stands: in place of the page of all cameras, of another page, or at its own address. */
  place: 'home' | 'page' | 'own'
  username?: string
  problem?: 'wrong' | { waitS: number }
}

export interface SignInPage {
  /** In the language of the request. */
  html(form: SignInForm, c: Context): string
  readonly headers: Record<string, string>
}

/**
 * Programs get a Basic challenge; a browser would show its own dialog for it. RFC 9110 section 15.5.2 wants a challenge in each 401, and
 * browsers ignore schemes that they do not know.
 */
export const FORM_CHALLENGE = 'Cookie realm="rpi-webrtc"'

/**
 * The form that a browser gets in place of a page.
 * @param staticDir the folder of the page; read once.
 */
export function readSignInPage(staticDir: string, languages: Languages): SignInPage {
  const read = (name: string): string => readFileSync(join(staticDir, name), 'utf8')
  const [style, script, icon] = [read('sign-in.css'), read('sign-in.js'), read('favicon.svg')]
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
  ].join('; ')
  // Requesting the icon would need the permission that the person does not have yet.
  const iconUrl = `data:image/svg+xml;base64,${Buffer.from(icon).toString('base64')}`
  return {
    html: (form, c) => document(form, languages.of(c), { style, script, iconUrl }),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      // With no-referrer the form would be sent with `Origin: null`, which is foreign.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
      vary: LANGUAGE_VARY,
    },
  }
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** A word of the page in HTML. */
type TextOf = (key: string, count?: number) => string

const textsIn =
  (words: PageWords): TextOf =>
  (key, count) =>
    escapeHtml(words.text(`server.sign-in.${key}`, count === undefined ? {} : { count }))

/** The field that has the focus when the page opens is described by the problem, so that screen readers say it. */
const describedBy = ({ problem }: SignInForm): string => {
  if (problem === undefined) return ''
  return ` aria-describedby="problem"${problem === 'wrong' ? ' aria-invalid="true"' : ''}`
}

const FIELDS: Record<SignInKind, (form: SignInForm, text: TextOf) => string> = {
  login: (form, text) => {
    const { username = '' } = form
    return `<p class="field">
<label for="username">${text('username')}</label>
<input id="username" name="username" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${username === '' ? ' autofocus' : ''}${describedBy(form)}>
</p>
${secretField(form, 'password', username !== '', text)}`
  },
  token: (form, text) => secretField(form, 'token', true, text),
}

const secretField = (
  form: SignInForm,
  name: 'password' | 'token',
  isFirst: boolean,
  text: TextOf,
): string => `<p class="field">
<label for="secret">${text(name)}</label>
<input id="secret" name="${name}" type="password" autocomplete="current-password" autocapitalize="none" spellcheck="false" required${isFirst ? ' autofocus' : ''}${describedBy(form)}>
<button id="show" type="button" aria-label="${text(form.kind === 'login' ? 'show-password' : 'show-token')}" aria-controls="secret" aria-pressed="false" hidden>${text('show')}</button>
</p>`

function problemIn({ kind, problem }: SignInForm, text: TextOf): string {
  if (problem === undefined) return ''
  if (problem === 'wrong') return `<p class="problem" id="problem" role="alert">${text(`wrong-${kind}`)}</p>`
  return `<p class="problem" id="problem" role="alert" data-wait="${problem.waitS}" data-after="${text('after-wait')}">${text('wait', problem.waitS)}</p>`
}

function document(form: SignInForm, words: PageWords, files: Record<string, string>): string {
  const { kind, root, to, place } = form
  const { style, script, iconUrl } = files
  const text = textsIn(words)
  return `<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<title>${text('title')}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="dark light">
<style>${style}</style>
<link rel="icon" type="image/svg+xml" href="${iconUrl}">
</head>
<body>
<main data-place="${place}" data-root="${escapeHtml(root)}">
<h1><img src="${iconUrl}" alt="" width="40" height="40">${text('heading')}</h1>
<form id="form" method="post" action="${escapeHtml(root)}sign-in">
<input type="hidden" name="to" value="${escapeHtml(to)}">
${problemIn(form, text)}
${FIELDS[kind](form, text)}
<button class="submit" type="submit">${text('heading')}</button>
<p class="hint">${text(`forgotten-${kind}`)}</p>
</form>
<div id="framed" hidden>
<p>${text('framed')}</p>
<p><a class="submit" href="" target="_blank">${text('open-alone')}</a></p>
<p class="hint">${text('framed-other-site')}</p>
</div>
${place === 'own' ? '' : `<noscript><p class="hint">${text('already')} <a href="">${text('open-again')}</a></p></noscript>`}
</main>
<script>${script}</script>
</body>
</html>
`
}
