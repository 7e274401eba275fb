import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { parseConfig } from '../../src/config/parse.js'
import { startProgram, until } from '../support/program.js'
import { unitLimits } from '../support/unit.js'
import { ViewerClient } from '../support/viewer-client.js'

/** The Debian package, built from dist and unpacked. Maintainer scripts run in a Debian 13 only (docs/operations.md). */
const repository = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = 'usr/lib/rpi-webrtc'

let folder: string
let archive: string
let root: string
const readText = (path: string): string => readFileSync(join(root, path), 'utf8')
const field = (name: string): string =>
  execFileSync('dpkg-deb', ['--field', archive, name], { encoding: 'utf8' }).trim()

function build(): string {
  const args = ['packaging/build.sh', '--output', folder, '--version', '9.8.7', '--fast']
  execFileSync('sh', args, { cwd: repository, stdio: ['ignore', 'ignore', 'inherit'] })
  return join(folder, 'rpi-webrtc_9.8.7_all.deb')
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rpi-webrtc-package-'))
  archive = build()
  root = join(folder, 'root')
  execFileSync('dpkg-deb', ['--raw-extract', archive, root])
})
afterAll(() => rmSync(folder, { recursive: true }))

test('it is for every architecture and needs the Node.js of Debian 13', () => {
  expect([field('Version'), field('Architecture')]).toEqual(['9.8.7', 'all'])
  expect(field('Depends').split(', ')).toEqual(
    expect.arrayContaining(['nodejs (>= 20.19)', 'gstreamer1.0-tools', 'adduser']),
  )
  expect(field('Recommends')).toContain('gstreamer1.0-libcamera')
  const { engines } = JSON.parse(readText(`${PROGRAM}/package.json`)) as { engines: { node: string } }
  expect(engines.node).toBe('>=20.19.0')
})

test('it has no machine code, types, source maps or compilers', () => {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  expect(files.filter((name) => /\.(?:node|so|wasm|[cm]?ts|map|test\.js)$/.test(name))).toEqual([])
  expect(files.filter((name) => /node_modules\/(?:typescript|vitest|koffi)$/.test(name))).toEqual([])
  expect(files).toEqual(
    expect.arrayContaining([
      'usr/share/doc/rpi-webrtc/copyright',
      'usr/share/doc/rpi-webrtc/changelog.gz',
      'usr/share/man/man1/rpi-webrtc.1.gz',
    ]),
  )
})

test('the configuration belongs to the administrator, and strangers cannot read it', () => {
  expect(readText('DEBIAN/conffiles')).toBe(
    '/etc/avahi/services/rpi-webrtc.service\n/etc/rpi-webrtc/config.toml\n',
  )
  expect(statSync(join(root, 'etc/rpi-webrtc/config.toml')).mode & 0o777).toBe(0o640)
  const listing = execFileSync('dpkg-deb', ['--contents', archive], { encoding: 'utf8' })
  const writable = listing.split('\n').filter((line) => /^.(?:....w|.......w)/.test(line))
  expect(writable).toEqual([])
  expect(listing.split('\n').filter((line) => line !== '' && !line.includes(' root/root '))).toEqual([])
})

test('Avahi announces the page at the port that the configuration has', () => {
  const announced = readText('etc/avahi/services/rpi-webrtc.service')
  const path = 'etc/rpi-webrtc/config.toml'
  const { server } = parseConfig(`${readText(path)}\n[camera1]\ndevice = "test:smpte"`, path)
  expect(server.tls).toBeUndefined()
  expect(announced).toContain(`<type>_http._tcp</type>\n    <port>${server.webPort}</port>`)
})

test('service, command, npm start and the installed command limit the heap alike', () => {
  const { nodeFlags } = unitLimits(readText('usr/lib/systemd/system/rpi-webrtc.service'))
  const flags = nodeFlags.join(' ')
  const main = `${PROGRAM}/dist/main.js`
  expect(readText('usr/lib/systemd/system/rpi-webrtc.service')).toContain(
    `ExecStart=/usr/bin/node ${flags} /${main} `,
  )
  expect(readText('usr/bin/rpi-webrtc')).toBe(`#!/bin/sh\nexec /usr/bin/node ${flags} /${main} "$@"\n`)
  const { scripts } = JSON.parse(readText(`${PROGRAM}/package.json`)) as { scripts: { start: string } }
  expect(scripts.start).toBe(`node ${flags} dist/main.js`)
  const [firstLine] = readFileSync(join(repository, 'dist/main.js'), 'utf8').split('\n')
  expect(firstLine).toBe(`#!/usr/bin/env -S node ${flags}`)
})

test('the same commit makes the same package, byte for byte', () => {
  const first = readFileSync(archive)
  expect(readFileSync(build()).equals(first)).toBe(true)
})

test('the unpacked program serves its page and a viewer with nothing but its own packages', async () => {
  const program = await startProgram({
    tables:
      '[camera1]\ndevice = "test:smpte"\nwidth = 320\nheight = 240\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n',
    main: join(root, PROGRAM, 'dist/main.js'),
  })
  onTestFinished(async () => await program[Symbol.asyncDispose]())
  await until(async () => (await program.health()).status === 'ok', 20_000)
  expect(await (await fetch(program.url)).text()).toContain('<html')
  const client = await ViewerClient.open()
  onTestFinished(async () => await client[Symbol.asyncDispose]())
  const response = await fetch(`${program.url}/camera1/whep`, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: client.offer('vp8'),
  })
  expect(response.status).toBe(201)
})
