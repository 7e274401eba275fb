import { expect, test } from 'vitest'
import { allCases } from './cases.js'

/** Those that are quick; `npm run chaos` plays all of them and prints what a viewer saw. */
test.each(allCases.filter(({ isQuick }) => isQuick === true))(
  'a viewer lives through it: $title',
  { timeout: 60_000 },
  async ({ play }) => expect((await play(1)).problems).toEqual([]),
)
