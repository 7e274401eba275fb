import { describe, expect, test } from 'vitest'
import { createHostNames } from './host-names.js'

const names = createHostNames({
  names: ['cams.example'],
  allowOrigins: ['https://home.example:8123', '*'],
  machineNames: () => new Set(['pi', 'pi.local', 'pi.fritz.box']),
})

describe('a server without credentials answers to', () => {
  test.each([
    ['192.168.1.20'],
    ['192.168.1.20:8080'],
    ['[fe80::1]:8080'],
    ['[::1]'],
    ['localhost:8080'],
    ['camera.localhost'],
    ['pi'],
    ['PI:8080'],
    ['pi.local.'],
    ['pi-2.local'],
    ['pi.fritz.box:8080'],
    ['cams.example'],
    ['home.example'],
    ['home.example:9999'],
    [undefined],
  ])('%s', (host) => expect(names.includes(host)).toBe(true))
})

describe('it does not answer to', () => {
  test.each([
    ['evil.example'],
    ['evil.example:8080'],
    ['pi.evil.example'],
    ['192.168.1.20.evil.example'],
    ['localhost.evil.example'],
    ['xlocalhost'],
    ['pi-2.fritz.box'],
    ['pi-2'],
    ['cams.example.evil.example'],
    ['*'],
    [''],
    ['[::1'],
    ['pi/../x'],
    ['pi@evil.example'],
    ['evil.example#pi'],
    ['pi pi'],
    ['\u0000'],
    ['a'.repeat(301)],
  ])('%j', (host) => expect(names.includes(host)).toBe(false))
})
