import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemdNotify } from './sd-notify.js'

const READ_TWO = `
import json, socket, sys
inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
inbox.bind("\\0" + sys.argv[1])
print("bound", flush=True)
while True: print(json.dumps(inbox.recv(4096).decode()), flush=True)
`

/** Messages to an abstract socket, without the barriers of systemd-notify. */
async function inboxOf(name: string): Promise<string[]> {
  const python = spawn('python3', ['-c', READ_TWO, name], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void python.kill())
  const messages: string[] = []
  const lines = createInterface(python.stdout)
  await once(lines, 'line')
  lines.on('line', (line) => {
    const message = JSON.parse(line) as string
    if (message !== 'BARRIER=1') messages.push(message)
  })
  return messages
}

test('a message is one datagram, whatever its variables contain', async () => {
  const name = `rpi-webrtc-test-${process.pid}`
  const messages = await inboxOf(name)
  const failed = vi.fn()
  const send = systemdNotify(`@${name}`, process.env['PATH'], failed)
  await send(['READY=1', 'STATUS=a "b" $(c) * \\d;\te\nf'])
  await send(['WATCHDOG=1'])
  await vi.waitFor(() =>
    expect(messages.map((message) => message.split('\n'))).toEqual([
      ['READY=1', 'STATUS=a "b" $(c) * \\d; e f'],
      ['WATCHDOG=1'],
    ]),
  )
  expect(failed).not.toHaveBeenCalled()
})

test('a message that cannot be sent is reported, and later ones are still sent', async () => {
  const failed = vi.fn()
  const send = systemdNotify('/nowhere/notify', process.env['PATH'], failed)
  await send(['READY=1'])
  await send(['READY=1'])
  expect(failed.mock.calls).toEqual([['1'], ['1']])
})

test('a missing systemd-notify or shell is reported', async () => {
  const failed = vi.fn()
  await systemdNotify('@x', '/nowhere', failed)(['READY=1'])
  expect(failed).toHaveBeenCalledExactlyOnceWith(
    expect.stringMatching(/systemd-notify is not installed|ENOENT/),
  )
})
