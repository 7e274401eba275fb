import { chrome } from '../support/viewer-offers.js'
import { fingerprintOf, type ViewerClient } from '../support/viewer-client.js'

const [session, audio, video] = chrome.split(/^(?=m=)/m) as [string, string, string]

type Direction = 'sendrecv' | 'recvonly'

/** Chrome's offer for transceivers that were added in this order; without candidates, as it is before it was set. */
function offerOf(direction: Direction, kinds: ('video' | 'audio')[]): string {
  const sections = kinds.map((kind, mid) =>
    (kind === 'video' ? video : audio)
      .replace(/a=mid:\d+/, `a=mid:${mid}`)
      .replace('a=recvonly', `a=${direction}`)
      .replace(/a=(candidate|end-of-candidates).*\r\n/g, ''),
  )
  return session.replace(/BUNDLE.*/, `BUNDLE ${kinds.map((_, mid) => mid).join(' ')}`) + sections.join('')
}

/** Two directions, for Mainsail asks for both; the answer has to be one of ours. */
export const mainsailOffer = offerOf('sendrecv', ['video', 'audio'])
export const fluiddOffer = offerOf('recvonly', ['video'])
export const octoprintOffer = offerOf('recvonly', ['video', 'audio'])

/** The offer as this client would make it: with its own credentials and certificate. */
export const inTheNameOf = (client: ViewerClient, offer: string): string =>
  offer
    .replaceAll(/a=ice-ufrag:\S+/g, `a=ice-ufrag:${client.ufrag}`)
    .replaceAll(/a=ice-pwd:\S+/g, `a=ice-pwd:${client.password}`)
    .replaceAll(/a=fingerprint:.*/g, `a=fingerprint:sha-256 ${fingerprintOf(client.identity)}\r`)
    .replaceAll(/\r+\n/g, '\r\n')

/** The client's own candidate, as a browser would trickle it. */
export const candidateOf = (client: ViewerClient): string =>
  `candidate:1 1 udp 2122260223 127.0.0.1 ${client.socket.address().port} typ host generation 0 ufrag ${client.ufrag}`
