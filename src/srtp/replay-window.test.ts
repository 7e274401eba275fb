import { expect, test } from 'vitest'
import { ReplayWindow } from './replay-window.js'

test('an index is the nearest one with the sequence number', () => {
  const window = new ReplayWindow()
  expect(window.indexOf(65_000)).toBe(65_000)
  window.note(65_000)
  expect(window.indexOf(10)).toBe(65_546)
  expect(window.indexOf(64_000)).toBe(64_000)
  window.note(65_546)
  expect(window.indexOf(65_535)).toBe(65_535)
  expect(window.indexOf(11)).toBe(65_547)
})

test('an index below zero does not exist', () => {
  const window = new ReplayWindow()
  window.note(3)
  expect(window.indexOf(65_535)).toBe(65_535)
})

test('each index is new once, and what the window has forgotten counts as a repetition', () => {
  const window = new ReplayWindow()
  for (const index of [5, 7, 6]) {
    expect(window.isReplayed(index)).toBe(false)
    window.note(index)
    expect(window.isReplayed(index)).toBe(true)
  }
  window.note(2000)
  expect(window.isReplayed(977)).toBe(false)
  expect(window.isReplayed(976)).toBe(true)
  expect(window.isReplayed(2000 - 1024 + 5)).toBe(false)
  window.note(1_000_000)
  expect(window.isReplayed(998_976)).toBe(true)
  expect(window.isReplayed(999_999)).toBe(false)
})
