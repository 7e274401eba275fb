import { expect, test } from 'vitest'
import { cookieIn } from './cookie.js'

test.each([
  ['ours=x', 'x'],
  [' ours = x ; other=y', 'x'],
  ['other=y;ours=x', 'x'],
  ['ours=x; ours=y', 'x'],
  ['ours=', ''],
  ['ours=a=b', 'a=b'],
  ['ours=%41', '%41'],
  ['ours', undefined],
  ['Ours=x; notours=x; ours2=x', undefined],
  ['', undefined],
])('in %j ours is %j', (header, value) => expect(cookieIn(header, 'ours')).toBe(value))
