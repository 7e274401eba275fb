import { spawn } from 'node:child_process'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { basic, PASSWORD, quickHash, TOKEN, USERNAME } from '../../support/access.js'
import { makeCertificate } from '../../support/certificate.js'
import { openWebSocket, refusedWebSocket } from '../../support/listener.js'
import { runProgram, startProgram, until } from '../../support/program.js'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))
const camera = '[camera1]\ndevice = "test:ball"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'
const credentials = `username = "${USERNAME}"\npassword = "${quickHash(PASSWORD)}"\ntoken = "${TOKEN}"\n`

test("web-port and a camera's own port accept only clients with credentials", async () => {
  await using program = await startProgram({ tables: credentials + camera })
  const [page, own] = [
    `ws://127.0.0.1:${program.webPort}/camera1/ws`,
    `ws://127.0.0.1:${program.webrtcPorts[0]!}/any/path`,
  ]
  for (const url of [page, own]) {
    expect((await refusedWebSocket(url)).status).toBe(401)
    expect((await refusedWebSocket(`${url}?token=wrong`)).status).toBe(401)
    const headers = { authorization: basic() }
    expect((await refusedWebSocket(url, { headers, origin: 'http://evil.example' })).status).toBe(403)
    expect((await openWebSocket(`${url}?token=${TOKEN}`)).socket.readyState).toBe(1)
    const ownPage = { headers, origin: program.url }
    expect((await openWebSocket(url, ownPage)).socket.readyState).toBe(1)
    const http = url.replace('ws:', 'http:')
    expect((await fetch(http)).status).toBe(401)
  }
  for (const path of ['/', '/camera1/', '/api/config', '/assets/app.js', '/nothing'])
    expect([path, (await fetch(program.url + path)).status]).toEqual([path, 401])
  expect(await program.health()).toEqual({ status: expect.stringMatching(/ok|degraded/) as string })
  const headers = { authorization: `Bearer ${TOKEN}` }
  expect(await (await fetch(`${program.url}/health`, { headers })).json()).toHaveProperty('cameras')
  for (const secret of [TOKEN, PASSWORD]) expect(program.output()).not.toContain(secret)
  expect(program.output()).toContain('every user of this machine can read server.token')
})

test('the program serves https with a certificate, and prints the address', async () => {
  const files = await makeCertificate('localhost')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const tls = `tls-cert = "${files.certPath}"\ntls-key = "${files.keyPath}"\n`
  await using program = await startProgram({ tables: tls + camera })
  expect(program.output()).toContain(`watch at https://127.0.0.1:${program.webPort}`)
  for (const url of [
    `wss://127.0.0.1:${program.webPort}/camera1/ws`,
    `wss://127.0.0.1:${program.webrtcPorts[0]!}/`,
  ])
    expect((await openWebSocket(url, { rejectUnauthorized: false })).socket.readyState).toBe(1)
  await expect(fetch(`${program.url}/health`)).rejects.toThrow()
})

test("no path of a camera's own port opens a WebSocket without credentials, under TLS as without", async () => {
  const files = await makeCertificate('localhost')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const tls = `tls-cert = "${files.certPath}"\ntls-key = "${files.keyPath}"\n`
  await using program = await startProgram({ tables: tls + credentials + camera })
  const port = `wss://127.0.0.1:${program.webrtcPorts[0]!}`
  for (const path of ['/', '/health', '/health?x', '/x/../health'])
    expect([path, (await refusedWebSocket(port + path, { rejectUnauthorized: false })).status]).toEqual([
      path,
      401,
    ])
})

test('the log warns of files that other users can read or change, at start and at a reload', async () => {
  const files = await makeCertificate('localhost')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  await chmod(files.keyPath, 0o644)
  const tls = `tls-cert = "${files.certPath}"\ntls-key = "${files.keyPath}"\n`
  await using program = await startProgram({ tables: tls + camera })
  const toml = program.configPath
  expect(program.output()).toMatch(
    /WARN .*server\.tls-key: any user of this machine can read .*key\.pem \(mode 0644\)/,
  )
  expect(program.output()).not.toContain('can change')
  await chmod(toml, 0o646)
  process.kill(program.pid, 'SIGHUP')
  await until(() => program.output().includes('the configuration has not changed'), 10_000)
  expect(program.output()).toContain(`any user of this machine can change ${toml} (mode 0646)`)
  expect(program.output()).toContain(`sudo chmod o-w ${toml}`)
  expect(program.output().match(/server\.tls-key: any user/g)).toHaveLength(2)
})

test('the exit code is 78 for a certificate that cannot be used, and everything wrong with it is printed', async () => {
  const files = await makeCertificate('localhost')
  onTestFinished(async () => await files[Symbol.asyncDispose]())
  const path = join(files.folder, 'config.toml')
  const tls = `tls-cert = "${files.keyPath}"\ntls-key = "/nowhere/key.pem"\n`
  await writeFile(path, `[server]\nbind-ip = "127.0.0.1"\n${tls}[camera1]\ndevice = "test:ball"\n`)
  await chmod(path, 0o600)
  const { code, stderr } = await runProgram(['--config', path])
  expect(code).toBe(78)
  expect(stderr).toContain(`server.tls-cert: ${files.keyPath} holds a key and no certificate`)
  expect(stderr).toContain('server.tls-key: /nowhere/key.pem does not exist: check the path')
})

test('hash-password does not echo the password on a terminal', async () => {
  const command = `"${process.execPath}" "${main}" hash-password`
  const terminal = spawn('script', ['-qec', command, '/dev/null'])
  onTestFinished(() => void terminal.kill('SIGKILL'))
  let seen = ''
  terminal.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()))
  for (const question of ['Password: ', 'Repeat it: ']) {
    await until(() => seen.includes(question), 10_000)
    terminal.stdin.write('s3cret\r')
  }
  await until(() => /password = "scrypt\$16384\$8\$5\$[\w-]+\$[\w-]+"/.test(seen), 10_000)
  expect(seen).not.toContain('s3cret')
})
