import type { PushProblem } from './push-error.js'

type Known = Omit<PushProblem, 'message'> & { says: string }

/** What a status other than 201 means, by RFC 9725 and by the servers that answer with it. */
const BY_STATUS: Readonly<Record<number, Known>> = {
  400: {
    cause: 'push-bad-request',
    says: 'the server does not accept the request',
    hint: 'Compare the url with the documentation of the server. Some servers answer this when the token is missing: write token = "...".',
  },
  401: {
    cause: 'push-unauthorized',
    says: 'the server wants other credentials',
    hint: 'Write the token of the server, or user and password, into the table of this push.',
  },
  403: {
    cause: 'push-forbidden',
    says: 'the server forbids to publish here',
    hint: 'Check the token. Some servers also answer this while another publisher has the stream: it is tried again.',
  },
  404: {
    cause: 'push-not-found',
    says: 'the server has nothing at this url',
    hint: 'Check the path of the url: it must be the WHIP address of the server, with the name of a stream that exists.',
  },
  405: {
    cause: 'push-no-whip',
    says: 'the url accepts no offer',
    hint: 'Write the WHIP address: that of WHEP is for viewers, and that of a page for browsers.',
  },
  406: {
    cause: 'push-not-acceptable',
    says: 'the server does not accept the codec of the camera',
    hint: 'Allow the codec at the server, or write another codec into the table of the camera: "h264" or "vp8".',
  },
  409: {
    cause: 'push-conflict',
    says: 'the stream has another publisher',
    hint: 'End the other publisher, or publish to another name. After a broken connection servers keep the old session for some seconds.',
  },
  415: {
    cause: 'push-media-type',
    says: 'the server does not accept application/sdp',
    hint: 'Write the WHIP address of the server into url: this one is of another protocol.',
  },
  422: {
    cause: 'push-unprocessable',
    says: 'the server does not accept the offer',
    hint: 'Allow one H.264 or VP8 video without audio at the server, or write the other codec into the table of the camera.',
  },
  429: {
    cause: 'push-too-many-requests',
    says: 'the server gets too many requests',
    hint: 'It is tried again later. Check that no other program uses the same token.',
  },
  503: {
    cause: 'push-unavailable',
    says: 'the server cannot take the stream now',
    hint: 'It is tried again. Look at the log of the server, and at the media engine behind it.',
  },
}

/** @param quoted what the server says, as text that may be shown. */
export function statusProblem(status: number, quoted: string): PushProblem {
  const { cause, says, hint } = BY_STATUS[status] ?? unknownStatus(status)
  return {
    cause,
    message: `${sentence(says)} (HTTP ${status})${quoted === '' ? '' : `: "${quoted}"`}.`,
    hint,
  }
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1)

function unknownStatus(status: number): Known {
  if (status >= 500)
    return {
      cause: 'push-server-error',
      says: 'the server failed',
      hint: 'It is tried again. Look at the log of the server.',
    }
  if (status >= 300 && status < 400)
    return {
      cause: 'push-redirect-kind',
      says: 'the server redirects in a way that loses the offer',
      hint: 'Only 307 and 308 keep it (RFC 9725 section 4.5). Write the address that it redirects to into url.',
    }
  return {
    cause: 'push-unexpected-status',
    says: 'the server answers what WHIP does not know',
    hint: 'Check that url is the WHIP address of the server.',
  }
}

const MAX_QUOTED = 160

/** @param secrets are replaced: a server may repeat what it got. */
export function quotable(body: string, secrets: readonly string[]): string {
  const hidden = secrets
    .filter(({ length }) => length >= 4)
    .sort((one, other) => other.length - one.length) // one may contain another
    .reduce((text, secret) => text.replaceAll(secret, '***'), body.slice(0, 4096))
  const line = hidden
    .replaceAll(/<[^>]{0,500}>/g, ' ')
    .replaceAll(/[\p{C}\p{Z}"]+/gu, ' ')
    .trim()
  return line.length > MAX_QUOTED ? `${line.slice(0, MAX_QUOTED)}...` : line
}
