import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Choices } from '../../static/choices.js'
import { TileSound } from '../../static/tile-sound.js'
import { TileVideo } from '../../static/tile-video.js'

/** What the sound of a tile decides. e2e/sound.spec.ts has what a browser does with it. */

/** The bars that there are: whose track each of them measures. */
const meters = new Set<{ track: unknown }>()
vi.mock('../../static/sound-meter.js', () => ({
  SoundMeter: class {
    track: unknown = null
    constructor() {
      meters.add(this)
    }
    follow(track: unknown): void {
      this.track = track
    }
    close(): void {
      meters.delete(this)
    }
  },
}))
beforeEach(() => meters.clear())
afterEach(() => vi.unstubAllGlobals())

class Stream {
  tracks: { readyState: string }[]
  constructor(tracks: { readyState: string }[]) {
    this.tracks = tracks
  }
  getAudioTracks() {
    return this.tracks
  }
}

/** A video element of a browser that may refuse to play with sound. */
class Video extends EventTarget {
  muted = true
  volume = 1
  paused = false
  srcObject: Stream | null = null
  refusesSound = false
  played = 0
  async play(): Promise<void> {
    this.played++
    if (!this.muted && this.refusesSound) {
      this.paused = true
      throw Object.assign(new Error('no gesture'), { name: 'NotAllowedError' })
    }
    this.paused = false
    await Promise.resolve()
  }
}

function tileWith(about: { sound?: Choices['sound']; isSilenced?: () => boolean; policy?: string } = {}) {
  vi.stubGlobal('MediaStream', Stream)
  vi.stubGlobal('navigator', { getAutoplayPolicy: () => about.policy ?? 'disallowed' })
  const video = new Video()
  const connection = { state: 'live', frameShown: () => true, playSound: vi.fn<(isOn: boolean) => void>() }
  const stored = { sound: about.sound ?? {} }
  const changed = vi.fn()
  const parts = { video, lastFrame: {} } as never
  const playback = new TileVideo(parts, connection as never, changed)
  const context = {
    choices: {
      read: () => stored as Choices,
      change: (changes: object) => void Object.assign(stored, changes),
    },
    ...(about.isSilenced && { isSilenced: about.isSilenced }),
  }
  const target = { parts: { video, level: {} } as never, playback, connection: connection as never }
  const sound = new TileSound({ ...target, key: 'camera1', context }, changed)
  const bring = (...states: string[]): void => {
    video.srcObject = new Stream(states.map((readyState) => ({ readyState })))
    sound.check()
  }
  return { video, sound, connection, stored, changed, bring, playback }
}

describe('the sound of a tile', () => {
  test('is not there without a track that lives', () => {
    const { sound, bring } = tileWith()
    sound.check()
    bring()
    bring('ended')
    expect([sound.isAvailable, sound.isOn]).toEqual([false, false])
    bring('live')
    expect([sound.isAvailable, sound.isOn]).toEqual([true, false])
  })

  test('cannot be switched on where there is none', async () => {
    const { sound, video } = tileWith()
    sound.toggle()
    await sound.set(true)
    expect(video.muted).toBe(true)
  })

  test('is told to the connection, which has the picture wait for it', async () => {
    const { sound, connection, bring } = tileWith()
    bring('live')
    expect(connection.playSound).toHaveBeenLastCalledWith(false)
    await sound.set(true)
    expect(connection.playSound).toHaveBeenLastCalledWith(true)
    await sound.set(false)
    expect(connection.playSound).toHaveBeenLastCalledWith(false)
  })

  test('keeps its button while a session is replaced, and loses it with a camera that has none', () => {
    const { sound, connection, bring } = tileWith()
    bring('live')
    connection.state = 'reconnecting'
    bring('ended')
    expect(sound.isAvailable).toBe(true)
    connection.state = 'live'
    bring()
    expect(sound.isAvailable).toBe(false)
  })

  test('a refusal leaves a picture that plays without', async () => {
    const { sound, video, playback, bring } = tileWith()
    bring('live')
    video.refusesSound = true
    await sound.set(true)
    expect([video.muted, video.paused, playback.needsTap, sound.isOn]).toEqual([true, false, false, false])
    video.refusesSound = false
    await sound.set(true)
    expect([video.muted, video.paused, sound.isOn]).toEqual([false, false, true])
  })

  test('the choice of a person is remembered for each camera, with the volume', async () => {
    const other = { camera2: { on: true, volume: 0.5 } }
    const { sound, stored, bring } = tileWith({ sound: other })
    bring('live')
    await sound.set(true)
    sound.stepVolume(-1)
    expect(stored.sound).toEqual({ ...other, camera1: { on: true, volume: 0.9 } })
    sound.setVolume(7)
    expect(sound.volume).toBe(1)
    await sound.set(false)
    expect(stored.sound['camera1']).toEqual({ on: false, volume: 1 })
  })

  test('after a reload it is on only where the browser permits it', async () => {
    const sound = { camera1: { on: true, volume: 0.4 } }
    const refused = tileWith({ sound })
    refused.bring('live')
    await vi.dynamicImportSettled()
    expect([refused.video.muted, refused.video.played, refused.sound.volume]).toEqual([true, 0, 0.4])
    expect(refused.stored.sound).toEqual(sound)
  })

  test('where the browser permits it, the choice of the last visit counts, once', async () => {
    const sound = { camera1: { on: true, volume: 0.4 } }
    const { video, bring, ...tile } = tileWith({ sound, policy: 'allowed' })
    bring('live')
    await vi.dynamicImportSettled()
    expect([video.muted, tile.sound.isOn]).toEqual([false, true])
    video.muted = true // by the browser
    tile.connection.state = 'reconnecting'
    bring()
    tile.connection.state = 'live'
    bring()
    bring('live')
    await vi.dynamicImportSettled()
    expect(video.muted).toBe(true)
  })

  test('an element that is to be silent has no sound, and none to switch on', async () => {
    let isSilenced = true
    const { sound, video, bring } = tileWith({ isSilenced: () => isSilenced })
    bring('live')
    await sound.set(true)
    expect([sound.isAvailable, video.muted]).toEqual([false, true])
    isSilenced = false
    sound.check()
    expect(sound.isAvailable).toBe(true)
  })

  test('where the volume is fixed, as on an iPhone, there is nothing to change it', () => {
    const { sound, video, bring } = tileWith()
    bring('live')
    expect(sound.hasVolume).toBe(true)
    Object.defineProperty(video, 'volume', { get: () => 1, set: () => {} })
    sound.setVolume(0.3)
    expect(sound.hasVolume).toBe(false)
  })

  test('there is a bar while it is on, and it follows the track of each session', async () => {
    const { sound, video, bring } = tileWith()
    const tracks = (): unknown[] => [...meters].map(({ track }) => track)
    bring('live')
    await vi.dynamicImportSettled()
    expect(tracks()).toEqual([])
    await sound.set(true)
    expect(tracks()).toEqual([video.srcObject?.tracks[0]])
    bring('live')
    expect(tracks()).toEqual([video.srcObject?.tracks[0]])
    await sound.set(false)
    expect(tracks()).toEqual([])
    await sound.set(true)
    video.muted = true
    video.dispatchEvent(new Event('volumechange'))
    expect(tracks()).toEqual([])
  })

  test('a tile that is gone is silent', async () => {
    const { sound, video, bring } = tileWith()
    bring('live')
    await vi.dynamicImportSettled()
    await sound.set(true)
    expect(meters.size).toBe(1)
    sound.close()
    expect([video.muted, meters.size]).toEqual([true, 0])
  })
})
