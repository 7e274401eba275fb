import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { appWith } from '../../../test/support/app.js'

const app = appWith({})
const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  await app.request(`http://pi:8080${path}`, { headers })

test.each(['/assets/app.js', '/assets/words/de.json', '/player/tile-view.js', '/player/words/de.json'])(
  '%s is compressed for a client that accepts it, and the same otherwise',
  async (path) => {
    const plain = await get(path)
    const small = await get(path, { 'accept-encoding': 'gzip, deflate, br' })
    expect(small.headers.get('content-encoding')).toBe('gzip')
    const bytes = Buffer.from(await small.arrayBuffer())
    expect(gunzipSync(bytes).toString()).toBe(await plain.text())
    expect(plain.headers.get('content-encoding')).toBeNull()
    for (const { headers } of [plain, small]) expect(headers.get('vary')).toContain('accept-encoding')
    expect(small.headers.get('etag')).not.toBe(plain.headers.get('etag'))
    const again = await get(path, {
      'accept-encoding': 'gzip',
      'if-none-match': small.headers.get('etag')!,
    })
    expect(again.status).toBe(304)
  },
)

test.each([
  ['gzip', 'gzip'],
  ['br, gzip;q=0.5', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip;q=0', null],
  ['gzip ; q=0.0, br', null],
  ['br', null],
  ['x-gzipped', null],
  ['', null],
])('with "%s" the encoding is %s', async (header, encoding) =>
  expect((await get('/assets/app.js', { 'accept-encoding': header })).headers.get('content-encoding')).toBe(
    encoding,
  ),
)

test('the page itself is not, because it may have credentials of TURN servers', async () =>
  expect((await get('/', { 'accept-encoding': 'gzip' })).headers.get('content-encoding')).toBeNull())
