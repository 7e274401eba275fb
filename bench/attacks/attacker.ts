import { setMaxListeners } from 'node:events'
import { answerLines } from '../load/child.js'
import { ATTACKS } from './all.js'
import type { Field, Tally } from './attack.js'

/**
 * attacker.ts NAME WEB_PORT SECONDS: a separate process, so that the attack does not slow down the measurement. The first line on
 * stdin starts it; every line is answered with the tally so far.
 */
const [name, webPort, seconds] = process.argv.slice(2) as [string, string, string]
const attack = ATTACKS.find((each) => each.name === name)!
const ended = new AbortController()
setMaxListeners(0, ended.signal) // one per connection
const tally: Tally = { bytesSent: 0, connections: 0, outcomes: {} }
const field: Field = { webPort: Number(webPort), from: '127.0.0.2', signal: ended.signal, tally }
let running: Promise<void> | undefined

function begin(): Promise<void> {
  setTimeout(() => ended.abort(), 1000 * Number(seconds))
  return attack.run(field).catch((error: unknown) => {
    tally.outcomes[`failed: ${String(error)}`] = 1
  })
}

await answerLines((): Tally => {
  running ??= begin()
  return tally
})
