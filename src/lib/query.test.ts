import { expect, test } from 'vitest'
import { formValue, queryValue } from './query.js'

test.each([
  ['http://pi/a?token=x', 'x'],
  ['/a?token=x', 'x'],
  ['/a?b=c&token=x&token=y', 'x'],
  ['/a?token=', ''],
  ['/a?token', ''],
  ['/a?token=a+b%20c%2B', 'a b c+'],
  ['/a?token=a=b?c', 'a=b?c'],
  ['/a?%74oken=x', 'x'],
  ['/a?token=x#token=y', 'x'],
  ['/a', undefined],
  ['/a?', undefined],
  ['/a?tokens=x&Token=y', undefined],
])('in %s token is %j', (url, value) => expect(queryValue(url, 'token')).toBe(value))

test('what is no escape stays as it is, and what is no UTF-8 is replaced', () => {
  expect(queryValue('/a?token=%zz%', 'token')).toBe('%zz%')
  expect(queryValue('/a?token=%ff', 'token')).toBe('\ufffd')
  expect(queryValue('/a?%ff=x&%zz&token=x', 'token')).toBe('x')
})

test('every value comes back as URLSearchParams wrote it, and is what that would read', () => {
  for (const value of ['', 'a b', 'a+b&c=d', 'ä€😀', '%41', '"#?/\\', '\n\0']) {
    const form = new URLSearchParams({ first: value, data: value, last: '' }).toString()
    expect(formValue(form, 'data')).toBe(value)
  }
  for (const form of ['data=%', 'data=%ff%41', 'data=%e2%82', 'data', '&&data=x', 'd%61t%61=x'])
    expect(formValue(form, 'data')).toBe(new URLSearchParams(form).get('data'))
})
