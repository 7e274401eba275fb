import { expect, test } from 'vitest'
import { attack, DOORS, type Result } from './fuzz.js'
import { openTarget } from './target.js'

const SEED = 20_261_126
/** For each door; `npm run fuzz` tries more of them, and other seeds. */
const INPUTS = 250

test(
  `${INPUTS} hostile inputs at each door end nothing, hold nothing and leave an honest viewer its picture`,
  { timeout: 240_000 },
  async () => {
    await using target = await openTarget()
    const results: Result[] = []
    for (const door of DOORS) results.push(await attack(target, door, SEED, INPUTS))
    expect(results.flatMap(({ door, findings }) => findings.map((finding) => `${door}: ${finding}`))).toEqual(
      [],
    )
    expect(results.map(({ slots }) => slots)).toEqual(DOORS.map(() => 0))
  },
)
