import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { expect, test } from 'vitest'
import { pathOf } from './path-of.js'

test.each([
  'http://pi/',
  'http://pi:8080/camera1/whep/abc-_?token=/x',
  'https://[::1]:8080/camera1/#?/',
  'http://pi/%63amera1/%77hep',
  'http://pi/a%2Fb%3Fc%25d%2525',
  'http://pi/%c3%a4/%E2%82%AC?%ff',
  'http://pi//x/../y//',
])('the path of %s is what Hono finds', (url) => {
  const request = new Request(url)
  expect(pathOf(request)).toBe(getPath(request))
})

test.each(['a%ff', '%', '%zz', 'a%c3%28b', '%25%ff'])('of %j nothing is decoded', async (text) => {
  const app = new Hono({ getPath: pathOf })
  app.get('/files/:name', (c) => c.text(c.req.param('name')))
  expect(await (await app.request(`/files/${text}`)).text()).toBe(text)
})
