import { expect, test } from 'vitest'
import { cookiesIn } from './cookie.js'

test.each([
  ['ours=x', ['x']],
  [' ours = x ; other=y', ['x']],
  ['other=y;ours=x', ['x']],
  ['ours=x; ours=y', ['x', 'y']],
  ['ours=1; ours=2; ours=3; ours=4; ours=5', ['1', '2', '3', '4']],
  ['ours=', ['']],
  ['ours=a=b', ['a=b']],
  ['ours=%41', ['%41']],
  ['ours', []],
  ['Ours=x; notours=x; ours2=x', []],
  ['', []],
])('in %j ours are %j', (header, values) => expect(cookiesIn(header, 'ours')).toEqual(values))
