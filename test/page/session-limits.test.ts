import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describe as describeTile } from '../../static/messages.js'
import { limitOf } from '../../static/session.js'
import { eventOf, next } from '../../static/tile-state.js'
import { english, wordsIn } from './word-tables.js'

/** What a tile says after the server closed its socket with 1013 and this reason. */
function shown(reason: string, words = english): string {
  const error = { code: limitOf(reason), message: '' }
  return describeTile({ state: next('connecting', eventOf(error.code)), error, maxViewers: 4 }, words).detail
}

test.each([
  ['camera-full', 'This camera has reached its maximum of 4 viewers. Retrying automatically'],
  ['server-full', 'All cameras together have their maximum of viewers'],
  ['too-many-connecting', 'Too many viewers are connecting'],
  ['', 'This camera has reached its maximum of 4 viewers. Retrying automatically'],
  ['<b>', 'This camera has reached its maximum of 4 viewers. Retrying automatically'],
])('a server that is asked too much (%j) is shown as what it is', (reason, sentence) => {
  expect(shown(reason)).toBe(sentence)
})

const languages = readdirSync('static/words').map((file) => file.replace('.json', ''))

test('each limit has its own sentence in each language', () => {
  expect(languages.length).toBeGreaterThan(10)
  for (const language of languages) {
    const sentences = ['camera-full', 'server-full', 'too-many-connecting'].map((reason) =>
      shown(reason, wordsIn(language)),
    )
    expect(new Set(sentences.filter(Boolean)).size).toBe(3)
  }
})
