import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { escapeHtml } from './html.js'

/** Every sentence of the page. */
const WORDS = {
  title: 'Sign in · rpi-webrtc',
  heading: 'Sign in',
  username: 'User name',
  password: 'Password',
  token: 'Token',
  show: 'Show',
  showLabel: { login: 'Show the password', token: 'Show the token' },
  submit: 'Sign in',
  forgotten: {
    login:
      'Forgotten? They are server.username and server.password in the configuration of this server. A hashed password cannot be read: rpi-webrtc hash-password makes a new one.',
    token: 'It is server.token in the configuration of this server.',
  },
  wrong: {
    login: 'The user name or the password is wrong.',
    token: 'The token is wrong.',
  },
  mustWait: (seconds: number): string =>
    seconds === 1
      ? 'Too many wrong attempts came from your network. Wait one second, then try again.'
      : `Too many wrong attempts came from your network. Wait ${seconds} seconds, then try again.`,
  mayTryAgain: 'You can try again now.',
  framed: 'This page is part of another page. Sign in on a page of its own, then return here.',
  framedOtherSite:
    'If this message stays after that, your browser keeps the sign-in from pages of other sites. Put the token into the address instead: docs/security.md has more.',
  openAlone: 'Open the sign-in page',
  alreadySignedIn: 'You have signed in already?',
  openAgain: 'Open the page again',
}

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
  html(form: SignInForm): string
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
export function readSignInPage(staticDir: string): SignInPage {
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
    html: (form) => document(form, { style, script, iconUrl }),
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      // With no-referrer the form would be sent with `Origin: null`, which is foreign.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex',
    },
  }
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** The field that has the focus when the page opens is described by the problem, so that screen readers say it. */
const describedBy = ({ problem }: SignInForm): string => {
  if (problem === undefined) return ''
  return ` aria-describedby="problem"${problem === 'wrong' ? ' aria-invalid="true"' : ''}`
}

const FIELDS: Record<SignInKind, (form: SignInForm) => string> = {
  login: (form) => {
    const { username = '' } = form
    return `<p class="field">
<label for="username">${WORDS.username}</label>
<input id="username" name="username" value="${escapeHtml(username)}" autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" required${username === '' ? ' autofocus' : ''}${describedBy(form)}>
</p>
${secretField(form, 'password', WORDS.password, username !== '')}`
  },
  token: (form) => secretField(form, 'token', WORDS.token, true),
}

const secretField = (
  form: SignInForm,
  name: string,
  label: string,
  isFirst: boolean,
): string => `<p class="field">
<label for="secret">${label}</label>
<input id="secret" name="${name}" type="password" autocomplete="current-password" autocapitalize="none" spellcheck="false" required${isFirst ? ' autofocus' : ''}${describedBy(form)}>
<button id="show" type="button" aria-label="${WORDS.showLabel[form.kind]}" aria-controls="secret" aria-pressed="false" hidden>${WORDS.show}</button>
</p>`

function problemIn({ kind, problem }: SignInForm): string {
  if (problem === undefined) return ''
  if (problem === 'wrong') return `<p class="problem" id="problem" role="alert">${WORDS.wrong[kind]}</p>`
  return `<p class="problem" id="problem" role="alert" data-wait="${problem.waitS}" data-after="${WORDS.mayTryAgain}">${WORDS.mustWait(problem.waitS)}</p>`
}

function document(form: SignInForm, { style, script, iconUrl }: Record<string, string>): string {
  const { kind, root, to, place } = form
  return `<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<title>${WORDS.title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="dark light">
<style>${style}</style>
<link rel="icon" type="image/svg+xml" href="${iconUrl}">
</head>
<body>
<main data-place="${place}" data-root="${escapeHtml(root)}">
<h1><img src="${iconUrl}" alt="" width="40" height="40">${WORDS.heading}</h1>
<form id="form" method="post" action="${escapeHtml(root)}sign-in">
<input type="hidden" name="to" value="${escapeHtml(to)}">
${problemIn(form)}
${FIELDS[kind](form)}
<button class="submit" type="submit">${WORDS.submit}</button>
<p class="hint">${WORDS.forgotten[kind]}</p>
</form>
<div id="framed" hidden>
<p>${WORDS.framed}</p>
<p><a class="submit" href="" target="_blank">${WORDS.openAlone}</a></p>
<p class="hint">${WORDS.framedOtherSite}</p>
</div>
${place === 'own' ? '' : `<noscript><p class="hint">${WORDS.alreadySignedIn} <a href="">${WORDS.openAgain}</a></p></noscript>`}
</main>
<script>${script}</script>
</body>
</html>
`
}
