import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { allCases } from '../cases/all.js'
import type { CaseResult, GuestEvent } from '../events.js'
import { Impossible, type Case } from './case.js'
import { openStage, type Stage } from './stage.js'
import { versions } from './versions.js'

/** How long the guest takes until it runs this file, on two idle cores. */
const IDLE_BOOT_S = 12

const bootS = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
const pace = Math.max(1, bootS / IDLE_BOOT_S)
report({ event: 'ready', bootS, versions: await versions() })
for (const each of allCases.filter(({ name }) => new RegExp(process.env['ONLY'] ?? '').test(name))) {
  const limitS = each.limitS * pace
  report({ event: 'begin', name: each.name, limitS })
  console.log(`\n=== ${each.name}`)
  report({ event: 'end', name: each.name, result: await play(each, limitS) })
}
report({ event: 'done' })
process.exit() // eslint-disable-line no-restricted-properties -- a case that ran into its limit may still wait

async function play(each: Case, limitS: number): Promise<CaseResult> {
  const begunMs = performance.now()
  const tookS = (): number => (performance.now() - begunMs) / 1000
  const stage: Stage = openStage(pace)
  const ended = new AbortController()
  const late: Promise<never> = sleep(limitS * 1000, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`not done after ${limitS.toFixed(0)} s`)
  })
  try {
    const seen = await Promise.race([each.play(stage), late])
    return { verdict: 'passed', seen, tookS: tookS() }
  } catch (error) {
    console.log(error)
    if (error instanceof Impossible) return { verdict: 'impossible', reason: error.message, tookS: tookS() }
    return { verdict: 'failed', problem: firstLines(error), tookS: tookS() }
  } finally {
    late.catch(() => {}) // aborted
    ended.abort()
    await Promise.resolve(stage[Symbol.asyncDispose]()).catch(console.log)
  }
}

function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').slice(0, 400)
}

function report(event: GuestEvent): void {
  appendFileSync('/dev/ttyS1', `${JSON.stringify(event)}\n`)
}
