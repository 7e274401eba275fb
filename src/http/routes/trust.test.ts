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

test('the page is in the language of the browser, and has the steps of each device', async () => {
  const authority = async () => await Promise.resolve({ pem: 'PEM', fingerprint: 'AA:BB:CC' })
  const app = appWith({ access, authority })
  const headers = { 'accept-language': 'de-AT,de;q=0.9' }
  const page = await app.request('https://192.168.1.20:8080/certificate', { headers })
  expect(page.headers.get('vary')?.toLowerCase()).toContain('accept-language')
  const text = await page.text()
  expect(text).toContain('<html lang="de" dir="ltr">')
  expect(text).toContain('<h1>Diesem Server vertrauen</h1>')
  expect(text).toContain('den <code dir="ltr">rpi-webrtc certificate</code> auf dem Server ausgibt')
  expect(text).toContain('aria-label="QR-Code mit der Adresse dieser Seite"')
  expect(text.match(/<li>[^<]+<\/li>/g)).toHaveLength(12)
  expect(text).not.toContain('server.trust')
  const arabic = await (await app.request('/certificate?lang=ar')).text()
  expect(arabic).toContain('<html lang="ar" dir="rtl">')
  expect(arabic).toContain('<pre dir="ltr"><code dir="ltr">AA:BB:CC</code></pre>')
})

test('without an authority the page names the command, and there is no file', async () => {
  const app = appWith({ access })
  expect(await (await app.request('/certificate')).text()).toContain('rpi-webrtc certificate --write')
  expect((await app.request('/certificate/rpi-webrtc-ca.crt')).status).toBe(404)
})
