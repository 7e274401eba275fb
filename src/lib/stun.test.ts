import { expect, test } from 'vitest'
import {
  BINDING_ERROR,
  BINDING_SUCCESS,
  connectivityCheck,
  errorCode,
  PRIORITY,
  uint32,
  writeStun,
  xorMappedAddress,
} from '../../test/support/viewer-stun.js'
import {
  attributeValue,
  errorCodeOf,
  findAttribute,
  isBindingError,
  isBindingRequest,
  isBindingSuccess,
  mappedAddressOf,
  stunServerOf,
  transactionIdOf,
  writeBindingRequest,
} from './stun.js'

const TRANSACTION = Buffer.from('0123456789ab')
const check = connectivityCheck({ to: 'ours', from: 'theirs', password: 'secret' })

test('requests, success responses and errors are distinguished', () => {
  const error = writeStun({ type: BINDING_ERROR, attributes: [errorCode(401)] })
  expect([check, writeStun({ type: BINDING_SUCCESS }), error].map(isBindingRequest)).toEqual([
    true,
    false,
    false,
  ])
  expect([check, writeStun({ type: BINDING_SUCCESS }), error].map(isBindingError)).toEqual([
    false,
    false,
    true,
  ])
})

test('a response has the transaction id of its request', () => {
  const response = writeStun({ type: BINDING_SUCCESS, transactionId: check.subarray(8, 20) })
  expect(transactionIdOf(response)).toBe(transactionIdOf(check))
  expect(transactionIdOf(response).length).toBe(12)
  expect(transactionIdOf(connectivityCheck({ to: 'ours' }))).not.toBe(transactionIdOf(check))
})

test('a written request has a header of 20 bytes and no attributes', () => {
  const request = writeBindingRequest(TRANSACTION)
  expect(request.toString('hex')).toBe(`000100002112a442${TRANSACTION.toString('hex')}`)
  expect(isBindingRequest(request)).toBe(true)
})

test('a success response is accepted only for its own transaction', () => {
  const response = writeStun({ type: BINDING_SUCCESS, transactionId: TRANSACTION })
  expect(isBindingSuccess(response, TRANSACTION)).toBe(true)
  expect(isBindingSuccess(response, Buffer.alloc(12))).toBe(false)
  expect(isBindingSuccess(response.subarray(0, 19), TRANSACTION)).toBe(false)
})

test('the mapped address is found behind other attributes, never beyond the message', () => {
  const attributes = [[0x8022, Buffer.alloc(3)], xorMappedAddress('203.0.113.7', 40_000)] as [
    number,
    Buffer,
  ][]
  const response = writeStun({ type: BINDING_SUCCESS, attributes })
  expect(mappedAddressOf(response)).toEqual({ address: '203.0.113.7', port: 40_000 })
  expect(mappedAddressOf(writeStun({ type: BINDING_SUCCESS }))).toBeUndefined()
  expect(mappedAddressOf(response.subarray(0, 39))).toBeUndefined()
})

test.each([
  ['2001:db8::7', 40_000],
  ['2001:db8:1:2:3:4:5:6', 1],
])('the mapped IPv6 address is %s', (address, port) => {
  const attributes = [xorMappedAddress(address, port, TRANSACTION)]
  const response = writeStun({ type: BINDING_SUCCESS, transactionId: TRANSACTION, attributes })
  expect(mappedAddressOf(response)).toEqual({ address, port })
})

test.each([
  [Buffer.alloc(0), 'no value'],
  [Buffer.from([0, 1, 0, 0, 1, 2, 3]), 'a short IPv4 address'],
  [Buffer.from([0, 2, 0, 0, 1, 2, 3, 4]), 'a short IPv6 address'],
  [Buffer.from([0, 3, 0, 0, 1, 2, 3, 4]), 'an unknown family'],
  [Buffer.alloc(20, 1), 'IPv4 with the length of IPv6'],
])('%s is no mapped address: %s', (value) => {
  const response = writeStun({ type: BINDING_SUCCESS, attributes: [[0x0020, value]] })
  expect(mappedAddressOf(response)).toBeUndefined()
})

test.each([
  ['stun:stun.example.org:3478', 'stun.example.org'],
  ['stun:192.0.2.1:3478', '192.0.2.1'],
  ['stun:[2001:db8::1]:3478', '2001:db8::1'],
])('%s is on the host %s', (uri, host) => expect(stunServerOf(uri)).toEqual({ host, port: 3478 }))

test('the code of an error response is read, if there is one', () => {
  expect(errorCodeOf(writeStun({ type: BINDING_ERROR, attributes: [errorCode(420)] }))).toBe(420)
  expect(errorCodeOf(writeStun({ type: BINDING_ERROR }))).toBeUndefined()
  expect(errorCodeOf(writeStun({ type: BINDING_ERROR, attributes: [[0x0009, Buffer.alloc(3)]] }))).toBe(
    undefined,
  )
})

test('the first attribute of a type counts, and an attribute of another length has no address', () => {
  const attributes: [number, Buffer][] = [
    [PRIORITY, uint32(1)],
    [PRIORITY, uint32(2)],
    [0x0020, Buffer.from([0, 2, 0, 0, 1, 2, 3, 4])],
  ]
  const message = writeStun({ type: BINDING_SUCCESS, attributes })
  expect(attributeValue(message, findAttribute(message, PRIORITY))).toEqual(uint32(1))
  expect(findAttribute(message, 0x7777)).toBe(-1)
  expect(mappedAddressOf(message)).toBeUndefined()
})
