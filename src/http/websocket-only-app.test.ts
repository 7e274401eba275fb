import { expect, test } from 'vitest'
import { accessWith, basic, PASSWORD, type AccessOptions } from '../../test/support/access.js'
import { websocketOnlyApp } from './websocket-only-app.js'
import { readLanguages } from './routes/page-words.js'

const open = async (headers: Record<string, string> = {}, options: AccessOptions = { password: PASSWORD }) =>
  await websocketOnlyApp('camera1', accessWith(options), () => 8080, readLanguages('static')).request(
    '/any',
    {
      headers: { host: 'pi:5557', accept: 'text/html,*/*;q=0.8', ...headers },
    },
  )

test('a stranger who opens the port of a camera is led to the page, without a dialog', async () => {
  const response = await open()
  const html = await response.text()
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([
    401,
    'Cookie realm="rpi-webrtc"',
  ])
  expect(html).toContain('<a href="//pi:8080/">Open the page</a>')
  expect(html).not.toContain('camera1')
})

test('a person who may watch reads what the port is for', async () => {
  const response = await open({ authorization: basic() })
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  expect(await response.text()).toContain('this port accepts WebSocket connections for camera1 only')
  expect(await (await open({ host: '[fd00::1]:5557' }, {})).text()).toContain('href="//[fd00::1]:8080/"')
})

test('an invented host is not linked', async () => {
  const html = await (await open({ host: '"><script>:1' })).text()
  expect(html).not.toContain('href')
  expect(html).not.toContain('<script>')
})

test('a program gets the challenge and JSON', async () => {
  const response = await open({ accept: '*/*' })
  expect(response.headers.get('www-authenticate')).toBe('Basic realm="rpi-webrtc", charset="UTF-8"')
  expect(await response.json()).toMatchObject({ error: 'unauthorized' })
})
