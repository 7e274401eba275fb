import { describe, expect, test } from 'vitest'
import { ConfigError } from '../errors.js'
import { diffConfig } from './diff.js'
import { parseConfig } from './parse.js'
import { authorizationOf, parsePushes } from './push.js'

const URL = 'https://live.example.org/whip/camera1'
const camera = '[camera1]\ndevice = "test:smpte"\n'
const parsed = (toml: string) => parseConfig(camera + toml, 'config.toml').cameras[0]!.push

function problemsOf(toml: string): readonly string[] {
  try {
    parsed(toml)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('a camera has no push unless the file says so', () => expect(parsed('')).toEqual([]))

test('one table is one push, with the name of its host', () =>
  expect(parsed(`[camera1.push]\nurl = "${URL}"\n`)).toEqual([
    { name: 'live.example.org', url: URL, credentials: undefined, when: 'always', required: false },
  ]))

test('a list of tables is as many pushes, each with its own settings', () =>
  expect(
    parsed(
      `[[camera1.push]]\nurl = "${URL}"\ntoken = "abc"\nrequired = true\n` +
        `[[camera1.push]]\nurl = "http://10.0.0.2:8889/a"\nuser = "u"\npassword = "p:w"\nwhen = "watched"\nname = "Hall"\n`,
    ),
  ).toEqual([
    { name: 'live.example.org', url: URL, credentials: { token: 'abc' }, when: 'always', required: true },
    {
      name: 'Hall',
      url: 'http://10.0.0.2:8889/a',
      credentials: { user: 'u', password: 'p:w' },
      when: 'watched',
      required: false,
    },
  ]))

test('two pushes to one host without a name are told apart', () =>
  expect(
    parsePushes([{ url: 'https://a.example/1' }, { url: 'https://a.example/2' }]).map(({ name }) => name),
  ).toEqual(['a.example', 'a.example 2']))

describe('what is wrong with a push', () => {
  test.each<[string, unknown, string]>([
    ['no table', 'https://a.example', 'has to be a table'],
    ['no url', {}, 'has no url: write url = "https:'],
    ['a url that is no text', { url: 5 }, 'has a url that has to be text'],
    ['no address', { url: 'live.example.org/whip' }, 'has a url that is no address'],
    ['RTMP', { url: 'rtmp://a.example/x' }, 'uses WHIP, so write the https: address'],
    ['whip:', { url: 'whip://a.example/x' }, 'write http:'],
    ['whips:', { url: 'whips://a.example/x' }, 'write https:'],
    [
      'a name in the url',
      { url: 'https://u:p@a.example/x' },
      'write user and password as lines of their own',
    ],
    ['a misspelled key', { url: URL, tokn: 'x' }, 'did you mean "token"?'],
    ['a foreign key', { url: URL, zebra: 'x' }, 'it may have url, token, user'],
    ['a token and a user', { url: URL, token: 'x', user: 'u', password: 'p' }, 'delete one of them'],
    ['a user alone', { url: URL, user: 'u' }, 'user without password: write both'],
    ['a password alone', { url: URL, password: 'u' }, 'password without user: write both'],
    ['Bearer in the token', { url: URL, token: 'Bearer x' }, 'write the rest alone'],
    ['an empty token', { url: URL, token: '' }, 'has a token that is empty'],
    [
      'a token of two lines',
      { url: URL, token: 'a\nb' },
      'has a token that has characters other than those of ASCII',
    ],
    ['a token that is no text', { url: URL, token: 5 }, 'has a token that is no text'],
    ['a colon in the user', { url: URL, user: 'a:b', password: 'c' }, 'has a user with a colon'],
    ['another when', { url: URL, when: 'alway' }, 'did you mean "always"?'],
    ['a required that is text', { url: URL, required: 'yes' }, 'write true without quotes'],
    ['an empty name', { url: URL, name: ' ' }, 'has a name that is empty'],
    ['one url twice', [{ url: URL }, { url: URL, name: 'other' }], 'two pushes to one url'],
    [
      'one name twice',
      [
        { url: URL, name: 'a' },
        { url: 'https://b.example', name: 'a' },
      ],
      'two pushes of one name',
    ],
    ['the second of two', [{ url: URL }, {}], 'number 2 has no url'],
  ])('%s', (_what, value, sentence) => expect(() => parsePushes(value)).toThrow(sentence))

  test('the message names the line and the key, and never what the table has', () => {
    const problems = problemsOf(
      '[[camera1.push]]\nurl = "https://live.example.org/k3y"\ntoken = "Bearer s3cret"\n',
    )
    expect(problems).toEqual([
      'config.toml:3: camera1.push: has a token that begins with "Bearer": write the rest alone',
    ])
  })

  test('a url whose quote is missing is not shown', () =>
    expect(problemsOf('[[camera1.push]]\nurl = "https://live.example.org/k3y\n').join()).not.toContain('k3y'))
})

test('a push that was added, changed or removed leaves the capture and the viewers alone', () => {
  const config = (toml: string) => parseConfig(camera + toml, '')
  const diff = diffConfig(config(''), config(`[camera1.push]\nurl = "${URL}"\n`))
  expect(diff).toMatchObject({ keys: ['camera1.push'], replaced: [], restarted: [] })
})

test('credentials are a Bearer token or HTTP Basic', () => {
  expect(authorizationOf({ token: 'abc' })).toBe('Bearer abc')
  expect(authorizationOf({ user: 'u', password: 'p' })).toBe('Basic dTpw')
  expect(authorizationOf(undefined)).toBeUndefined()
})
