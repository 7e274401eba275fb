import type { Context } from 'hono'
import { clientOf } from '../../lib/client-address.js'
import { rootFrom } from '../../lib/relative-path.js'
import type { AccessControl } from '../auth/access-control.js'
import { errorPage, type ApiError } from './error-page.js'
import type { PageForPeople } from './errors-for-people.js'
import type { Languages } from './page-words.js'
import { PLAIN_PAGE_HEADERS } from './html.js'
import { addressBelowRoot } from './return-address.js'
import { signInInPlace } from './sign-in.js'
import { FORM_CHALLENGE, type SignInPage } from './sign-in-page.js'

/** Chooses the page for a person whose request failed: the form to sign in, or a sentence. */
export function pagesForPeople(
  access: Pick<AccessControl, 'signInWith'>,
  signInPage: SignInPage,
  languages: Languages,
  cameras: () => readonly { key: string; name: string }[],
): (c: Context, error: ApiError) => PageForPeople {
  return (c, error) => {
    const { signInWith } = access
    const isSignedOut = error.error === 'unauthorized' && signInWith !== undefined
    // A wrong Authorization header has to be challenged again: the browser would go on sending it with the form.
    if (isSignedOut && c.req.method !== 'POST' && c.req.header('authorization') === undefined) {
      const headers = { ...signInPage.headers, 'www-authenticate': FORM_CHALLENGE }
      return { html: signInInPlace(c, signInWith, signInPage), headers }
    }
    const { prefix } = clientOf(c.env)
    const to = encodeURIComponent(addressBelowRoot(c.req.url))
    const asAdministrator = error.error === 'read-only' && signInWith === 'login'
    const html = errorPage({
      status: c.res.status,
      error,
      root: prefix === '' ? rootFrom(c.req.url) : `${prefix}/`,
      cameras: c.get('role') === undefined ? undefined : cameras(),
      signIn: isSignedOut || asAdministrator ? { address: `sign-in?to=${to}`, asAdministrator } : undefined,
      retryAfterS: c.res.headers.get('retry-after') ?? undefined,
      words: languages.of(c),
    })
    return { html, headers: PLAIN_PAGE_HEADERS }
  }
}
