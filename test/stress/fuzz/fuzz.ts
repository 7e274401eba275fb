import { createRandom } from './random.js'
import type { EntryPoint } from './entry-point.js'
import { ingest, pictures, toml } from './inside.js'
import { dtls, feedback, stun } from './media.js'
import { openMeter } from './meter.js'
import { mse } from './mse.js'
import { offers } from './offers.js'
import { rtsp, rtspLogin } from './rtsp.js'
import { signIn } from './sign-in.js'
import { owner } from './owner.js'
import { push } from './push.js'
import { stunResponses } from './stun-responses.js'
import { conditionOf, examine, requireAlive, type Target } from './target.js'
import { tcp } from './tcp.js'
import { turn } from './turn.js'
import { unfinished } from './unfinished.js'
import { upgrade } from './upgrade.js'
import { http, websocket } from './web.js'
import { media, publications } from './whip.js'

export const ENTRY_POINTS: readonly EntryPoint[] = [
  offers,
  websocket,
  mse,
  http,
  owner,
  push,
  turn,
  upgrade,
  signIn,
  rtsp,
  rtspLogin,
  unfinished,
  stun,
  stunResponses,
  tcp,
  dtls,
  feedback,
  publications,
  media,
  ingest,
  pictures,
  toml,
]

export interface Result {
  entryPoint: string
  inputs: number
  seconds: number
  /** Inputs by entry point. */
  entries: Record<string, number>
  /** Of one input: milliseconds of the event loop. */
  slowestMs: number
  /** Heap and buffers that stayed when all was over, for each byte that was sent. */
  heldPerByte: number
  bytesSent: number
  residentMb: [before: number, after: number]
  /** Places still taken when the limit was over; -1 where there was nobody to ask. */
  slots: number
  /** Viewers who were ended because werift threw outside of every call. */
  contained: number
  findings: string[]
}

/** What may stay of an attack: compiled code and pools, which have an end, and very little of what was sent. */
const MOST_KEPT_BYTES = 6 * 1024 * 1024
const MOST_KEPT_PER_BYTE = 0.05

/** Attacks one entry point, and looks afterwards whether anything is wrong with the program. */
export async function attack(
  target: Target,
  entryPoint: EntryPoint,
  seed: number,
  inputs: number,
): Promise<Result> {
  const before = await conditionOf(target)
  const attacked = entryPoint.locked === true ? await target.locked() : target.program
  const heldBefore = await target.heldBytes(attacked)
  const meter = (target.meter = await openMeter(attacked.pid, target.find))
  let halfway = before
  const startedMs = performance.now()
  target.findings.length = 0
  try {
    const random = createRandom(seed)
    await entryPoint.attack(target, random, Math.ceil(inputs / 2))
    halfway = await conditionOf(target)
    await entryPoint.attack(target, random, Math.floor(inputs / 2))
    await meter.findSlowest()
  } catch (error) {
    target.find(`the attack broke off: ${error instanceof Error ? (error.stack ?? '') : String(error)}`)
  }
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10
  const after = await examine(target, before, halfway)
  const { bytesSent, ...cost } = meter.metered()
  if (attacked !== target.program) await requireAlive(attacked, target.find, target.findings.length > 0)
  const keptBytes = Math.max(0, (await target.heldBytes(attacked).catch(() => heldBefore)) - heldBefore)
  if (keptBytes > MOST_KEPT_BYTES + MOST_KEPT_PER_BYTE * bytesSent)
    target.find(`${bytesSent} bytes were sent, and ${keptBytes} are still held when all of it is over`)
  const said = target.program.output().slice(before.logLength)
  return {
    entryPoint: entryPoint.name,
    inputs,
    seconds,
    ...cost,
    bytesSent,
    heldPerByte: bytesSent === 0 ? 0 : keptBytes / bytesSent,
    residentMb: [before.residentMb, after.residentMb],
    slots: after.slots,
    contained: said.match(/which ends one viewer/g)?.length ?? 0,
    findings: [...target.findings],
  }
}
