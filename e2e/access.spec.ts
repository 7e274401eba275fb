import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, test, type Page } from '@playwright/test'
import { makeCertificate } from '../test/support/certificate.js'
import { startProgram, type Program } from '../test/support/program.js'
import { signIn } from './helpers/sign-in.js'
import { expectPicture } from './helpers/tile.js'

const login = { username: 'anna', password: 'correct horse' }
const token = '0123456789abcdef'
const credentials = `username = "${login.username}"\npassword = "${login.password}"\ntoken = "${token}"\n`
const camera = '[camera1]\ndevice = "test:smpte"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'

/** Whether a page can open this WebSocket. */
const opens = async (page: Page, url: string): Promise<boolean> =>
  await page.evaluate(
    async (address) =>
      await new Promise<boolean>((resolve) => {
        const socket = new WebSocket(address)
        socket.addEventListener('open', () => {
          resolve(true)
          socket.close()
        })
        socket.addEventListener('error', () => resolve(false))
      }),
    url,
  )

const socketsOf = (program: Program, scheme: 'ws' | 'wss'): string[] => [
  `${scheme}://127.0.0.1:${program.webPort}/camera1/ws`,
  `${scheme}://127.0.0.1:${program.webrtcPorts[0]!}/`,
]

test('a logged-in user watches over https on every port', async ({ browser }) => {
  await using files = await makeCertificate('localhost')
  const tls = `tls-cert = "${files.certPath}"\ntls-key = "${files.keyPath}"\n`
  await using program = await startProgram({ tables: credentials + tls + camera })
  expect(program.output()).toContain('watch at https://127.0.0.1:')
  const url = `https://127.0.0.1:${program.webPort}/`

  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  expect((await page.goto(url))?.status()).toBe(401)
  await signIn(page, login)
  await expectPicture(page, 'camera1')
  const cookies = await context.cookies()
  expect(cookies).toMatchObject([{ httpOnly: true, secure: true, sameSite: 'Strict', expires: -1 }])
  for (const socket of socketsOf(program, 'wss'))
    expect([socket, await opens(page, socket)]).toEqual([socket, true])
  await context.clearCookies()
  expect(await opens(page, socketsOf(program, 'wss')[1]!)).toBe(false)
  await context.close()
})

test('a link with the token works, and pages of other sites cannot use its cookie', async ({ browser }) => {
  await using program = await startProgram({ tables: credentials + camera })
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${program.url}/camera1/?token=${token}`)
  await expectPicture(page, 'camera1')
  for (const socket of socketsOf(program, 'ws'))
    expect([socket, await opens(page, socket)]).toEqual([socket, true])

  const otherSite = createServer((_request, response) => response.end('<!doctype html><title>other</title>'))
  otherSite.listen(0, '127.0.0.1')
  await once(otherSite, 'listening')
  try {
    const other = await context.newPage()
    const { port } = otherSite.address() as AddressInfo
    for (const host of ['127.0.0.1', 'localhost']) {
      await other.goto(`http://${host}:${port}/`)
      for (const socket of socketsOf(program, 'ws'))
        expect([host, socket, await opens(other, socket)]).toEqual([host, socket, false])
    }
  } finally {
    otherSite.close()
    otherSite.closeAllConnections()
  }
  await context.close()
})
