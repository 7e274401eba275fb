import { expect, test } from 'vitest'
import type { Address } from '../transport/udp-mux.js'
import { SelectedPath } from './selected-path.js'

type Via = NonNullable<Address['via']>

const browser = { address: '192.0.2.1', port: 5000 }
const [ethernet, wifi] = ['ethernet', 'wifi'].map((name) => ({ name, isOpen: true })) as unknown as [Via, Via]

function nominated(lastVia: { via: Via }) {
  const path = new SelectedPath((to) => ({ ...to, ...lastVia }))
  path.nominate(browser)
  return path
}

test('a nominated address is reached through the socket on which it was heard, whatever checks arrive later elsewhere', () => {
  const heard = { via: ethernet }
  const path = nominated(heard)
  expect(path.current).toEqual({ ...browser, via: ethernet })
  heard.via = wifi
  path.nominate(browser)
  expect(path.current?.via).toBe(ethernet)
  path.nominate({ ...browser, port: 5001 })
  expect(path.current).toEqual({ ...browser, port: 5001, via: wifi })
  path.nominate(undefined)
  expect(path.current).toBeUndefined()
})

test('what the client sends moves its own address to another socket, and no other address', () => {
  const path = nominated({ via: ethernet })
  path.follow({ ...browser, via: wifi })
  expect(path.current).toEqual({ ...browser, via: wifi })
  path.follow({ address: '192.0.2.9', port: 5000, via: ethernet })
  expect(path.current?.via).toBe(wifi)
})

test('when the socket has closed, the next check selects another one', () => {
  const heard = { via: { isOpen: false } as Via }
  const path = nominated(heard)
  heard.via = wifi
  path.nominate(browser)
  expect(path.current?.via).toBe(wifi)
})

test('without a nominated pair there is no path to follow', () => {
  const path = new SelectedPath((to) => to)
  path.follow({ ...browser, via: wifi })
  expect(path.current).toBeUndefined()
})
