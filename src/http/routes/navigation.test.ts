import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { isNavigation } from './navigation.js'

const app = new Hono()
app.all('*', (c) => c.json(isNavigation(c)))
const kind = async (headers: Record<string, string>, method = 'GET'): Promise<unknown> =>
  await (await app.request('/', { method, headers })).json()

const CHROMIUM = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const FORM = { accept: CHROMIUM, 'content-type': 'application/x-www-form-urlencoded' }

test.each([
  ['a page that Chromium opens', { accept: CHROMIUM }],
  ['the same with fetch metadata', { accept: CHROMIUM, 'sec-fetch-mode': 'navigate' }],
  ['lynx', { accept: 'text/html, text/plain, text/sgml, text/css, */*;q=0.01' }],
  ['capitals', { accept: 'TEXT/HTML;Q=0.9' }],
])('%s is a navigation', async (_what, headers) => expect(await kind(headers)).toBe(true))

test.each([
  ['curl', { accept: '*/*' }],
  ['no Accept', {}],
  ['fetch() that asks for HTML', { accept: 'text/html', 'sec-fetch-mode': 'cors' }],
  ['a picture', { accept: 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8' }],
  ['a program that prefers JSON', { accept: 'application/json, text/html;q=0.5' }],
  ['a program that wants no HTML', { accept: 'text/html;q=0, */*' }],
  ['a media type that only begins alike', { accept: 'text/html5' }],
  ['HTML far behind', { accept: `${'a/b,'.repeat(40)}text/html` }],
])('%s is none', async (_what, headers) => expect(await kind(headers)).toBe(false))

test('a form is one, other requests that change something are none', async () => {
  expect(await kind(FORM, 'POST')).toBe(true)
  expect(await kind({ accept: CHROMIUM }, 'POST')).toBe(false)
  expect(await kind(FORM, 'DELETE')).toBe(false)
})
