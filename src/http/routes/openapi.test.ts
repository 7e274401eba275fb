import { expect, test } from 'vitest'
import { appWith } from '../../../test/support/app.js'

interface Document {
  info: { version: string }
  servers: { url: string }[]
  paths: Record<string, unknown>
}

test('the document has the version of the program, and a server that works below the path of a proxy', async () => {
  const response = await appWith({ version: '9.8.7' }).request('/api/openapi.json')
  const { info, servers, paths } = (await response.json()) as Document
  expect(response.headers.get('content-type')).toContain('application/json')
  expect(info.version).toBe('9.8.7')
  const base = new URL(servers[0]!.url, 'https://pi/cams/api/openapi.json').href.replace(/\/$/, '')
  expect(`${base}/api/config`).toBe('https://pi/cams/api/config')
  expect(paths).toHaveProperty(['/api/openapi.json'])
})

test('the page has every route with the line that requests it, and loads and runs nothing', async () => {
  const response = await appWith({}).request('http://pi:8080/api/')
  const page = await response.text()
  const { paths } = (await (await appWith({}).request('/api/openapi.json')).json()) as Document
  for (const path of Object.keys(paths)) expect(page).toContain(` ${path}</code></h3>`)
  expect(page).toContain('curl -u USER:PASSWORD &#39;http://pi:8080/api/cameras/camera1&#39;')
  expect(page).toContain('curl &#39;http://pi:8080/health&#39;')
  expect(page).toContain('-X PATCH -H &#39;Content-Type: application/json&#39; --data-binary @FILE')
  expect(page).not.toMatch(/<script|<img|<link| src=/)
  expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
})

test('the page is in the language of the browser, but for what the document says in English', async () => {
  const app = appWith({})
  const german = await app.request('/api/', { headers: { 'accept-language': 'de' } })
  const text = await german.text()
  expect(german.headers.get('vary')?.toLowerCase()).toContain('accept-language')
  expect(text).toContain('<html lang="de" dir="ltr">')
  expect(text).toContain('<h1>HTTP-API</h1>')
  expect(text).toContain('<h2>Kameras und ihre Einstellungen</h2>')
  expect(text).toContain('<p>Recht: ansehen</p>')
  expect(text).toContain('<a href="openapi.json">openapi.json</a>')
  expect(text).toContain('<span lang="en" dir="ltr">All cameras</span>')
  const arabic = await (await app.request('/api/?lang=ar')).text()
  expect(arabic).toContain('<html lang="ar" dir="rtl">')
  expect(arabic).toContain('<pre dir="ltr">')
  expect(arabic).not.toMatch(/\{(?:version|file|login|header|permission)\}|server\.api/)
})

test('an installation without the file says so', async () => {
  const app = appWith({ openApi: undefined })
  for (const path of ['/api/openapi.json', '/api/']) expect((await app.request(path)).status).toBe(404)
})
