import { expect, test, vi } from 'vitest'
import { createReloadRequests } from './reload-requests.js'

test('requests that arrive before the handler call it once', () => {
  const requests = createReloadRequests()
  requests.request()
  requests.request()
  const handler = vi.fn()
  requests.handle(handler)
  expect(handler).toHaveBeenCalledOnce()
})

test('every later request calls the handler', () => {
  const requests = createReloadRequests()
  const handler = vi.fn()
  requests.handle(handler)
  expect(handler).not.toHaveBeenCalled()
  requests.request()
  requests.request()
  expect(handler).toHaveBeenCalledTimes(2)
})
