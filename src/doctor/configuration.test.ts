import { expect, test } from 'vitest'
import { NO_FILE } from '../config/source.js'
import { checkConfiguration } from './configuration.js'

test('the checked file is named', () =>
  expect(checkConfiguration({ source: 'a.toml', origin: 'file', warnings: [] })).toMatchObject([
    { status: 'ok', detail: 'a.toml' },
  ]))

test('without a file the report says so, and what is served', () => {
  const found = checkConfiguration({ source: NO_FILE, origin: 'found', warnings: [] })
  expect(found).toMatchObject([
    {
      status: 'warning',
      detail: 'there is none, so the cameras found are served',
      hint: expect.stringContaining('rpi-webrtc init writes one') as string,
    },
  ])
  const none = { detail: 'no camera was found, so a test picture is served', hint: 'connect one' }
  expect(checkConfiguration({ source: NO_FILE, origin: 'test-picture', warnings: [none] })).toMatchObject([
    { detail: 'there is none, so a test picture is served' },
    none,
  ])
})

test('a file without a camera is in order', () =>
  expect(checkConfiguration({ source: 'a.toml', origin: 'found', warnings: [] })).toMatchObject([
    { status: 'ok', detail: 'a.toml names no camera, so the cameras found are served' },
  ]))

test('every warning about the file is reported with its hint', () => {
  const warnings = [
    { detail: 'any user can change it', hint: 'sudo chmod o-w a.toml' },
    { detail: 'any user can read it', hint: 'sudo chmod 640 a.toml' },
  ]
  const about = { id: 'configuration', status: 'warning', title: 'configuration' }
  expect(checkConfiguration({ source: 'a.toml', origin: 'file', warnings })).toEqual(
    warnings.map((one) => ({ ...about, ...one })),
  )
})
