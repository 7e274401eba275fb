import type { BrowserName } from './browse.js'
import {
  connectVpn,
  moveViewer,
  renumberViewer,
  renumberViewersRouter,
  VPN_ADDRESS,
  type ChangingNetwork,
} from './changes.js'
import { lift, restrict, type Forwards } from './firewall.js'
import type { NatKind } from './nat.js'
import type { ExpectedPath } from './outcome.js'
import { between, guestNetwork, hairpin, ipv6Only, twoLinks, withMtu, type Layout } from './sites.js'

export const UDP_PORT = 8189
const WEB_PORT = 8080

export interface Network {
  name: string
  layout: Layout
  /** Of the page; 8080 unless set. */
  webPort?: number
  /** What the server is configured with and hands to browsers; none unless set. */
  stun?: 'answers' | 'IPv6' | 'unresolved'
  turn?: { transport: 'udp' | 'tcp'; port?: number }
  /** Of the viewer's router; everything unless set. */
  forwards?: Forwards
  /** Keys of camera1; a moving ball in H.264 unless set. */
  camera?: string
  /** Chromium alone unless set. */
  browsers?: readonly BrowserName[]
  /** The host name of the page, if it is not the address of the server's site. */
  origin?: string
  /** After the server has started, before the page is opened. */
  prepare?: (network: ChangingNetwork) => void
  /** How the video has to arrive. */
  path: ExpectedPath
  /** What happens while somebody watches, one after the other. */
  changes?: readonly Change[]
}

export interface Change {
  name: string
  apply: (network: ChangingNetwork) => void | Promise<void>
  /** How the video has to arrive then. */
  path: ExpectedPath
}

const NAT_KINDS: readonly NatKind[] = ['full-cone', 'address-dependent', 'port-dependent', 'symmetric']

const hasPath = (server: NatKind | 'public', viewer: NatKind | 'public'): boolean =>
  !(
    (server === 'symmetric' && (viewer === 'symmetric' || viewer === 'port-dependent')) ||
    (viewer === 'symmetric' && server === 'port-dependent')
  )

const natNetworks: Network[] = (['public', ...NAT_KINDS] as const).flatMap((server) =>
  (['public', ...NAT_KINDS] as const).map((viewer) => ({
    name: server === viewer && server === 'public' ? 'both public' : `server ${server}, viewer ${viewer}`,
    layout: between(server, viewer),
    ...(server !== 'public' && { stun: 'answers' as const }),
    ...(server === viewer && server === 'public' && { browsers: ['Chromium', 'Firefox'] as const }),
    path: hasPath(server, viewer) ? ('UDP' as const) : ('HTTP' as const),
  })),
)

const office = between('public', 'port-dependent')
const symmetric = between('symmetric', 'symmetric')

export const NETWORKS: readonly Network[] = [
  ...natNetworks,
  {
    name: 'viewer behind two routers',
    layout: between('port-dependent', ['port-dependent', 'port-dependent']),
    stun: 'answers',
    path: 'UDP',
  },
  {
    name: 'server behind two routers',
    layout: between(['address-dependent', 'port-dependent'], 'port-dependent'),
    stun: 'answers',
    path: 'UDP',
  },
  {
    name: 'both symmetric, TURN over UDP',
    layout: symmetric,
    stun: 'answers',
    turn: { transport: 'udp' },
    path: 'TURN over UDP',
  },
  {
    name: 'both symmetric, TURN over TCP',
    layout: symmetric,
    stun: 'answers',
    turn: { transport: 'tcp' },
    path: 'TURN over TCP',
  },
  {
    name: 'UDP blocked',
    layout: office,
    forwards: 'TCP',
    browsers: ['Chromium', 'Firefox'],
    path: 'TCP',
  },
  {
    name: 'UDP blocked, server behind NAT, TURN over TCP',
    layout: between('port-dependent', 'port-dependent'),
    stun: 'answers',
    turn: { transport: 'tcp' },
    forwards: 'TCP',
    path: 'TURN over TCP',
  },
  {
    name: 'everything but 443 blocked',
    layout: office,
    webPort: 443,
    forwards: [443],
    path: 'HTTP',
  },
  {
    name: 'everything but 443 blocked, TURN over TCP on 443',
    layout: office,
    webPort: 443,
    turn: { transport: 'tcp', port: 443 },
    forwards: [443],
    path: 'TURN over TCP',
  },
  {
    name: 'UDP and TCP blocked except HTTP',
    layout: office,
    forwards: [WEB_PORT],
    browsers: ['Chromium', 'Firefox'],
    path: 'HTTP',
    changes: [
      { name: 'the block is lifted', apply: ({ viewer }) => lift(viewer.routers[0]!), path: 'WebRTC' },
    ],
  },
  {
    name: 'UDP gets blocked',
    layout: office,
    path: 'UDP',
    changes: [
      { name: 'UDP is blocked', apply: ({ viewer }) => restrict(viewer.routers[0]!, 'TCP'), path: 'TCP' },
    ],
  },
  {
    name: 'everything gets blocked',
    layout: office,
    path: 'UDP',
    changes: [
      {
        name: 'everything is blocked',
        apply: ({ viewer }) => restrict(viewer.routers[0]!, 'nothing'),
        path: 'none',
      },
      { name: 'the network is back', apply: ({ viewer }) => lift(viewer.routers[0]!), path: 'UDP' },
    ],
  },
  {
    name: 'MTU 1280, without fragments',
    layout: withMtu(1280, office),
    // Noise fills every packet.
    camera: 'device = "test:snow"\nwidth = 640\nheight = 480\nfps = 10\nbitrate = 2000000\ncodec = "h264"\n',
    path: 'UDP',
  },
  { name: 'IPv6 only, two firewalls', layout: ipv6Only, stun: 'IPv6', path: 'UDP' },
  { name: 'two links, asymmetric routes', layout: twoLinks, path: 'UDP' },
  { name: 'hairpin', layout: hairpin, path: 'UDP' },
  { name: 'hairpin from a guest network, UDP port forwarded', layout: guestNetwork(UDP_PORT), path: 'UDP' },
  {
    name: 'VPN that came after the server',
    layout: office,
    origin: VPN_ADDRESS,
    prepare: connectVpn,
    path: 'UDP',
  },
  {
    name: 'VPN that appears while watching over HTTP',
    layout: office,
    forwards: [WEB_PORT],
    path: 'HTTP',
    changes: [{ name: 'the VPN appears', apply: connectVpn, path: 'UDP' }],
  },
  {
    name: 'a resolver that never answers',
    layout: between('public', 'port-dependent'),
    stun: 'unresolved',
    path: 'UDP',
  },
  ...(
    [
      ['the viewer gets another address', renumberViewer],
      ["the viewer's router gets another address", renumberViewersRouter],
      ['the viewer moves to another network', moveViewer],
    ] as const
  ).map(([name, apply]) => ({
    name,
    layout: between('port-dependent', 'port-dependent'),
    stun: 'answers' as const,
    path: 'UDP' as const,
    changes: [{ name, apply, path: 'UDP' as const }],
  })),
]

export const webPortOf = ({ webPort = WEB_PORT }: Network): number => webPort

export const usesTurn = ({ turn }: Network): boolean => turn !== undefined
