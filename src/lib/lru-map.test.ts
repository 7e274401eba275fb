import { expect, test } from 'vitest'
import { LruMap } from './lru-map.js'

test('the entry that was set the longest time ago gives way', () => {
  const map = new LruMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([3, undefined, 4, 2])
  map.delete('a')
  expect([map.get('a'), map.size]).toEqual([undefined, 1])
})

test('ten thousand keys leave as many entries as allowed', () => {
  const map = new LruMap<number>(100)
  for (let i = 0; i < 10_000; i++) map.set(String(i), i)
  expect([map.size, map.get('9900'), map.get('9899')]).toEqual([100, 9900, undefined])
})
