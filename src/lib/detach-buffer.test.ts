import { createCipheriv, randomBytes } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

/** Whether a realm that is created now has `transfer`: on Node.js 20 only after a V8 flag was set. */
const newRealmHasTransfer = (): boolean => runInNewContext('"transfer" in ArrayBuffer.prototype') as boolean

const before = newRealmHasTransfer()
const { detachBuffer: releaseMemory } = await import('./detach-buffer.js')

test('importing the module sets no V8 flag', () => expect(newRealmHasTransfer()).toBe(before))

test('the memory of a buffer of its own is given back', () => {
  const buffer = Buffer.from(new ArrayBuffer(4096))
  releaseMemory(buffer)
  expect(buffer.length).toBe(0)
})

test('what a cipher returns has memory of its own', () => {
  const made = createCipheriv('aes-128-ecb', randomBytes(16), null).update(Buffer.alloc(9600))
  releaseMemory(made)
  expect(made.length).toBe(0)
})

test('memory that is shared is left alone', () => {
  const whole = Buffer.from(new ArrayBuffer(4096))
  releaseMemory(whole.subarray(0, 100))
  expect(whole.length).toBe(4096)
})
