import { expect, test } from 'vitest'
import { probeTimeZone } from './time-zone.js'

const BERLIN = '/usr/share/zoneinfo/Europe/Berlin'
const filesOf = (files: Record<string, string>) => ({
  exists: async (path: string) => await Promise.resolve(path in files),
  read: async (path: string) => await Promise.resolve(files[path] ?? ''),
})

test.each([
  [
    'a service: the C library reads /etc/localtime',
    {},
    { '/etc/localtime': '', '/etc/timezone': 'Asia/Tokyo' },
    {},
  ],
  [
    'a container with /etc/timezone',
    {},
    { '/etc/timezone': 'Europe/Berlin\n', [BERLIN]: '' },
    { tz: 'Europe/Berlin' },
  ],
  [
    'the same without data of zones',
    {},
    { '/etc/timezone': 'Europe/Berlin\n' },
    { unknownZone: 'Europe/Berlin' },
  ],
  ['TZ that the process inherits', { TZ: 'Europe/Berlin' }, { [BERLIN]: '' }, {}],
  ['TZ with a colon', { TZ: ':Europe/Berlin' }, { [BERLIN]: '' }, {}],
  ['TZ without data of zones', { TZ: 'Europe/Berlin' }, {}, { unknownZone: 'Europe/Berlin' }],
  ['TZ with rules of its own', { TZ: 'CET-1CEST,M3.5.0,M10.5.0/3' }, {}, {}],
  ['nothing is UTC', {}, {}, {}],
  ['UTC needs no data', {}, { '/etc/timezone': 'Etc/UTC\n' }, {}],
  ['a text that is no zone', {}, { '/etc/timezone': '../../x y' }, {}],
])('%s', async (_, env, files, expected) =>
  expect(await probeTimeZone(env, filesOf(files as Record<string, string>))).toEqual(expected),
)
