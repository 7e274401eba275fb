import { expect, test } from 'vitest'
import { Scope } from './scope.js'

const named = (name: string, closed: string[]) => ({ [Symbol.dispose]: () => void closed.push(name) })

test('parts close in reverse order', async () => {
  const closed: string[] = []
  const scope = new Scope()
  scope.use(named('first', closed))
  scope.defer(() => void closed.push('second'))
  scope.use(named('third', closed))
  await scope[Symbol.asyncDispose]()
  expect(closed).toEqual(['third', 'second', 'first'])
})

test('the other parts close although one fails', async () => {
  const closed: string[] = []
  const scope = new Scope()
  scope.use(named('first', closed))
  scope.defer(() => Promise.reject(new Error('stuck')))
  await expect(scope[Symbol.asyncDispose]()).rejects.toThrow('some parts did not close')
  expect(closed).toEqual(['first'])
})

test('a moved scope leaves nothing behind to close', async () => {
  const closed: string[] = []
  const building = new Scope()
  building.use(named('part', closed))
  const running = building.move()
  await building[Symbol.asyncDispose]()
  expect(closed).toEqual([])
  await running[Symbol.asyncDispose]()
  expect(closed).toEqual(['part'])
})
