import { RTCIceGatherer, RTCIceTransport, type StunProtocol } from 'werift'
import { internalsOf } from './internals.js'

export interface IceCredentials {
  ufrag: string
  password: string
}

/** werift's ICE with our protocols in place of its sockets, our credentials, and no STUN server (by default it has a public one). */
export function openIceTransport({ ufrag, password }: IceCredentials): {
  ice: RTCIceTransport
  use: (protocols: readonly StunProtocol[]) => void
} {
  const ice = new RTCIceTransport(new RTCIceGatherer({ useIpv4: false, useIpv6: false }))
  const inside = internalsOf(ice)
  inside.stunServer = undefined
  // werift's four hex digits would collide between viewers of one port.
  inside.localUsername = ufrag
  inside.localPassword = password
  inside.userHistory = Object.assign(Object.create(null) as object, { [ufrag]: password })
  const use = (protocols: readonly StunProtocol[]): void => {
    for (const protocol of protocols) {
      inside.protocols.push(protocol)
      inside.ensureProtocol(protocol)
    }
  }
  return { ice, use }
}
