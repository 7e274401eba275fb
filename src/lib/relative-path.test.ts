import { expect, test } from 'vitest'
import { rootFrom } from './relative-path.js'

test.each([
  ['/', './'],
  ['/?a=/b/', './'],
  ['/camera1', './'],
  ['/camera1/', '../'],
  ['/api/config', '../'],
  ['//camera1//whep/', '../../../../'],
])('the root as seen from %s is %s, also below a prefix', (path, root) => {
  expect(rootFrom(`http://pi${path}`)).toBe(root)
  expect(new URL(root, `https://home.example/cams${path}`).href).toBe('https://home.example/cams/')
})
