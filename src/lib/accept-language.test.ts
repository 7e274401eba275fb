import { expect, test } from 'vitest'
import { preferredLanguage } from './accept-language.js'

const available = new Set(['en', 'de', 'fr', 'zh'])

test.each<[string, string | undefined]>([
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['en;q=0.5, fr;q=0.7', 'fr'],
  ['sv, fr;q=0.3', 'fr'],
  ['zh-Hans-CN', 'zh'],
  ['DE-de', 'de'],
  ['fr;q=0, en;q=0.1', 'en'],
  ['fr, de', 'fr'],
  ['sv', undefined],
  ['*', undefined],
  ['', undefined],
  ['constructor', undefined],
  ['de;q=x', 'de'],
  [`${'sv,'.repeat(1000)}de`, undefined],
])('"%s" -> %s', (header, language) => expect(preferredLanguage(header, available)).toBe(language))
