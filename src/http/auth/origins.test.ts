import { describe, expect, test } from 'vitest'
import { createOrigins } from './origins.js'

const set = { allowed: undefined, hasCredentials: true, webPort: 8080 }
const kind = (origin: string | undefined, host: string | undefined, about = {}) =>
  createOrigins({ ...set, ...about }).kindOf(origin, host)

test.each([
  ['http://pi:8080', 'pi:8080'],
  ['http://PI:8080', 'Pi:8080'],
  ['http://192.168.1.20:8080', '192.168.1.20:8080'],
  ['http://[fd00::1]:8080', '[fd00::1]:8080'],
  ['http://pi', 'pi:80'],
  ['https://cams.example', 'cams.example'],
  ['https://cams.example', 'cams.example:443'],
  ["the page of web-port, at a camera's port", 'pi:5557'],
])('the origin %s is own at the host %s', (origin, host) =>
  expect(kind(origin.startsWith('the') ? 'http://pi:8080' : origin, host)).toBe('own'),
)

test.each([
  ['http://evil.example', 'pi:8080'],
  ['http://pi:3000', 'pi:8080'],
  ['http://pi', 'pi:8080'],
  ['http://pi.evil.example:8080', 'pi:8080'],
  ['http://evil.example:8080', 'pi:8080'],
  ['http://pi:8080.evil.example', 'pi:8080'],
  ['null', 'pi:8080'],
  ['', 'pi:8080'],
  ['file://', 'pi:8080'],
  ['chrome-extension://pi:8080', 'pi:8080'],
  ['http://pi:8080', undefined],
  ['http://pi:8080', 'pi:8080@evil.example'],
  [`http://pi.${'x'.repeat(300)}`, `pi.${'x'.repeat(300)}`],
])('the origin %j is foreign at the host %j', (origin, host) => expect(kind(origin, host)).toBe('foreign'))

describe('a page of another origin', () => {
  const evil = 'http://evil.example'

  test('may do all without configured credentials, unless allow-origins is set', () => {
    expect(kind(evil, 'pi:8080', { hasCredentials: false })).toBe('any')
    expect(kind(evil, 'pi:8080', { hasCredentials: false, allowed: [] })).toBe('foreign')
  })

  test('is named or not, in small letters', () => {
    const allowed = ['http://mainsail.local']
    expect(kind('http://Mainsail.local', 'pi:8080', { allowed })).toBe('named')
    expect(kind('http://mainsail.local:81', 'pi:8080', { allowed })).toBe('foreign')
  })

  test('is not the same by "*" as by its name', () => {
    expect(kind(evil, 'pi:8080', { allowed: ['*'] })).toBe('any')
    expect(kind(evil, 'pi:8080', { allowed: ['*', evil] })).toBe('named')
  })
})

test('who sends no origin is no page', () => expect(kind(undefined, 'pi:8080')).toBe('none'))
