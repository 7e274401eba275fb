// Loaded into the program by NODE_OPTIONS: tells on a Unix socket, and to nobody else, what cannot be seen from outside.
import { unlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const path = process.env.SOAK_INSIDE
if (path !== undefined && process.argv[1]?.endsWith('main.js')) {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc')
  const server = createServer((socket) => {
    socket.on('error', () => {})
    collectGarbage()
    const { heapUsed, external } = process.memoryUsage()
    const resources = process.getActiveResourcesInfo()
    const timers = resources.filter((name) => name === 'Timeout').length
    // Not counted: this socket, and the connection that asks.
    socket.end(JSON.stringify({ heapUsed, external, timers, handles: resources.length - timers - 2 }))
  })
  server.listen(path)
  server.unref()
  process.on('exit', () => {
    try {
      unlinkSync(path)
    } catch {
      // It is gone with its folder.
    }
  })
}
