/** Each cause is a row of docs/troubleshooting.md. */
export type ConnectCause =
  | 'not-reached'
  | 'host-firewall'
  | 'port-forwarding'
  | 'other-network'
  | 'no-candidates'
  | 'no-reply'
  | 'dtls-stopped'
  | 'small-mtu'
  | 'certificate'

/** The values in the sentences. */
export interface CauseParameters {
  /** Of the media socket. */
  port: number
  /** `UDP and TCP`, or `UDP`. */
  transports: string
  /** Those of our candidates. */
  addresses: string
  /** The first of them that the Internet routes. */
  publicAddress?: string
  publicPort?: number
  /** The client's address, as signalling sees it. */
  client?: string
}

interface Sentences {
  message: string
  hint: string
}

/** What a person reads: one sentence, and what to do. */
export const CONNECT_CAUSES: Readonly<Record<ConnectCause, (about: CauseParameters) => Sentences>> = {
  'not-reached': ({ port, transports }) => ({
    message: `No packet from this browser reaches port ${port} of the server.`,
    hint: `A firewall on the way blocks it: open port ${port} (${transports}) there, or set up a TURN server.`,
  }),
  'host-firewall': ({ port, transports }) => ({
    message: `A firewall on the server probably blocks port ${port}.`,
    hint: `Open port ${port} (${transports}): "sudo rpi-webrtc doctor" prints the command. In Docker use --network host.`,
  }),
  'port-forwarding': ({ port, transports, publicAddress = '', publicPort = port }) => ({
    message: `The server's router does not forward port ${publicPort} of ${publicAddress} to port ${port} of the server.`,
    hint: `Forward it (${transports}) in the router: "rpi-webrtc doctor --from-outside" explains how. Or set up a TURN server.`,
  }),
  'other-network': ({ addresses }) => ({
    message: `The server offers only addresses that this browser cannot reach: ${addresses}.`,
    hint: 'Set webrtc.stun-server or webrtc.announce on the server, so that it offers its public address.',
  }),
  'no-candidates': () => ({
    message: 'This browser gives WebRTC no network address.',
    hint: 'An extension or a policy of the browser blocks WebRTC: allow it for this page.',
  }),
  'no-reply': ({ port, client }) => ({
    message: "This browser's packets reach the server, but no reply gets back.",
    hint: `A firewall blocks what port ${port} sends, or the replies leave by another network: ${client === undefined ? '"ip route"' : `"ip route get ${client}"`} on the server shows which.`,
  }),
  'dtls-stopped': () => ({
    message: 'A path to the server exists, but the encrypted connection (DTLS) does not start.',
    hint: 'A firewall or VPN on the way blocks DTLS: try another network, or set up a TURN server with TLS.',
  }),
  'small-mtu': () => ({
    message: 'Small packets get through and large ones do not, as on a VPN with a small MTU.',
    hint: 'Set the MTU of the VPN to 1280 or more, and let ICMP through.',
  }),
  certificate: () => ({
    message: 'The certificate of the encrypted connection is not that of the session description.',
    hint: 'Reload the page. If that does not help, a proxy or an extension changes session descriptions.',
  }),
}

export const CONNECT_CAUSE_NAMES = Object.keys(CONNECT_CAUSES) as ConnectCause[]
