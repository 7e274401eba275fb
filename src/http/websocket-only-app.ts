import { Hono, type Context } from 'hono'
import type { AccessControl } from './auth/access-control.js'
import { nameOf } from './auth/host-names.js'
import { authMiddleware } from './auth/middleware.js'
import { pathOf } from './path-of.js'
import type { ApiError } from './routes/error-page.js'
import { errorsForPeople, type PageForPeople } from './routes/errors-for-people.js'
import { escapeHtml, PLAIN_PAGE_HEADERS, plainPage } from './routes/html.js'
import type { Languages, PageWords } from './routes/page-words.js'
import { FORM_CHALLENGE } from './routes/sign-in-page.js'

/**
 * Answers plain HTTP requests on a camera's own port, which serves WebSockets on any path.
 * @param webPort in use; undefined while it is closed.
 */
export function websocketOnlyApp(
  camera: string,
  access: AccessControl,
  webPort: () => number | undefined,
  languages: Languages,
): Hono {
  const app = new Hono({ getPath: pathOf })
  app.use(
    '*',
    errorsForPeople((c, error) => pageFor(c, error, webPort(), languages.of(c))),
  )
  app.use('*', ...authMiddleware(access))
  app.all('*', (c) => {
    const message = `this port accepts WebSocket connections for ${camera} only; the page is on server.web-port`
    return c.json({ error: 'upgrade-required', message }, 426, { upgrade: 'websocket' })
  })
  return app
}

/** A person who opened this port is led to the other one, which has the form to sign in. */
function pageFor(
  c: Context,
  { error, message }: ApiError,
  webPort: number | undefined,
  words: PageWords,
): PageForPeople {
  const isSignedOut = error === 'unauthorized' && c.req.header('authorization') === undefined
  const name = nameOf(c.req.header('host') ?? '')
  const link =
    name === undefined || webPort === undefined
      ? ''
      : `\n<p class="links"><a href="//${escapeHtml(name)}:${webPort}/">${escapeHtml(words.text('server.open-page'))}</a></p>`
  const english = words.language === 'en' ? '' : ' lang="en" dir="ltr"'
  const detail = isSignedOut ? '' : `\n<p${english}>${escapeHtml(message)}</p>`
  const heading = words.text('server.video-port')
  return {
    html: plainPage(heading, `<h1>${escapeHtml(heading)}</h1>${detail}${link}`, words),
    headers: { ...PLAIN_PAGE_HEADERS, ...(isSignedOut && { 'www-authenticate': FORM_CHALLENGE }) },
  }
}
