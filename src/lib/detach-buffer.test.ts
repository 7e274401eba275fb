import { createCipheriv, randomBytes } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

/** Whether a new realm has `transfer`; on Node 20 only after a V8 flag was set. */
const newRealmHasTransfer = (): boolean => runInNewContext('"transfer" in ArrayBuffer.prototype') as boolean

const before = newRealmHasTransfer()
const { detachBuffer: releaseMemory } = await import('./detach-buffer.js')

test('importing the module sets no V8 flag', () => expect(newRealmHasTransfer()).toBe(before))

test('the memory of a buffer is freed', () => {
  const buffer = Buffer.from(new ArrayBuffer(4096))
  releaseMemory(buffer)
  expect(buffer.length).toBe(0)
})

test('the output of a cipher is not a view of a larger buffer', () => {
  const made = createCipheriv('aes-128-ecb', randomBytes(16), null).update(Buffer.alloc(9600))
  releaseMemory(made)
  expect(made.length).toBe(0)
})

test('a view of a larger buffer is not freed', () => {
  const whole = Buffer.from(new ArrayBuffer(4096))
  releaseMemory(whole.subarray(0, 100))
  expect(whole.length).toBe(4096)
})
