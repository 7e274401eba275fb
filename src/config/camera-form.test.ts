import { expect, test } from 'vitest'
import { cameraForm, plainText } from './camera-form.js'
import { KEYS } from './keys.js'

const USB = { kind: 'v4l2', path: '/dev/video0' } as const
const fieldOf = (name: string, tables = {}, device: Parameters<typeof cameraForm>[1] = USB) =>
  cameraForm('camera2', device, tables).find((field) => field.name === name)!

test('a field has what the table of keys says', () => {
  expect(fieldOf('width')).toMatchObject({
    input: { type: 'integer', min: 32, max: 4608, step: 2 },
    written: undefined,
    fallback: 640,
    applies: 'restart',
  })
  expect(fieldOf('codec')).toMatchObject({
    input: { type: 'choice', choices: ['vp8', 'h264'] },
    applies: 'reconnect',
  })
  expect(fieldOf('fps').input).toEqual({ type: 'number-or-text' })
  expect(fieldOf('flip-method').input).toMatchObject({ type: 'choice' })
})

test('the value of the file, and what applies without it', () => {
  const tables = { video: { codec: 'h264', bitrate: 1_000_000 }, camera2: { fps: '5-30', codec: 'vp8' } }
  expect(fieldOf('fps', tables)).toMatchObject({ written: '5-30', fallback: 30 })
  expect(fieldOf('codec', tables)).toMatchObject({ written: 'vp8', fallback: 'h264' })
  expect(fieldOf('bitrate', tables)).toMatchObject({ written: undefined, fallback: 1_000_000 })
  expect(fieldOf('name', tables).fallback).toBe('Camera 2')
})

test('the name of a test picture is drawn into it', () => {
  expect(fieldOf('name').applies).toBe('live')
  expect(fieldOf('name', {}, { kind: 'test', pattern: 'smpte' }).applies).toBe('restart')
})

test('explanations have no Markdown', () => {
  expect(plainText('Set `"a"`, such as `30`; see [devices](#devices).')).toBe('Set a, such as 30.')
  for (const { about } of Object.values(KEYS.camera)) expect(plainText(about)).not.toMatch(/[`[\]]|\.\./)
})
