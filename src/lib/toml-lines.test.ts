import { expect, test } from 'vitest'
import { tomlLines } from './toml-lines.js'

const text = `# a comment = 1
title = """
[not-a-table]
key = 1
"""

[server] # where it listens
web-port = 8080
list = [
  "a", # key = 2
  "b",
]
"bind-ip" = '0.0.0.0'

[camera1]
device = "x = y # z"
a.b = 1
[[many]]
x = 1
[[many]]
x = 2
`

test.each([
  [['title'], 2],
  [['server'], 7],
  [['server', 'web-port'], 8],
  [['server', 'list'], 9],
  [['server', 'list', '1'], 9],
  [['server', 'bind-ip'], 13],
  [['camera1', 'device'], 16],
  [['camera1', 'a', 'b'], 17],
])('%j is on line %i', (path, line) => expect(tomlLines(text).lineOf(path)).toBe(line))

test('a missing key has the line of its table', () =>
  expect(tomlLines(text).lineOf(['camera1', 'width'])).toBe(15))
test('a missing table has no line', () => {
  expect(tomlLines(text).lineOf(['video'])).toBeUndefined()
  expect(tomlLines(text).lineOf(['key'])).toBeUndefined()
})

test('a duplicate is found with both lines', () => {
  expect(tomlLines('[a]\nx = 1\ny = 2\nx = 3').twice).toEqual({ path: ['a', 'x'], first: 2, second: 4 })
  expect(tomlLines('[a]\nx = 1\n[a]\ny = 2').twice).toEqual({ path: ['a'], first: 1, second: 3 })
  expect(tomlLines('[a]\nx = 1\n[b]\nx = 2').twice).toBeUndefined()
})

test.each([
  ['[__proto__]\nx = 1', '__proto__', 1],
  ['constructor.x = 1', 'constructor', 1],
  ['\n"\\u0063onstructor" . x = 1', 'constructor', 2],
  ['\n"\\U00000063onstructor" . x = 1', 'constructor', 2],
  ["'toString' = 1", 'toString', 1],
  ['[a]\nb = { hasOwnProperty.call = 1 }', 'hasOwnProperty', 2],
  ['[a.valueOf]', 'valueOf', 1],
])('a key that is a property of every object is found: %j', (toml, name, line) =>
  expect(tomlLines(toml).forbidden).toEqual({ name, line }),
)
test('such a word in a value or a comment is ignored', () =>
  expect(tomlLines('a = "constructor"\n# constructor.x = 1\nb = "__proto__ = 1"').forbidden).toBeUndefined())

test.each([
  '"""',
  "'''".repeat(5001),
  '[[[[',
  '"\\',
  '"\\UFFFFFFFF" = 1',
  '\u0000\uD800',
  '= = =',
  ']]]\na = 1',
])('a text that is not TOML does not throw', (broken) => expect(() => tomlLines(broken)).not.toThrow())
