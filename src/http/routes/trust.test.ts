import { expect, test } from 'vitest'
import { accessWith, PASSWORD } from '../../../test/support/access.js'
import { appWith } from '../../../test/support/app.js'

const access = accessWith({ password: PASSWORD })

test('a device without credentials gets the authority, and the page that explains it', async () => {
  const authority = async () => await Promise.resolve({ pem: 'PEM', fingerprint: 'AA:BB:CC' })
  const app = appWith({ access, authority })
  const page = await app.request('/certificate')
  expect(page.status).toBe(200)
  const text = await page.text()
  expect(text).toContain('AA:BB:CC')
  const link = /href="([^"]+)"/.exec(text)![1]!
  const file = await app.request(new URL(link, 'http://localhost/certificate').pathname)
  expect(file.headers.get('content-type')).toBe('application/x-x509-ca-cert')
  expect(await file.text()).toBe('PEM')
})

test('a phone can scan the address of the page, unless it would lead to the phone itself', async () => {
  const authority = async () => await Promise.resolve({ pem: 'PEM', fingerprint: 'AA:BB:CC' })
  const app = appWith({ access, authority })
  const at = async (address: string): Promise<string> => await (await app.request(address)).text()
  expect(await at('https://192.168.1.20:8080/certificate')).toContain('<svg role="img"')
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect(await at(`https://${host}:8080/certificate`)).not.toContain('<svg')
})

test('without an authority the page names the command, and there is no file', async () => {
  const app = appWith({ access })
  expect(await (await app.request('/certificate')).text()).toContain('rpi-webrtc certificate --write')
  expect((await app.request('/certificate/rpi-webrtc-ca.crt')).status).toBe(404)
})
