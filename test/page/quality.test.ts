import { expect, test } from 'vitest'
import { isSmall, parseQuality } from '../../static/quality.js'

test('a tile is small below 60 % of the width of its camera, and no more above 75 %', () => {
  expect([300, 383, 385, 640].map((width) => isSmall(width, 640, false))).toEqual([true, true, false, false])
  expect([300, 470, 490, 640].map((width) => isSmall(width, 640, true))).toEqual([true, true, false, false])
})

test('what is not known changes nothing', () => {
  for (const wasSmall of [true, false])
    expect([isSmall(0, 640, wasSmall), isSmall(300, 0, wasSmall)]).toEqual([wasSmall, wasSmall])
})

test('the address asks for a quality that exists', () =>
  expect(['low', 'high', 'auto', 'medium', '', null].map(parseQuality)).toEqual([
    'low',
    'high',
    'auto',
    null,
    null,
    null,
  ]))
