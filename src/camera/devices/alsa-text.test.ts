import { describe, expect, test } from 'vitest'
import { ASOUND } from '../../../test/fakes/sound-cards.js'
import { parseCards, parsePcms } from './alsa-text.js'

describe('/proc/asound/cards', () => {
  test('has a card per pair of lines', () =>
    expect(parseCards(ASOUND.webcam.cards)).toEqual([
      { number: 0, id: 'vc4hdmi0', driver: 'vc4-hdmi', name: 'vc4-hdmi-0' },
      { number: 1, id: 'C920', driver: 'USB-Audio', name: 'HD Pro Webcam C920' },
    ]))

  test('says so if there is none', () => expect(parseCards(ASOUND.none.cards)).toEqual([]))

  test.each(['', 'rubbish', ' 1 [', ' 1 [a b]: c - d', ' 99999 [x              ]: y - z'])(
    '%j has no card',
    (text) => expect(parseCards(text)).toEqual([]),
  )

  test('a name of control characters gives way to the id', () =>
    expect(parseCards(' 0 [Mic            ]: USB-Audio - \u0007\n')[0]).toMatchObject({ name: 'Mic' }))
})

describe('/proc/asound/pcm', () => {
  test('tells capture from playback', () =>
    expect(parsePcms(ASOUND.hat.pcm)).toMatchObject([
      { card: 0, device: 0, isCapture: false },
      { card: 1, device: 0, isCapture: true, name: 'Google voiceHAT SoundCard HiFi voicehat-hifi-0' },
    ]))

  test('a name may contain what separates the fields', () =>
    expect(parsePcms('00-03: a : b : capture 1 : Line: in : capture 2\n')).toEqual([
      { card: 0, device: 3, name: 'Line: in', isCapture: true },
    ]))

  test.each(['', '--- no soundcards ---', '1: x', '00-00'])('%j has no device', (text) =>
    expect(parsePcms(text)).toEqual([]),
  )
})
