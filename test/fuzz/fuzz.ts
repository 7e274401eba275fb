import { createChance } from './chance.js'
import type { Door } from './door.js'
import { ingest, pictures, toml } from './inside.js'
import { data, dtls, feedback, stun } from './media.js'
import { offers } from './offers.js'
import { conditionOf, examine, type Target } from './target.js'
import { http, websocket } from './web.js'

export const DOORS: readonly Door[] = [
  offers,
  websocket,
  http,
  stun,
  dtls,
  feedback,
  data,
  ingest,
  pictures,
  toml,
]

export interface Result {
  door: string
  inputs: number
  seconds: number
  residentMb: [before: number, after: number]
  /** Places still taken when the limit was over; -1 where there was nobody to ask. */
  slots: number
  /** Viewers who were ended because werift threw outside of every call. */
  contained: number
  findings: string[]
}

/** Attacks one door, and looks afterwards whether anything is wrong with the program. */
export async function attack(target: Target, door: Door, seed: number, inputs: number): Promise<Result> {
  const before = await conditionOf(target)
  let halfway = before
  const startedMs = performance.now()
  target.findings.length = 0
  try {
    const chance = createChance(seed)
    await door.attack(target, chance, Math.ceil(inputs / 2))
    halfway = await conditionOf(target)
    await door.attack(target, chance, Math.floor(inputs / 2))
  } catch (error) {
    target.find(`the attack broke off: ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
  }
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  const after = await examine(target, before, halfway)
  const said = target.program.output().slice(before.logLength)
  return {
    door: door.name,
    inputs,
    seconds,
    residentMb: [before.residentMb, after.residentMb],
    slots: after.slots,
    contained: said.match(/which ends one viewer/g)?.length ?? 0,
    findings: [...target.findings],
  }
}
