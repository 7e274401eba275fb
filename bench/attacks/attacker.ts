import { setMaxListeners } from 'node:events'
import { answerLines } from '../load/child.js'
import { ATTACKS } from './all.js'
import type { Field, Tally } from './attack.js'

/**
 * attacker.ts NAME WEB_PORT SECONDS: a process of its own, so that the attack does not slow down whoever measures it. It begins
 * with the first line on stdin; every line is answered with what it did so far.
 */
const [name, webPort, seconds] = process.argv.slice(2) as [string, string, string]
const attack = ATTACKS.find((each) => each.name === name)!
const over = new AbortController()
setMaxListeners(0, over.signal) // one for each connection
const tally: Tally = { bytesSent: 0, connections: 0, outcomes: {} }
const field: Field = { webPort: Number(webPort), from: '127.0.0.2', over: over.signal, tally }
let running: Promise<void> | undefined

function begin(): Promise<void> {
  setTimeout(() => over.abort(), 1000 * Number(seconds))
  return attack.run(field).catch((error: unknown) => {
    tally.outcomes[`broke off: ${String(error)}`] = 1
  })
}

await answerLines((): Tally => {
  running ??= begin()
  return tally
})
