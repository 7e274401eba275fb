import { iceServersOf } from './ice-server-links.js'
import { mayName } from './named-addresses.js'
import { PushError } from './push-error.js'
import { mayFollow, sendFollowing } from './redirects.js'
import { retryAfterMs } from './retry-after.js'
import type { NamedTurnServer } from './session.js'
import { quotable, statusProblem } from './status-problems.js'
import type { WhipResponse } from './whip-request.js'

/** From the offer to the answer, redirects included. LiveKit takes up to 5 s. */
const ANSWER_LIMIT_MS = 15_000
/** At the end of a session: a shutdown waits for it. */
const DELETE_LIMIT_MS = 1500

export interface WhipServer {
  url: string
  authorization: string | undefined
  /** What no message may show. */
  secrets: readonly string[]
}

export interface Published {
  answerSdp: string
  /** Ends the session (RFC 9725 section 4.2); undefined if the server does not say where. */
  resource: URL | undefined
  /** That it named (RFC 9725 section 4.6), four at most. */
  turnServers: NamedTurnServer[]
}

/** Sends the offer. @throws PushError, or the reason of the signal. */
export async function publish(server: WhipServer, offerSdp: string, signal: AbortSignal): Promise<Published> {
  const response = await sendFollowing({
    method: 'POST',
    url: new URL(server.url),
    authorization: server.authorization,
    sdp: offerSdp,
    limitMs: ANSWER_LIMIT_MS,
    signal,
  })
  const { status, body } = response
  // Some servers answer 200.
  if (status !== 201 && status !== 200)
    throw new PushError(
      statusProblem(status, quotable(body, server.secrets)),
      retryAfterMs(response.header('retry-after')),
    )
  const resource = resourceOf(response)
  // RFC 8866 section 5: a description begins so, whatever its type says.
  if (!body.startsWith('v=0')) {
    if (resource !== undefined) await remove(server, resource)
    throw new PushError(noDescription(response))
  }
  return { answerSdp: body, resource, turnServers: turnServersOf(response) }
}

function turnServersOf({ url, addresses, headerLines }: WhipResponse): NamedTurnServer[] {
  const namedBy = { host: url.host, mayName: (address: string) => mayName(addresses, address) }
  return iceServersOf(headerLines('link')).map((server) => ({ ...server, namedBy }))
}

const noDescription = ({ status, url, header }: WhipResponse): PushError['problem'] => ({
  cause: 'push-no-answer',
  message: `${url.host} answers with HTTP ${status} and ${quotable(header('content-type') ?? 'no type', [])}, without a session description.`,
  hint: 'Check that url is the WHIP address of the server, not that of a page.',
})

/** Relative to the URL that answered. Credentials go along, so it has to be as safe as that one. */
function resourceOf({ url, header }: WhipResponse): URL | undefined {
  const location = header('location')
  if (location === undefined || !URL.canParse(location, url.href)) return undefined
  const resource = new URL(location, url)
  resource.username = resource.password = resource.hash = ''
  return mayFollow(url, resource) ? resource : undefined
}

/** Ends a session at the server. Never throws: a server that is away forgets it by itself. */
export async function remove({ authorization }: WhipServer, resource: URL): Promise<void> {
  try {
    await sendFollowing({ method: 'DELETE', url: resource, authorization, limitMs: DELETE_LIMIT_MS })
  } catch {
    // it is over in any case
  }
}
