import { expect, test } from 'vitest'
import { assessFailures } from './running-viewers.js'

test('viewers that could not connect are a warning with the causes, the most frequent first', () =>
  expect(assessFailures({ 'host-firewall': 1, 'no-reply': 3 })).toMatchObject([
    {
      status: 'warning',
      detail: '4 attempts to connect failed since the start: no-reply 3, host-firewall 1',
    },
  ]))

test('without failures the row says so', () => expect(assessFailures({})).toMatchObject([{ status: 'ok' }]))

test('another version, or another program, is no failure', () => {
  expect(assessFailures(undefined)).toEqual([])
  expect(assessFailures('none')).toEqual([])
  expect(assessFailures({ 'a\u001b[2J': 3, 'no-reply': 'many' })).toMatchObject([{ status: 'ok' }])
})
