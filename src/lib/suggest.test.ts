import { describe, expect, test } from 'vitest'
import { didYouMean, editDistance, closestMatch } from './suggest.js'

const keys = ['device', 'width', 'height', 'fps', 'webrtc-port', 'web-port', 'flip-method', 'name', 'codec']

describe('closestMatch', () => {
  test.each([
    ['web_port', 'web-port'],
    ['webPort', 'web-port'],
    ['webport', 'web-port'],
    ['heigth', 'height'],
    ['hight', 'height'],
    ['WIDTH', 'width'],
    ['devise', 'device'],
    ['flip-methode', 'flip-method'],
    ['webrtc_prot', 'webrtc-port'],
  ])('%s is close to %s', (word, match) => expect(closestMatch(word, keys)).toBe(match))

  test.each(['banana', 'x', '', 'fp2s3', 'a'.repeat(100_000)])(
    'a word that is near nothing has no suggestion',
    (word) => expect(closestMatch(word, keys)).toBeUndefined(),
  )
})

test('a swap of two neighbours is one edit', () => expect(editDistance('heigth', 'height')).toBe(1))
test('insertions, deletions and changes are one edit each', () =>
  expect(editDistance('kitten', 'sitting')).toBe(3))
test('didYouMean returns the end of a sentence', () => {
  expect(didYouMean('web_port', keys)).toBe(': did you mean "web-port"?')
  expect(didYouMean('banana', keys)).toBe('')
})
