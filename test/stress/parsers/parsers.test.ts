import { describe, expect, test } from 'vitest'
import { complaintAbout, SIZES_KB, timesOf, type Case } from './growth.js'
import { CASES } from './parsers.js'

const parsers = [...new Set(CASES.map(({ parser }) => parser))]

describe.each(parsers)('%s', (parser) => {
  const cases = CASES.filter((one) => one.parser === parser)

  test(
    `takes a time that grows no faster than it, in ${cases.length} shapes`,
    { timeout: 180_000 },
    async () => {
      const complaints: string[] = []
      for (const one of cases) {
        const complaint = complaintAbout(await timesOf(one))
        if (complaint !== undefined) complaints.push(`${one.shape}: ${complaint}`)
      }
      expect(complaints).toEqual([])
    },
  )
})

describe('the measurement', () => {
  test.each([
    ['linear', [5, 10, 20, 40], undefined],
    ['linear with a cache that is too small', [1, 3, 9, 20], undefined],
    ['quadratic', [0.5, 2, 8, 32], '64 times as long for 8 times as much'],
    ['quadratic and slow', [50, 200, 800, 3200], 'more than 50 ms'],
    ['linear and slow', [10, 20, 40, 80], 'more than 50 ms'],
    ['too short to be judged', [0.1, 0.4, 1.6, 6.4], undefined],
  ])('of what is %s says %o: %s', (_what, times, complaint) => {
    if (complaint === undefined) expect(complaintAbout(times)).toBeUndefined()
    else expect(complaintAbout(times)).toContain(complaint)
  })

  test('finds a parser that compares everything with everything', async () => {
    const quadratic: Case = {
      parser: '',
      shape: '',
      prepare: (bytes) => () => {
        let equal = 0
        for (let i = 0; i < bytes; i++) for (let j = 0; j < bytes; j += 16) equal += Number(i === j)
        return equal
      },
    }
    expect(complaintAbout(await timesOf(quadratic))).toContain('more than 50 ms')
  })

  test('fills the sizes it is for', () => {
    for (const { parser, shape, prepare } of CASES)
      expect(() => prepare(SIZES_KB[0] * 1024), `${parser}: ${shape}`).not.toThrow()
  })
})
