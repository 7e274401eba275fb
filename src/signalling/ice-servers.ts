import { createHmac } from 'node:crypto'

/** A STUN or TURN server for RTCPeerConnection (W3C WebRTC, RTCIceServer). */
export interface IceServer {
  urls: string
  username?: string
  credential?: string
}

export interface IceServerSettings {
  readonly stunServer: string | undefined
  readonly turnServers: readonly string[]
  /** The shared secret of coturn's `use-auth-secret`. */
  readonly turnSecret: string | undefined
  readonly turnUsername: string | undefined
  readonly turnPassword: string | undefined
}

/** A page fetches new credentials with every connection, so they need to outlive one session only until it is connected. */
const LIFETIME_S = 24 * 3600

/**
 * The servers for one client, with credentials that expire if there is a secret: the user name is the Unix time of expiry, the
 * password its HMAC-SHA1 (draft-uberti-behave-turn-rest-00 section 2.2).
 * @param nowS Unix time in seconds.
 */
export function iceServersFor(settings: IceServerSettings, nowS: number): IceServer[] {
  const { stunServer, turnServers } = settings
  const credentials = turnCredentials(settings, nowS)
  return [
    ...(stunServer === undefined ? [] : [{ urls: stunServer }]),
    ...turnServers.map((urls) => ({ urls, ...credentials })),
  ]
}

function turnCredentials(
  { turnSecret, turnUsername, turnPassword }: IceServerSettings,
  nowS: number,
): Pick<IceServer, 'username' | 'credential'> {
  if (turnSecret !== undefined) {
    const username = String(Math.floor(nowS) + LIFETIME_S)
    return { username, credential: createHmac('sha1', turnSecret).update(username).digest('base64') }
  }
  return turnUsername === undefined || turnPassword === undefined
    ? {}
    : { username: turnUsername, credential: turnPassword }
}

/** A `Link` header field value (RFC 9725 section 4.6). */
export function iceServerLink({ urls, username, credential }: IceServer): string {
  const link = `<${urls}>; rel="ice-server"`
  if (username === undefined || credential === undefined) return link
  return `${link}; username=${quoted(username)}; credential=${quoted(credential)}; credential-type="password"`
}

/** RFC 9110 section 5.6.4 */
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`
