import { expect, test } from 'vitest'
import { commonProblem } from '../../static/common-problem.js'
import { problemOf } from '../../static/messages.js'
import { english } from './word-tables.js'

test.each<[string[], string]>([
  [[], ''],
  [['lost'], ''],
  [['lost', 'lost'], 'lost'],
  [['lost', 'lost', ''], ''],
  [['lost', 'slow'], ''],
  [['', ''], ''],
])('the common problem of %j is "%s"', (problems, common) => expect(commonProblem(problems)).toBe(common))

const failure = {
  cause: 'not-reached',
  message: 'No packet arrives.',
  hint: 'Open port 8189.',
  parameters: {},
}
const now = { overHttp: false, viewerStatus: null }

test('a problem is of the way to the server, not of a camera', () => {
  expect(problemOf({ ...now, state: 'live' }, english)).toBe('')
  expect(problemOf({ ...now, state: 'live', overHttp: true, failure }, english)).toBe(
    'Video over HTTP, with more delay. No packet arrives. Open port 8189.',
  )
  expect(problemOf({ ...now, state: 'connecting', failure }, english)).toBe(
    'No packet arrives. Open port 8189.',
  )
  expect(problemOf({ ...now, state: 'connecting' }, english)).toBe('')
  const error = { code: 'closed', message: '', key: 'tile.error.connection-lost' }
  expect(problemOf({ ...now, state: 'reconnecting', error }, english)).toBe(
    'The connection to the server was lost',
  )
  const camera = { cause: 'unplugged', message: 'Unplugged.' }
  expect(problemOf({ ...now, state: 'lost', camera }, english)).toBe('')
})
