import { parseAnnounced } from './announced.js'
import { key } from './key.js'
import { integer, listOf, secret, text, trueOrFalse } from './kinds.js'
import { parseTurnCredential, parseTurnServer } from './turn.js'
import * as values from './values.js'

/** The rows of [webrtc]: the way to viewers. */
export const WEBRTC_KEYS = {
  'stun-server': key(text('`"stun:HOST:PORT"` or `""`', values.parseStunServer), {
    default: '',
    applies: 'next',
    about:
      'STUN server for viewers outside your network. Browsers ask it for their public address, and the media port asks it for its own, so that most home routers need no forwarded UDP port. The port defaults to 3478. None is needed inside one network.',
  }),
  'turn-servers': key(listOf('`"turn:HOST:PORT?transport=udp"`', parseTurnServer), {
    default: [],
    applies: 'next',
    about:
      'TURN servers that relay for browsers and for [pushes](push.md) without a direct path, such as coturn. `?transport=tcp` and `turns:` pass most firewalls. Requires `webrtc.turn-secret`, or user name and password.',
  }),
  'turn-secret': key(secret('string', parseTurnCredential), {
    applies: 'next',
    about:
      "The `static-auth-secret` of coturn's `use-auth-secret`. Each client gets credentials that expire after a day.",
  }),
  'turn-username': key(secret('string', parseTurnCredential), {
    applies: 'next',
    about: 'User name for TURN servers with fixed credentials, which every client that may watch can read.',
  }),
  'turn-password': key(secret('string', parseTurnCredential), {
    applies: 'next',
    about: 'Password for `webrtc.turn-username`.',
  }),
  'max-clients': key(integer(1, 100, ' viewers of each camera'), {
    default: 4,
    applies: 'next',
    about:
      'Viewers per camera, and as many MJPEG readers. Each viewer needs its bitrate of upload bandwidth; MJPEG needs several times as much.',
  }),
  'udp-port': key(integer(0, 65535, ', and 0 selects any free port'), {
    default: 8189,
    applies: 'rebind',
    about: 'The single UDP port for all media. Open or forward this port. 0 selects any free port.',
  }),
  'udp-bind-ip': key(text('IP address', values.parseBindAddress), {
    sameAs: 'server.bind-ip',
    applies: 'rebind',
    about:
      'Address the UDP port listens on. Set `"::"` behind a reverse proxy. Ends all sessions if the port stays the same.',
  }),
  tcp: key(trueOrFalse(), {
    default: true,
    applies: 'rebind',
    about:
      'Also listen on the TCP port of the same number, for browsers that UDP does not reach (ICE over TCP). Forward it together with the UDP port.',
  }),
  announce: key(listOf('addresses and names, each with or without a port', parseAnnounced), {
    default: [],
    applies: 'next',
    about:
      'Additional addresses to offer to browsers, such as the public address of a router that forwards `webrtc.udp-port`: `"203.0.113.7"`, `"home.example.org"` (resolved by DNS every minute), or `"203.0.113.7:48189"` and `"[2001:db8::7]:48189"` if the router maps another port.',
  }),
}
