import { expect, test } from 'vitest'
import { addressBelowRoot, returnAddress } from './return-address.js'

/** Where a browser goes from the form. */
const arrival = (wanted: string, form = 'http://pi:8080/sign-in'): string =>
  new URL(returnAddress(wanted), form).href

test.each([
  ['', 'http://pi:8080/'],
  ['camera1/', 'http://pi:8080/camera1/'],
  ['camera1/?view=kiosk&every=20#large=camera2', 'http://pi:8080/camera1/?view=kiosk&every=20#large=camera2'],
  ['?action=stream', 'http://pi:8080/?action=stream'],
  ['ä b', 'http://pi:8080/%C3%A4%20b'],
])('%j leads to %s', (wanted, expected) => expect(arrival(wanted)).toBe(expected))

test('below a path the address stays there', () => {
  expect(arrival('camera1/', 'https://home.example/cams/sign-in')).toBe('https://home.example/cams/camera1/')
  expect(arrival('../admin/', 'https://home.example/cams/sign-in')).toBe('https://home.example/cams/')
})

test.each([
  'http://evil.example/',
  'https:evil.example',
  '//evil.example/',
  '///evil.example/',
  '\\\\evil.example\\',
  '/\\evil.example',
  '/\t/evil.example',
  '\n//evil.example',
  '@evil.example/',
  ':80@evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  '../../evil',
  '%2e%2e/%2e%2e/evil',
  '..\\..\\evil',
  '\u0000//evil.example',
  '\u2028//evil.example',
  'camera1/\r\nSet-Cookie: a=b',
  '\ud800',
  '%',
  'a'.repeat(3000),
])('%j stays at this server', (wanted) => {
  const address = returnAddress(wanted)
  expect(address).toMatch(/^\.\/[!-~]*$/)
  expect(new URL(arrival(wanted)).origin).toBe('http://pi:8080')
  expect(arrival(wanted, 'https://home.example/cams/sign-in')).toMatch(/^https:\/\/home\.example\/cams\//)
})

test.each([
  ['http://pi/', ''],
  ['http://pi/camera1/?view=kiosk', 'camera1/?view=kiosk'],
  ['http://pi//evil.example/', '/evil.example/'],
])('the address of %s is %j', (url, expected) => expect(addressBelowRoot(url)).toBe(expected))
