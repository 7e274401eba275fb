import { Hono, type Context } from 'hono'
import { expect, test } from 'vitest'
import { declare, needs, permissionOf } from './permission.js'

const respond = async (c: Context): Promise<Response> => await Promise.resolve(c.text(permissionOf(c)))

const app = new Hono()
app.use('*', respond)
app.get('/open', needs('public'), (c) => c.text(''))
app.get('/list', needs('watch'), (c) => c.text(''))
app.get('/forgotten', (c) => c.text(''))
const group = new Hono()
group.get('/group', (c) => c.text(''))
group.delete('/group', needs('administer'), (c) => c.text(''))
app.route('/', declare('watch', group))

test.each([
  ['GET', '/open', 'public'],
  ['HEAD', '/open?x', 'public'],
  ['POST', '/open', 'administer'],
  ['GET', '/open/', 'watch'],
  ['GET', '/x/../open', 'public'],
  ['GET', '/x/%2e%2e/open', 'public'],
  ['GET', '//open', 'watch'],
  ['GET', '/OPEN', 'watch'],
  ['GET', '/list', 'watch'],
  ['GET', '/group', 'watch'],
  ['DELETE', '/group', 'administer'],
  ['GET', '/forgotten', 'administer'],
  ['GET', '/nothing', 'watch'],
  ['OPTIONS', '/nothing', 'watch'],
  ['PUT', '/nothing', 'administer'],
])('%s %s needs %s', async (method, path, permission) => {
  const response = await app.request(path, { method })
  if (method !== 'HEAD') expect(await response.text()).toBe(permission)
})

test('a route under which two declarations match needs the stricter one', async () => {
  const both = new Hono()
  both.use('*', respond)
  both.get('/a/:b', needs('administer'), (c) => c.text(''))
  both.get('/:a/b', needs('public'), (c) => c.text(''))
  expect(await (await both.request('/a/b')).text()).toBe('administer')
})
