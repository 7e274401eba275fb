import { expect, test } from 'vitest'
import { attack, ENTRY_POINTS, type Result } from './fuzz.js'
import { openTarget } from './target.js'

const SEED = 20_261_126
/** For each entry point; `npm run fuzz` tries more of them, and other seeds. */
const INPUTS = 250

test(
  `${INPUTS} hostile inputs at each entry point end nothing, hold nothing and leave an honest viewer its picture`,
  { timeout: 1_200_000 },
  async () => {
    await using target = await openTarget()
    const results: Result[] = []
    for (const entryPoint of ENTRY_POINTS) results.push(await attack(target, entryPoint, SEED, INPUTS))
    expect(
      results.flatMap(({ entryPoint, findings }) => findings.map((finding) => `${entryPoint}: ${finding}`)),
    ).toEqual([])
    expect(results.map(({ slots }) => slots)).toEqual(ENTRY_POINTS.map(() => 0))
  },
)
