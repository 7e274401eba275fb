import { describe, expect, test } from 'vitest'
import { assertMembers, DTLS_MEMBERS, TRANSPORT_MEMBERS } from './internals.js'

type Tree = Record<string, unknown>

const VALUES: Record<string, unknown> = {
  array: [],
  boolean: false,
  bytes: Buffer.alloc(1),
  function: () => {},
  number: 0,
  object: {},
  present: undefined,
  set: new Set(),
  string: '',
}

/** Objects that have every member of a table. */
function standIn(members: Record<string, string>): Tree {
  const root: Tree = {}
  for (const [path, kind] of Object.entries(members)) {
    const { parent, name } = at(root, path)
    parent[name] ??= kind === 'array' ? [] : VALUES[kind]
  }
  return root
}

function at(root: Tree, path: string): { parent: Tree; name: string } {
  const names = path.split('.')
  const name = names.pop()!
  return { parent: names.reduce((object, each) => (object[each] ??= {}) as Tree, root), name }
}

describe.each([
  ['ICE and SRTP', TRANSPORT_MEMBERS],
  ['DTLS', DTLS_MEMBERS],
])('%s', (_, members) => {
  test('objects with every member pass', () => {
    expect(() => assertMembers(standIn(members), members)).not.toThrow()
  })

  test.each(Object.keys(members))('a renamed %s is named', (path) => {
    const objects = standIn(members)
    const { parent, name } = at(objects, path)
    parent[`${name}Renamed`] = parent[name]
    Reflect.deleteProperty(parent, name)
    expect(() => assertMembers(objects, members)).toThrow(`it lacks ${path}`)
  })

  test.each(Object.entries(members).filter(([, kind]) => kind !== 'present'))(
    '%s of another type than %s is named',
    (path, kind) => {
      const objects = standIn(members)
      const { parent, name } = at(objects, path)
      parent[name] = null
      expect(() => assertMembers(objects, members)).toThrow(`it lacks ${path} (${kind})`)
    },
  )
})

test('several missing members are one message', () =>
  expect(() => assertMembers({ A: {} }, { 'A.b': 'string', 'A.c.d': 'number' })).toThrow(
    'it lacks A.b (string), A.c.d (number). Install the version of package.json with "npm ci"',
  ))
