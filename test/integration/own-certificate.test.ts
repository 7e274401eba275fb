import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from '@playwright/test'
import { expect, onTestFinished, test } from 'vitest'
import { chromiumOptions } from '../support/chromium.js'
import { runProgram, startProgram } from '../support/program.js'

const run = promisify(execFile)
const CAMERA = '[camera1]\ndevice = "test:ball"\nwidth = 320\nheight = 240\nfps = 15\nwebrtc-port = $PORT1\n'

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpi-webrtc-https-'))
  onTestFinished(async () => await rm(folder, { recursive: true, force: true }))
  return folder
}

/** What a client gets that trusts only these authorities. */
const get = async (url: string, ca: string | undefined): Promise<{ status: number; body: string }> =>
  await new Promise((resolve, reject) => {
    const asked = request(url, { ca: ca ?? [], agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asked.on('error', reject).end()
  })

test('the program serves the certificate that the command made, to clients that trust its authority', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'config.toml'), CAMERA.replace('$PORT1', '5557'))
  const made = await runProgram(['certificate', '--config', join(folder, 'config.toml')])
  expect(made).toMatchObject({ code: 0, stderr: '' })
  const [cert, key, authority] = ['tls-cert.pem', 'tls-key.pem', 'tls-ca.pem'].map((name) =>
    join(folder, name),
  )
  const tls = `tls-cert = "${cert}"\ntls-key = "${key}"\n`
  await using program = await startProgram({ tables: `${tls}[webrtc]\nudp-port = $UDP\n${CAMERA}` })
  const origin = `https://localhost:${program.webPort}`
  const ca = await readFile(authority!, 'utf8')

  expect((await get(`${origin}/api/`, ca)).body).toContain(`${origin}/api/cameras`)
  expect((await get(`https://127.0.0.1:${program.webPort}/api/openapi.json`, ca)).status).toBe(200)
  await expect(get(`${origin}/`, undefined)).rejects.toThrow(/unable to (verify|get)|self-signed/)
  const served = await get(`${origin}/certificate/rpi-webrtc-ca.crt`, ca)
  expect(served.body.trim()).toBe(ca.trim())
  const fingerprint = /SHA-256 ([0-9A-F:]+)/.exec(made.stdout)![1]!
  expect((await get(`${origin}/certificate`, ca)).body).toContain(fingerprint)

  const plain = await fetch(`http://localhost:${program.webPort}/camera1/`, { redirect: 'manual' })
  expect([plain.status, plain.headers.get('location')]).toEqual([308, `${origin}/camera1/`])

  const home = await temporaryFolder()
  const database = join(home, '.pki/nssdb')
  await run('mkdir', ['-p', database])
  await run('certutil', ['-d', `sql:${database}`, '-N', '--empty-password'])
  const context = async (): Promise<string> => {
    const browser = await chromium.launch({ ...chromiumOptions, env: { ...process.env, HOME: home } })
    try {
      const page = await browser.newPage()
      await page.goto(`http://localhost:${program.webPort}/camera1/`)
      return `${page.url()} ${String(await page.evaluate('isSecureContext'))}`
    } catch (error) {
      return String(error)
    } finally {
      await browser.close()
    }
  }
  expect(await context()).toContain('ERR_CERT_AUTHORITY_INVALID')
  await run('certutil', ['-d', `sql:${database}`, '-A', '-t', 'C,,', '-n', 'rpi-webrtc', '-i', authority!])
  expect(await context()).toBe(`${origin}/camera1/ true`)
})
