import { expect, test } from 'vitest'
import { pageIcon, pageState, pageTitle } from '../../static/page-title.js'
import type { TileState } from '../../static/tile-state.js'
import { english } from './word-tables.js'

const cameras = (...states: TileState[]) =>
  states.map((state, i) => ({ name: ['Garden', 'Gate', 'Attic'][i]!, state }))

test.each<[site: string | null, states: TileState[], title: string]>([
  ['Workshop', ['live', 'live'], '● Workshop'],
  [null, ['live', 'connecting'], '● Cameras · rpi-webrtc'],
  ['Workshop', ['connecting', 'paused'], 'Workshop'],
  ['Workshop', ['live', 'lost', 'reconnecting'], '⚠ Gate, Attic · Workshop'],
  ['Workshop', ['live'], '● Garden'],
  ['Workshop', ['full'], '⚠ Garden'],
  [null, [], 'Cameras · rpi-webrtc'],
])('the title with site %j and %j is %j', (site, states, title) =>
  expect(pageTitle(site, cameras(...states), english)).toBe(title),
)

test('the icon of each state is another one', () => {
  const icons = (['live', 'wrong', 'idle'] as const).map(pageIcon)
  expect(new Set(icons).size).toBe(3)
  for (const icon of icons) expect(icon).toMatch(/^data:image\/svg\+xml,%3Csvg%20.*%3C%2Fsvg%3E$/)
  expect(pageState(cameras('live', 'lost'))).toBe('wrong')
})
