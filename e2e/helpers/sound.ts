import type { Page } from '@playwright/test'

/** What the page of a test has: see addTone(). */
export interface ToneWindow {
  tone: { context: AudioContext; gain: GainNode }
  /** The page's own AudioContexts, in the order in which it made them. */
  audioContexts: AudioContext[]
  animationFrames: number
}

/**
 * From now on every camera of the page has sound: a tone, for which tone.gain is the volume. It stands in for a server with a microphone
 * and goes into the stream of each video, as the player does it with the track of a session. A browser plays it after a gesture only.
 */
export async function addTone(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all = window as unknown as ToneWindow
    const context = new AudioContext()
    const gain = context.createGain()
    const output = context.createMediaStreamDestination()
    const oscillator = context.createOscillator()
    oscillator.connect(gain).connect(output)
    oscillator.start()
    all.tone = { context, gain }
    const track = output.stream.getAudioTracks()[0]!
    const original = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')!
    Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
      configurable: true,
      get() {
        return original.get!.call(this) as unknown
      },
      set(stream: MediaStream | null) {
        if (stream?.getVideoTracks()[0] && stream.getAudioTracks().length === 0)
          stream.addTrack(track.clone())
        original.set!.call(this, stream)
      },
    })
  })
  await countAudio(page)
}

/** Counts what the page uses to measure sound. */
export async function countAudio(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const all = window as unknown as ToneWindow
    all.audioContexts = []
    all.animationFrames = 0
    const Original = window.AudioContext
    window.AudioContext = class extends Original {
      constructor(options?: AudioContextOptions) {
        super(options)
        all.audioContexts.push(this)
      }
    }
    const request = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (callback) => {
      all.animationFrames++
      return request(callback)
    }
  })
}

/** A gesture, after which the browser lets the tone play. */
export async function startTone(page: Page, gain = 0.5): Promise<void> {
  await page.mouse.click(2, 2)
  await page.evaluate(async (value) => {
    const { context, gain: volume } = (window as unknown as ToneWindow).tone
    volume.gain.value = value
    await context.resume()
  }, gain)
}

export const setTone = async (page: Page, gain: number): Promise<void> =>
  await page.evaluate((value) => void ((window as unknown as ToneWindow).tone.gain.gain.value = value), gain)

/** The states of the page's own AudioContexts. */
export const audioContextsOf = async (page: Page): Promise<string[]> =>
  await page.evaluate(() => (window as unknown as ToneWindow).audioContexts.map(({ state }) => state))

/**
 * Evaluates in the page as its own code does. Playwright evaluates as if a person had clicked, and the browser then permits sound for as
 * long as the document lives: a test of a refusal must use nothing else on its page.
 */
export async function withoutGesture<T>(page: Page, expression: string): Promise<T> {
  const session = await page.context().newCDPSession(page)
  const options = { expression, userGesture: false, awaitPromise: true, returnByValue: true }
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', options)
  await session.detach()
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
  return result.value as T
}
