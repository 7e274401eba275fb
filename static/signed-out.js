// @ts-check
/** Whether this page is signed out: its cookie has expired, or the credentials were changed. */

/** `/health` has the version for clients that may watch only. @param {URL} root of the server @param {string} query of the page */
export async function isSignedOut(root, query) {
  const address = new URL('health', root)
  const token = new URLSearchParams(query).get('token')
  if (token) address.searchParams.set('token', token)
  try {
    const response = await fetch(address, { cache: 'no-store' })
    if (response.status === 401) return true
    const health = await response.json()
    return health.status !== undefined && health.version === undefined
  } catch {
    return false // the server is away
  }
}
