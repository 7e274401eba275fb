import { describe, expect, test } from 'vitest'
import { accessWith, PASSWORD, TOKEN } from '../../../test/support/access.js'
import { appWith } from '../../../test/support/app.js'
import { websocketOnlyApp } from '../websocket-only-app.js'
import { readLanguages } from './page-words.js'

const GERMAN = { 'accept-language': 'de-AT,de;q=0.9,en;q=0.5' }
const PERSON = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const open = async (
  path: string,
  headers: Record<string, string> = {},
  app = appWith({}),
): Promise<{ text: string; headers: Headers; status: number }> => {
  const response = await app.request(`http://pi:8080${path}`, { headers: { ...PERSON, ...headers } })
  return { text: await response.text(), headers: response.headers, status: response.status }
}

describe('the page', () => {
  test.each([
    [{}, '/', 'en', 'ltr'],
    [GERMAN, '/', 'de', 'ltr'],
    [GERMAN, '/?lang=ar', 'ar', 'rtl'],
    [GERMAN, '/?lang=xx', 'de', 'ltr'],
    [{ 'accept-language': 'sv' }, '/', 'en', 'ltr'],
    [GERMAN, '/owner', 'de', 'ltr'],
  ])('with %j, %s is in "%s", %s', async (headers, path, language, direction) => {
    const page = await open(path, headers)
    expect(page.text).toContain(`<html lang="${language}" dir="${direction}">`)
    expect(page.headers.get('vary')?.toLowerCase()).toContain('accept-language')
    expect(page.text).not.toContain('{{')
  })

  test('has its title, and the sentence for browsers without scripts, in its language', async () => {
    const { text } = await open('/', GERMAN)
    expect(text).toContain('<title>Kameras · rpi-webrtc</title>')
    expect(text).toMatch(/<noscript>\s*<p class="page-notice">Live-Video braucht JavaScript/)
  })

  test('has another validator in another language', async () => {
    const etag = async (headers: object) => (await open('/', { ...headers })).headers.get('etag')
    expect(await etag(GERMAN)).not.toBe(await etag({}))
    expect(await etag(GERMAN)).toBe(await etag(GERMAN))
  })
})

test.each([
  ['words/de.json', 'tile.play', 'owner.save'],
  ['words/de.causes.json', 'cause.no-device', 'tile.play'],
  ['words/de.settings.json', 'settings.save', 'owner.save'],
  ['words/de.owner.json', 'owner.save', 'server.open-page'],
])('%s has %s, and not %s', async (name, inside, outside) => {
  const words = JSON.parse((await open(`/assets/${name}`)).text) as Record<string, string>
  expect(words).toHaveProperty([inside])
  expect(words).not.toHaveProperty([outside])
  expect(words['language.direction']).toBe('ltr')
})

test('another name has no words', async () => {
  for (const name of ['xx', 'de.server', 'de.constructor', '..%2fwords%2fde', 'de.json/x', 'DE'])
    expect([name, (await open(`/assets/words/${name}.json`)).status]).toEqual([name, 404])
})

describe('what the server writes for people', () => {
  const app = appWith({ access: accessWith({ token: TOKEN, password: PASSWORD }) })

  test('the form to sign in', async () => {
    const { text, headers, status } = await open('/', GERMAN, app)
    expect(status).toBe(401)
    expect(text).toContain('<html lang="de" dir="ltr">')
    expect(text).toContain('<label for="username">Benutzername</label>')
    expect(text).toContain('>Anmelden</button>')
    expect(headers.get('vary')?.toLowerCase()).toContain('accept-language')
    expect((await open('/sign-in?lang=ar', GERMAN, app)).text).toContain('<html lang="ar" dir="rtl">')
  })

  test('an error, with the sentence of the server marked as English', async () => {
    const { text, headers } = await open('/nowhere', GERMAN)
    expect(text).toContain('<h1>Unter dieser Adresse gibt es nichts.</h1>')
    expect(text).toContain('<p lang="en" dir="ltr">no such address: /nowhere')
    expect(headers.get('vary')?.toLowerCase()).toContain('accept-language')
    expect((await open('/nowhere')).text).toContain('<p>no such address')
  })

  test('programs get English JSON as before', async () => {
    const response = await appWith({}).request('/nowhere', { headers: GERMAN })
    expect(await response.json()).toEqual({ error: 'not-found', message: 'no such address: /nowhere' })
  })

  test('the port of a camera', async () => {
    const port = websocketOnlyApp('camera1', accessWith(), () => 8080, readLanguages('static'))
    expect((await open('/', GERMAN, port)).text).toContain(
      '<h1>Dieser Port ist für das Video der Seite.</h1>',
    )
  })
})

test('a hostile Accept-Language is answered in English', async () => {
  for (const header of ['<script>', `${'de;q=0,'.repeat(900)}en`, 'constructor', '__proto__', ';;;=,'])
    expect((await open('/', { 'accept-language': header })).text).toContain('<html lang="en" dir="ltr">')
})

describe('the menu offers', () => {
  const offers = async (name: string, path: string, about: Parameters<typeof appWith>[0]): Promise<boolean> =>
    (await open(path, {}, appWith(about))).text.includes(`"${name}":true`)
  const authority = async () => await Promise.resolve({ pem: '', fingerprint: '' })

  test('to sign in as administrator, to a viewer where there is such an account', async () => {
    const both = { access: accessWith({ token: TOKEN, password: PASSWORD }) }
    expect(await offers('may_sign_in', `/?token=${TOKEN}`, both)).toBe(true)
    expect(await offers('may_sign_in', '/', { access: accessWith() })).toBe(false)
    expect(await offers('may_sign_in', `/?token=${TOKEN}`, { access: accessWith({ token: TOKEN }) })).toBe(
      false,
    )
  })

  test('to trust the server, where it has its own authority', async () => {
    expect(await offers('has_authority', '/', { authority })).toBe(true)
    expect(await offers('has_authority', '/', {})).toBe(false)
  })
})
