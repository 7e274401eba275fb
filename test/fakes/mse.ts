import { vi } from 'vitest'
import type { AboutClient } from '../../src/signalling/about-client.js'
import type { MediaSocket, MseOutput, MseViewers } from '../../src/signalling/mse.js'

/** A WebSocket whose network accepts everything, and what was sent. */
export function fakeMediaSocket(): MediaSocket & { media: string[] } {
  const media: string[] = []
  return {
    media,
    sendMedia: (bytes) => void media.push(Buffer.from(bytes).toString()),
    unsentMediaBytes: 0,
    mediaLagMs: 0,
  }
}

/** Viewers over HTTP that a test feeds and ends. @param refuse thrown in place of admitting. */
export function fakeMseViewers(refuse?: () => Error | undefined) {
  const sessions: {
    output: MseOutput
    about: AboutClient
    address: string
    end: (reason: string) => void
  }[] = []
  const dismissed: number[] = []
  const pagesLeft: number[] = []
  const admitMse = vi.fn<MseViewers['admitMse']>((_camera, output, address, about) => {
    const error = refuse?.()
    if (error !== undefined) throw error
    const number = sessions.length
    const ended = new Promise<string>((end) => sessions.push({ output, about, address, end }))
    return {
      ended,
      dismiss: async (reason) => {
        dismissed.push(number)
        if (reason === 'page-left') pagesLeft.push(number)
        sessions[number]!.end('asked-to-leave')
        await ended
      },
    }
  })
  return { admitMse, sessions, dismissed, pagesLeft }
}
