import { expect, test } from 'vitest'
import { MAX_OFFER_BYTES } from '../viewer/sdp/client-offer.js'
import { MAX_SDP_CHARS } from './wire-limits.js'

test('every protocol and the SDP parser accept an offer of the same size', () =>
  expect(MAX_SDP_CHARS).toBe(MAX_OFFER_BYTES))
