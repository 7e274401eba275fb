import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { waitingBytesByPort } from './proc-net-udp.js'

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 4130: 0100007F:C1C3 00000000:0000 07 00000000:00000500 00:00000000 00000000     0        0 4242 2 0000000000000000 0
14131: 0100007F:C1C4 00000000:0000 07 00000900:00000000 00:00000000 00000000     0        0 4243 2 0000000000000000 7
 4132: 00000000:1FFD 00000000:0000 07 00000000:00000300 00:00000000 00000000     0        0 4244 2 0000000000000000 0
`

test('only the queues of the loopback address are read', () =>
  expect([...waitingBytesByPort(table)]).toEqual([
    [0xc1c3, 0x500],
    [0xc1c4, 0],
  ]))

test('an empty table has no ports', () => expect(waitingBytesByPort('')).toEqual(new Map()))

test.skipIf(!existsSync('/proc/net/udp'))('the kernel of this machine uses this format', async () => {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
  await once(socket.bind(0, '127.0.0.1'), 'listening')
  const { port } = socket.address()
  const waiting = () => waitingBytesByPort(readFileSync('/proc/net/udp', 'utf8')).get(port)
  expect(waiting()).toBe(0)
  // Another process sends while spawnSync blocks this one, so the datagram stays queued.
  const send = `require('node:dgram').createSocket('udp4').send(Buffer.alloc(900), ${port}, '127.0.0.1', () => process.exit())`
  spawnSync(process.execPath, ['-e', send])
  expect(waiting()).toBeGreaterThan(0)
})
