import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { basic, PASSWORD, TOKEN, USERNAME } from '../../support/access.js'
import { openWebSocket } from '../../support/listener.js'
import { startProgram, until } from '../../support/program.js'
import { ViewerClient } from '../../support/viewer-client.js'

const camera = '[camera1]\ndevice = "test:ball"\nwebrtc-port = $PORT1\n[webrtc]\nudp-port = $UDP\n'
const credentials = `username = "${USERNAME}"\npassword = "${PASSWORD}"\ntoken = "${TOKEN}"\n`

test.each([
  ['a new password', (toml: string) => toml.replace(PASSWORD, 'another password'), 401],
  ['no credentials at all', (toml: string) => toml.replace(credentials, ''), 200],
])(
  '%s ends what was opened with the old one: WebSocket, WHEP session, MJPEG',
  async (_what, edit, status) => {
    await using program = await startProgram({ tables: credentials + camera })
    await until(async () => (await program.health()).status === 'ok', 20_000)
    const headers = { authorization: basic() }
    const { socket } = await openWebSocket(`ws://127.0.0.1:${program.webPort}/camera1/ws`, { headers })
    const closed = once(socket, 'close') as Promise<[number, Buffer]>
    const mjpeg = (await fetch(`${program.url}/camera1/stream.mjpg`, { headers })).body!.getReader()
    const client = await ViewerClient.open()
    onTestFinished(async () => await client[Symbol.asyncDispose]())
    const whep = await fetch(`${program.url}/camera1/whep`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/sdp' },
      body: client.offer('vp8'),
    })
    await client.connect(await whep.text())
    await until(() => client.received.length > 20, 10_000)

    const toml = await readFile(program.configPath, 'utf8')
    await writeFile(program.configPath, edit(toml))
    const [code, reason] = await closed
    expect([code, reason.toString()]).toEqual([1008, 'credentials-changed'])
    await until(() => program.output().includes('credentials-changed'), 5000)
    await expect(readToEnd(mjpeg)).rejects.toThrow()
    const packets = client.received.length
    expect((await fetch(program.url, { headers })).status).toBe(status)
    expect(client.received.length).toBe(packets)
  },
)

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}
